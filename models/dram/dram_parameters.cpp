#include "models/dram/dram_parameters.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "models/common/error.h"
#include "models/dram/address_map.h"

namespace aqpim::dram {

namespace {

constexpr Range<std::uint32_t> cycles = {0, 1'000'000};
constexpr Range<std::uint32_t> entries = {1, 256};
constexpr std::uint32_t most_postponed = 8;

std::vector<std::string> standard_names() {
    std::vector<std::string> names;
    for (const Standard& standard : standards()) {
        names.emplace_back(standard.name);
    }
    return names;
}

/// "HBM3 5200-attacc, 6400; HBM2 2000": what a preset's parameter may name.
template <class Preset>
std::string preset_names(std::vector<Preset> Standard::*presets) {
    std::string text;
    for (const Standard& standard : standards()) {
        text += fmt::format("{}{}", text.empty() ? "" : "; ", standard.name);
        for (const Preset& preset : standard.*presets) {
            text += fmt::format("{} {}", &preset == &(standard.*presets).front() ? "" : ",", preset.name);
        }
    }
    return text;
}

std::uint32_t cycles_of(Picoseconds time_ps, const Clock& clock) {
    const std::uint64_t scaled = time_ps * clock.period_den();
    return static_cast<std::uint32_t>((scaled + clock.period_num() - 1) / clock.period_num());
}

TimingParameters preset_timing(const SpeedPreset& speed, const DensityPreset& density) {
    TimingParameters timing = speed.timing;
    timing.nRFC = cycles_of(density.tRFCab_ps, timing.tCK);
    timing.nRFCpb = cycles_of(density.tRFCpb_ps, timing.tCK);
    return timing;
}

/// Finds what `key` names; an error says where it was given.
template <class Find>
const auto& named_by(const ParameterTable& table, const std::string& key, Find find) {
    try {
        return find();
    } catch (const InputError& error) {
        throw InputError(fmt::format("{}: {}: {}", table.find(key)->origin, key, error.what()));
    }
}

[[noreturn]] void refuse(std::string_view name, std::uint32_t found, const std::string& allowed) {
    throw InputError(fmt::format("dram.{} = {} found; allowed: {}", name, found, allowed));
}

void check_data_bus(const TimingParameters& t) {
    const std::string burst = fmt::format("at least dram.nBL = {}, or bursts would overlap", t.nBL);
    if (t.nCCDS < t.nBL) {
        refuse("nCCDS", t.nCCDS, burst);
    }
    if (t.nCCDR < t.nBL) {
        refuse("nCCDR", t.nCCDR, burst);
    }
    if (t.nRTW + t.nCWL < t.nCL + t.nBL) {
        refuse(
            "nRTW", t.nRTW,
            fmt::format("at least nCL + nBL - nCWL = {}, or write data would meet read data", t.nCL + t.nBL - t.nCWL));
    }
}

/// What an all-bank refresh may have to wait for, and one access after it, must fit between two of them.
void check_all_bank_refresh(const TimingParameters& t, std::uint32_t mac_spacing) {
    const std::uint64_t access_time = std::uint64_t{t.nRAS} + t.nRP + t.nRPab + t.nRC + t.nRCDRD + t.nRCDWR + t.nRRDS +
                                      t.nRRDL + t.nFAW + t.nCCDS + t.nCCDL + t.nCCDL_WR + t.nCCDR + t.nRTW + t.nWTRS +
                                      t.nWTRL + t.nPPD + mac_spacing;
    const std::uint64_t refresh_time = t.nRFC + 2 * access_time + t.nCL + t.nBL + t.nWR;
    if (t.nREFI <= refresh_time) {
        refuse("nREFI", t.nREFI, fmt::format("more than {}, or no time is left between refreshes", refresh_time));
    }
}

void check_per_bank_refresh(const TimingParameters& t, std::string_view standard) {
    if (t.nREFIpb == 0 || t.nRFCpb == 0) {
        throw InputError(
            fmt::format("dram.refresh = per_bank found, where dram.nREFIpb = {} and dram.nRFCpb = {}; allowed: off or "
                        "all_bank, as {} has it",
                        t.nREFIpb, t.nRFCpb, standard));
    }
    const std::uint64_t refresh_time = std::uint64_t{t.nRREFD} + t.nRC + t.nRP;
    if (t.nREFIpb <= refresh_time) {
        refuse("nREFIpb", t.nREFIpb,
               fmt::format("more than nRREFD + nRC + nRP = {}, or no time is left between refreshes", refresh_time));
    }
}

}  // namespace

void ControllerParameters::declare(ParameterSection memory) {
    memory.choice(
        fidelity, "fidelity", "detailed", {"detailed", "fast"},
        {"how DRAM accesses are timed: by a controller with queues, or in closed form in the order of arrival",
         "detailed: many outstanding random accesses need it"});
    memory.choice(scheduler, "scheduler", "fr_fcfs", {"fr_fcfs", "fcfs"},
                  {"order of requests in a queue: row hits first, or as they came", "Rixner et al., ISCA 2000"});
    memory.count(age_cap, "age_cap", 0, cycles,
                 {"cycles after which a request goes before younger row hits; 0: never", "open"});
    memory.choice(page_policy, "page_policy", "open", {"open", "closed", "timeout"},
                  {"when a row is closed: for another row, after its last queued access, or after page_timeout",
                   "open: the reference simulators' default"});
    memory.count(page_timeout, "page_timeout", 200, cycles,
                 {"cycles without an access after which a row is closed", "open"});
    memory.count(read_queue, "read_queue", 32, entries, {"entries of the read queue", "Ramulator2"});
    memory.count(write_queue, "write_queue", 32, entries, {"entries of the write queue", "Ramulator2"});
    memory.real(write_high, "write_high", 0.8, {0, 1},
                {"share of the write queue at which it is drained", "Ramulator2"});
    memory.real(write_low, "write_low", 0.2, {0, 1}, {"share of the write queue at which draining ends", "Ramulator2"});
    memory.flag(dmi, "dmi", false,
                {"direct memory pointers are granted: accesses through them take a row hit's time and disturb nobody",
                 "off: every access takes its time"});
}

void ControllerParameters::check() const {
    if (write_low >= write_high) {
        throw InputError(fmt::format("memory.write_low = {} found; allowed: less than memory.write_high = {}",
                                     write_low, write_high));
    }
}

Fidelity ControllerParameters::fidelity_kind() const {
    return fidelity == "fast" ? Fidelity::fast : Fidelity::detailed;
}

SchedulerKind ControllerParameters::scheduler_kind() const {
    return scheduler == "fcfs" ? SchedulerKind::fcfs : SchedulerKind::fr_fcfs;
}

PagePolicyKind ControllerParameters::page_policy_kind() const {
    if (page_policy == "closed") {
        return PagePolicyKind::closed;
    }
    return page_policy == "timeout" ? PagePolicyKind::timeout : PagePolicyKind::open;
}

void DramParameters::declare_dram(ParameterSection dram) {
    constexpr auto of_density = "preset of dram.density";
    const Standard& first = standards().front();
    const DensityPreset& size = first.densities.front();
    const Organization& o = size.organization;
    timing = preset_timing(first.speeds.front(), size);

    dram.choice(standard, "standard", std::string(first.name), standard_names(),
                {"DRAM standard, which gives timing rules and presets", "HBM3-PIM, system.md §3"});
    dram.text(
        speed, "speed", std::string(default_preset),
        {fmt::format("speed preset, which gives tCK and what is counted in it; default: the standard's first ({})",
                     preset_names(&Standard::speeds)),
         "HBM3: AttAcc's at 5.2 Gb/s, system.md §3"});
    dram.text(
        density, "density", std::string(default_preset),
        {fmt::format("density preset, which gives organisation, nRFC and nRFCpb; default: the standard's first ({})",
                     preset_names(&Standard::densities)),
         "HBM3: 16 GiB in a stack, system.md §3"});
    dram.power_of_two(pseudo_channels, "pseudo_channels", o.pseudo_channels, {1, 4},
                      {"pseudo-channels of a channel", of_density});
    dram.power_of_two(ranks, "ranks", o.ranks, {1, 4}, {"ranks (stack ids) of a pseudo-channel", of_density});
    dram.power_of_two(bank_groups, "bank_groups", o.bank_groups, {1, 8}, {"bank groups of a rank", of_density});
    dram.power_of_two(banks, "banks", o.banks, {1, 8}, {"banks of a bank group", of_density});
    dram.power_of_two(rows, "rows", o.rows, {1, 1u << 20}, {"rows of a bank", of_density});
    dram.power_of_two(columns, "columns", o.columns, {1, 256}, {"columns of a row, of one burst each", of_density});
    dram.power_of_two(burst_bytes, "burst_bytes", o.burst_bytes, {8, 128}, {"bytes of a burst", of_density});
    timing.declare(dram);
    dram.choice(refresh, "refresh", "all_bank", {"off", "all_bank", "per_bank"},
                {"which refreshes are made", "open: as in the reference simulators"});
    dram.count(refresh_postpone, "refresh_postpone", most_postponed, {0, most_postponed},
               {"refreshes that may wait for accesses to end", "JESD238: at most eight"});
    dram.text(address_map, "address_map", std::string(default_address_map),
              {"fields of an address from the most significant; the PIM device needs the default order",
               "subvector to bank, low address bits: system.md §3"});
    dram.text(address_hash, "address_hash", "none",
              {"fields XORed with bits of another: none, or a list such as bank^row[1:0],channel^row", "open"});
    dram.time(controller_latency, "controller_latency", "10ns",
              {"from a request's arrival to its first command", "open"});
    faults.declare(dram);
}

void DramParameters::declare_pim(ParameterSection pim) {
    pim.power_of_two(stacks, "stacks", 1, {1, 16}, {"stacks of PIM memory", "open; the paper has four"});
    pim.power_of_two(channels_per_stack, "channels", 16, {1, 64}, {"channels of a stack", "HBM3-PIM, system.md §3"});
    pim.count(mac_spacing, "mac_spacing", 6, {1, 1024},
              {"cycles between all-bank MACs (tCCD_AB)", "AttAcc: 6 under the power limit, 4 without"});
    pim.choice(activate_all, "activate_all", "once", {"once", "four", "eight"},
               {"banks of a rank that an all-bank activate opens per tFAW: all at once, four or eight",
                "once: AttAcc; four: NeuPIMs; eight: Samsung's HBM-PIM"});
    pim.flag(moves_share_bus, "moves_share_bus", true,
             {"PIM_WR, PIM_RD, PIM_MV_BA and PIM_MV_BF take slots of the column bus; otherwise they hide under MACs",
              "open, system.md §3"});
    pim.count(mode_change, "mode_change", 0, cycles,
              {"cycles between ordinary accesses and all-bank commands, either way", "AttAcc: none"});
}

void DramParameters::apply_presets(ParameterTable& table) const {
    const Standard& chosen = standard_table();
    const SpeedPreset& fast = named_by(
        table, "dram.speed", [&]() -> const auto& { return find_speed(chosen, speed); });
    const DensityPreset& size = named_by(
        table, "dram.density", [&]() -> const auto& { return find_density(chosen, density); });
    const TimingParameters figures = preset_timing(fast, size);
    const Organization& o = size.organization;

    const std::string of_speed = fmt::format("{}{} {}", preset_origin, chosen.name, fast.name);
    const std::string of_density = fmt::format("{}{} {}", preset_origin, chosen.name, size.name);
    table.set_default("dram.tCK", clock_text(figures.tCK), of_speed);
    for (const TimingField& field : timing_fields) {
        const bool is_refresh = field.field == &TimingParameters::nRFC || field.field == &TimingParameters::nRFCpb;
        table.set_default(fmt::format("dram.{}", field.name), fmt::to_string(figures.*field.field),
                          is_refresh ? of_density : of_speed);
    }
    const std::array<std::pair<const char*, std::uint32_t>, 7> organisation = {
        {{"dram.pseudo_channels", o.pseudo_channels},
         {"dram.ranks", o.ranks},
         {"dram.bank_groups", o.bank_groups},
         {"dram.banks", o.banks},
         {"dram.rows", o.rows},
         {"dram.columns", o.columns},
         {"dram.burst_bytes", o.burst_bytes}}};
    for (const auto& [key, count] : organisation) {
        table.set_default(key, fmt::to_string(count), of_density);
    }
}

Organization DramParameters::organization() const {
    return {stacks * channels_per_stack, pseudo_channels, ranks, bank_groups, banks, rows, columns, burst_bytes};
}

RefreshKind DramParameters::refresh_kind() const {
    if (refresh == "off") {
        return RefreshKind::off;
    }
    return refresh == "per_bank" ? RefreshKind::per_bank : RefreshKind::all_bank;
}

ConstraintTable DramParameters::constraints() const {
    const std::uint32_t banks_of_rank = bank_groups * banks;
    std::uint32_t windows = 1;
    if (activate_all != "once") {
        const std::uint32_t at_once = activate_all == "four" ? 4 : 8;
        windows = (banks_of_rank + at_once - 1) / at_once;
    }
    ConstraintTable table = standard_table().constraints(timing);
    append(table, pim_rows(timing, {mac_spacing, moves_share_bus, (windows - 1) * timing.nFAW}));
    return from_first_tick(table, timing.activate_ticks);
}

void DramParameters::check() const {
    controller.check();
    check_data_bus(timing);
    if (refresh_kind() == RefreshKind::all_bank) {
        check_all_bank_refresh(timing, mac_spacing);
    } else if (refresh_kind() == RefreshKind::per_bank) {
        check_per_bank_refresh(timing, standard);
    }
}

}  // namespace aqpim::dram

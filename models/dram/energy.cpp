#include "models/dram/energy.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/common/error.h"

namespace aqpim::dram {

namespace {

constexpr double bits_per_byte = 8;
constexpr double fj_per_pj = 1000;

/// fJ = mW x ps.
double energy_pj(double power_mw, double time_ps) {
    return power_mw * time_ps / fj_per_pj;
}

double as_real(std::uint64_t count) {
    return static_cast<double>(count);
}

[[noreturn]] void refuse(std::string_view key, double found, std::string_view unit, std::string_view why) {
    throw InputError(fmt::format("energy.{}: {} {} found; {}", key, found, unit, why));
}

}  // namespace

void EnergyParameters::declare(ParameterSection energy) {
    energy.choice(model, "model", "per_bit", {"per_bit", "currents"},
                  {"where activates, host accesses, refreshes and background come from: energy per bit, or idd0 to vdd",
                   "system.md §4 gives energy per bit"});
    declare_per_bit(energy);
    energy.energy(mac_pj, "mac", "0.32pJ", {"an fp16 multiply-accumulate", "system.md §4"});
    energy.choice(lookup_charge, "lookup_charge", "value", {"value", "column"},
                  {"what a lookup is charged: the 2 B it returns, or the 32 B column", "open, system.md §4"});
    energy.power(buffer_engine_mw, "buffer_engine", "0mW",
                 {"a channel's buffer engine while it computes a softmax", "open: system.md §4 gives none"});
    declare_currents(energy);
}

void EnergyParameters::declare_per_bit(ParameterSection energy) {
    energy.energy_per_bit(activate_pj, "activate", "0.11pJ/bit",
                          {"activate and precharge, for each bit of the row", "system.md §4"});
    energy.energy_per_bit(cell_pj, "cell", "0.44pJ/bit",
                          {"read or write of a cell; bank-level PIM access is activate + cell", "system.md §4"});
    energy.energy_per_bit(host_path_pj, "host_path", "3.59pJ/bit",
                          {"whole read path from cell to interface, activate and cell included; a move takes the rest",
                           "system.md §4; for moves open, an upper bound"});
    energy.energy(refresh_all_bank_pj, "refresh_all_bank", "0pJ", {"one REFab", "open: system.md §4 gives none"});
    energy.energy(refresh_per_bank_pj, "refresh_per_bank", "0pJ", {"one REFpb", "open: system.md §4 gives none"});
    energy.power(background_precharged_mw, "background_precharged", "0mW",
                 {"one rank of one pseudo-channel while all its banks are closed", "open: system.md §4 gives none"});
    energy.power(
        background_active_mw, "background_active", "0mW",
        {"one rank of one pseudo-channel while a bank is open or a REFab under way", "open: system.md §4 gives none"});
}

void EnergyParameters::declare_currents(ParameterSection energy) {
    const std::string source = "of energy.model = currents only: the data sheet";
    energy.current(idd0_ma, "idd0", "0mA", {"IDD0 of one device: activate and precharge of one bank at tRC", source});
    energy.current(idd2n_ma, "idd2n", "0mA", {"IDD2N: all banks precharged", source});
    energy.current(idd3n_ma, "idd3n", "0mA", {"IDD3N: banks open", source});
    energy.current(idd4r_ma, "idd4r", "0mA", {"IDD4R: reads without a gap", source});
    energy.current(idd4w_ma, "idd4w", "0mA", {"IDD4W: writes without a gap", source});
    energy.current(idd5b_ma, "idd5b", "0mA", {"IDD5B: all-bank refreshes at tRFC", source});
    energy.current(idd5pb_ma, "idd5pb", "0mA", {"IDD5PB: per-bank refreshes at tRFCpb; 0mA: not charged", source});
    energy.voltage(vdd_v, "vdd", "0V", {"VDD", source});
    energy.count(devices_per_rank, "devices_per_rank", 1, {1, 64},
                 {"devices that share a rank's commands", "one; eight of 8 bits on a DDR4 module"});
}

void EnergyParameters::check(const TimingParameters& timing) const {
    if (host_path_pj < activate_pj + cell_pj) {
        refuse("host_path", host_path_pj, "pJ/bit",
               fmt::format("it includes activate and cell, {} pJ/bit or more is allowed", activate_pj + cell_pj));
    }
    if (model != "currents") {
        return;
    }
    if (vdd_v == 0) {
        refuse("vdd", vdd_v, "V", "energy.model = currents needs one above zero");
    }
    const auto at_least = [](std::string_view key, double found, std::string_view other, double least) {
        if (found < least) {
            refuse(key, found, "mA", fmt::format("{} mA or more is allowed: {}", least, other));
        }
    };
    at_least("idd3n", idd3n_ma, "energy.idd2n", idd2n_ma);
    at_least("idd4r", idd4r_ma, "energy.idd3n", idd3n_ma);
    at_least("idd4w", idd4w_ma, "energy.idd3n", idd3n_ma);
    at_least("idd5b", idd5b_ma, "energy.idd3n", idd3n_ma);
    if (idd5pb_ma != 0) {
        at_least("idd5pb", idd5pb_ma, "energy.idd3n", idd3n_ma);
    }
    const double open_share = std::min(1.0, as_real(timing.nRAS) / as_real(timing.nRC));
    at_least("idd0", idd0_ma, "the background of idd3n for tRAS and idd2n for the rest of tRC",
             idd3n_ma * open_share + idd2n_ma * (1 - open_share));
}

EnergyModel::EnergyModel(const EnergyParameters& parameters, const Organization& organization,
                         const TimingParameters& timing)
    : parameters_(parameters),
      organization_(organization),
      timing_(timing),
      costs_(parameters.model == "currents" ? costs_of_currents() : per_bit_costs()) {}

EnergyModel::Costs EnergyModel::per_bit_costs() const {
    const double access_pj =
        organization_.burst_bytes * bits_per_byte * (parameters_.host_path_pj - parameters_.activate_pj);
    return {organization_.row_bytes() * bits_per_byte * parameters_.activate_pj,
            access_pj,
            access_pj,
            parameters_.refresh_all_bank_pj,
            parameters_.refresh_per_bank_pj,
            parameters_.background_precharged_mw,
            parameters_.background_active_mw};
}

/// As Micron's technical notes TN-41-01 and TN-40-07 take a device's power apart: each command costs what its current
/// is above the standby current of the state it works in.
EnergyModel::Costs EnergyModel::costs_of_currents() const {
    const EnergyParameters& p = parameters_;
    const auto rank_mw = [&](double current_ma) { return current_ma * p.vdd_v * p.devices_per_rank; };
    const auto cycles_ps = [&](std::uint32_t cycles) { return cycles * timing_.tCK.period_ps(); };
    const auto above_active = [&](double current_ma, std::uint32_t cycles) {
        return energy_pj(rank_mw(current_ma - p.idd3n_ma), cycles_ps(cycles));
    };
    const double open_ps = cycles_ps(timing_.nRAS);
    const double closed_ps = cycles_ps(timing_.nRC) - open_ps;
    return {energy_pj(rank_mw(p.idd0_ma - p.idd3n_ma), open_ps) + energy_pj(rank_mw(p.idd0_ma - p.idd2n_ma), closed_ps),
            above_active(p.idd4r_ma, timing_.nBL),
            above_active(p.idd4w_ma, timing_.nBL),
            above_active(p.idd5b_ma, timing_.nRFC),
            p.idd5pb_ma == 0 ? 0 : above_active(p.idd5pb_ma, timing_.nRFCpb),
            rank_mw(p.idd2n_ma),
            rank_mw(p.idd3n_ma)};
}

std::vector<EnergyCharge> EnergyModel::charges(const Counters& counters, Picoseconds elapsed_ps,
                                               std::uint32_t channels) const {
    std::vector<EnergyCharge> charges;
    add_interface_charges(charges, counters);
    add_pim_charges(charges, counters);
    add_background(charges, counters, as_real(elapsed_ps) * channels);
    return charges;
}

void EnergyModel::add_interface_charges(std::vector<EnergyCharge>& charges, const Counters& counters) const {
    const auto charge = [&](Command command, std::string_view component, double each_pj) {
        charges.push_back({info(command).name, component, as_real(counters.commands[index_of(command)]) * each_pj});
    };
    charge(Command::ACT, "activate", costs_.activate_pj);
    charge(Command::RD, "host_access", costs_.read_pj);
    charge(Command::RDA, "host_access", costs_.read_pj);
    charge(Command::WR, "host_access", costs_.write_pj);
    charge(Command::WRA, "host_access", costs_.write_pj);
    charge(Command::REFab, "refresh", costs_.refresh_all_bank_pj);
    charge(Command::REFpb, "refresh", costs_.refresh_per_bank_pj);
}

void EnergyModel::add_pim_charges(std::vector<EnergyCharge>& charges, const Counters& counters) const {
    constexpr double value_bits = 16;
    const EnergyParameters& p = parameters_;
    const double banks = organization_.banks_per_channel();
    const double burst_bits = organization_.burst_bytes * bits_per_byte;
    const double column_pj = burst_bits * p.cell_pj;
    const double move_pj = burst_bits * (p.host_path_pj - p.activate_pj - p.cell_pj);
    const double lookup_pj = (p.lookup_charge == "value" ? value_bits : burst_bits) * p.cell_pj;
    const double softmax_ps = as_real(timing_.tick_clock().at(counters.softmax_ticks));

    const auto charge = [&](Command command, std::string_view component, double pj) {
        charges.push_back({info(command).name, component, pj});
    };
    const auto issued = [&](Command command) { return as_real(counters.commands[index_of(command)]); };
    const auto moved = [&](Command command) { return as_real(counters.moved_bursts[index_of(command)]); };
    charge(Command::PIM_ACT_AB, "activate", issued(Command::PIM_ACT_AB) * banks * costs_.activate_pj);
    charge(Command::PIM_MAC_AB, "pim_access", issued(Command::PIM_MAC_AB) * banks * column_pj);
    charge(Command::PIM_MAC_AB, "mac", as_real(counters.macs) * p.mac_pj);
    charge(Command::PIM_LDC, "pim_access", issued(Command::PIM_LDC) * banks * column_pj);
    charge(Command::PIM_RET, "lookup", as_real(counters.lookups) * lookup_pj);
    charge(Command::PIM_SFM, "softmax", energy_pj(p.buffer_engine_mw, softmax_ps));
    for (const Command command : {Command::PIM_WR, Command::PIM_RD, Command::PIM_MV_BA, Command::PIM_MV_BF}) {
        charge(command, "move", moved(command) * move_pj);
    }
    for (const Command command : {Command::PIM_MV_BA_ROW, Command::PIM_MV_BF_ROW}) {
        charge(command, "move", moved(command) * move_pj);
        charge(command, "pim_access", moved(command) * column_pj);
    }
}

void EnergyModel::add_background(std::vector<EnergyCharge>& charges, const Counters& counters,
                                 double channels_ps) const {
    const double ranks = organization_.pseudo_channels * organization_.ranks;
    const Ticks refreshing = counters.commands[index_of(Command::REFab)] * timing_.ticks(timing_.nRFC);
    const double total_ps = channels_ps * ranks;
    const double active_ps =
        std::min(total_ps, as_real(timing_.tick_clock().at(counters.active_rank_ticks + refreshing)));
    charges.push_back({"background_active", "background", energy_pj(costs_.active_mw, active_ps)});
    charges.push_back({"background_precharged", "background", energy_pj(costs_.precharged_mw, total_ps - active_ps)});
}

std::map<std::string, double> energy_by_component(const std::vector<EnergyCharge>& charges) {
    std::map<std::string, double> sums;
    for (const EnergyCharge& charge : charges) {
        sums[std::string(charge.component)] += charge.pj;
    }
    return sums;
}

std::map<std::string, double> energy_by_command(const std::vector<EnergyCharge>& charges) {
    std::map<std::string, double> sums;
    for (const EnergyCharge& charge : charges) {
        sums[std::string(charge.name)] += charge.pj;
    }
    return sums;
}

}  // namespace aqpim::dram

#include "models/dram/dram_parameters.h"

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/dram/address_map.h"

namespace aqpim::dram {

void DramParameters::declare_dram(ParameterSection dram) {
    constexpr auto organisation = "HBM3-PIM, system.md §3";
    dram.power_of_two(pseudo_channels, "pseudo_channels", 2, {1, 4}, {"pseudo-channels of a channel", organisation});
    dram.power_of_two(ranks, "ranks", 2, {1, 4}, {"ranks (stack ids) of a pseudo-channel", organisation});
    dram.power_of_two(bank_groups, "bank_groups", 4, {1, 8}, {"bank groups of a rank", organisation});
    dram.power_of_two(banks, "banks", 4, {1, 8}, {"banks of a bank group", organisation});
    dram.power_of_two(rows, "rows", 16384, {1, 1u << 20}, {"rows of a bank", "16 GiB in a stack, system.md §3"});
    dram.power_of_two(columns, "columns", 32, {1, 256}, {"columns of 32 B in a row", organisation});
    timing.declare(dram);
    dram.choice(refresh, "refresh", "row_boundary", {"off", "row_boundary", "immediate"},
                {"when all-bank refreshes are made: never; when idle or when a row is opened or closed, postponed by "
                 "tREFI at most eight times; as soon as due",
                 "open: at a row boundary no all-bank sweep has to open its row twice"});
    dram.text(address_map, "address_map", std::string(default_address_map),
              {"fields of an address from the most significant; the PIM device needs the default order",
               "subvector to bank, low address bits: system.md §3"});
    dram.time(controller_latency, "controller_latency", "10ns",
              {"from a request's arrival to its first command", "open"});
}

void DramParameters::declare_pim(ParameterSection pim) {
    pim.power_of_two(stacks, "stacks", 1, {1, 16}, {"stacks of PIM memory", "open; the paper has four"});
    pim.power_of_two(channels_per_stack, "channels", 16, {1, 64}, {"channels of a stack", "HBM3-PIM, system.md §3"});
    pim.count(mac_spacing, "mac_spacing", 6, {1, 1024},
              {"cycles between all-bank MACs (tCCD_AB)", "AttAcc: 6 under the power limit, 4 without"});
    pim.choice(activate_all, "activate_all", "once", {"once"},
               {"how every bank is opened: one all-bank activate, no tFAW", "AttAcc"});
    pim.flag(moves_share_bus, "moves_share_bus", true,
             {"PIM_WR, PIM_RD, PIM_MV_BA and PIM_MV_BF take slots of the column bus; otherwise they hide under MACs",
              "open, system.md §3"});
}

Organization DramParameters::organization() const {
    Organization organization;
    organization.channels = stacks * channels_per_stack;
    organization.pseudo_channels = pseudo_channels;
    organization.ranks = ranks;
    organization.bank_groups = bank_groups;
    organization.banks = banks;
    organization.rows = rows;
    organization.columns = columns;
    return organization;
}

RefreshPolicy DramParameters::refresh_policy() const {
    if (refresh == "off") {
        return RefreshPolicy::off;
    }
    return refresh == "immediate" ? RefreshPolicy::immediate : RefreshPolicy::row_boundary;
}

void DramParameters::check() const {
    const TimingParameters& t = timing;
    if (t.nCCDS < t.nBL || t.nCCDR < t.nBL) {
        throw InputError(
            fmt::format("dram.nCCDS = {} and dram.nCCDR = {} must be at least dram.nBL = {}, or bursts would "
                        "overlap",
                        t.nCCDS, t.nCCDR, t.nBL));
    }
    if (t.nCL < t.nCWL) {
        throw InputError(fmt::format("dram.nCL = {} must be at least dram.nCWL = {}", t.nCL, t.nCWL));
    }
    if (t.nRTW + t.nCWL < t.nCL + t.nBL) {
        throw InputError(
            fmt::format("dram.nRTW = {} must be at least nCL + nBL - nCWL = {}, or write data would meet "
                        "read data",
                        t.nRTW, t.nCL + t.nBL - t.nCWL));
    }
    // What a refresh may have to wait for, and one access after it, must fit between two refreshes.
    const std::uint64_t access_time = std::uint64_t{t.nRAS} + t.nRP + t.nRC + t.nRCDRD + t.nRCDWR + t.nRRDS + t.nRRDL +
                                      t.nFAW + t.nCCDS + t.nCCDL + t.nCCDR + t.nRTW + t.nWTRS + t.nWTRL + mac_spacing;
    const std::uint64_t refresh_time = t.nRFC + 2 * access_time + t.nCL + t.nBL + t.nWR;
    if (refresh_policy() != RefreshPolicy::off && t.nREFI <= refresh_time) {
        throw InputError(fmt::format("dram.nREFI = {} leaves no time between refreshes; allowed: more than {}", t.nREFI,
                                     refresh_time));
    }
}

}  // namespace aqpim::dram

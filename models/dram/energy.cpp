#include "models/dram/energy.h"

namespace aqpim::dram {

void EnergyParameters::declare(ParameterSection energy) {
    energy.energy_per_bit(activate_pj, "activate", "0.11pJ/bit",
                          {"activate and precharge, for each bit of the row", "system.md §4"});
    energy.energy_per_bit(cell_pj, "cell", "0.44pJ/bit",
                          {"read or write of a cell; bank-level PIM access is activate + cell", "system.md §4"});
    energy.energy_per_bit(host_path_pj, "host_path", "3.59pJ/bit",
                          {"whole read path from cell to interface, activate and cell included; a move takes the rest",
                           "system.md §4; for moves open, an upper bound"});
    energy.energy(mac_pj, "mac", "0.32pJ", {"an fp16 multiply-accumulate", "system.md §4"});
    energy.choice(lookup_charge, "lookup_charge", "value", {"value", "column"},
                  {"what a lookup is charged: the 2 B it returns, or the 32 B column", "open, system.md §4"});
}

std::map<std::string, double> energy_pj(const Counters& counters, const Organization& organization,
                                        const EnergyParameters& parameters) {
    constexpr double bits_per_byte = 8;
    constexpr double value_bits = 16;
    const double burst_bits = organization.burst_bytes * bits_per_byte;
    const double row_bits = organization.row_bytes() * bits_per_byte;
    const double transport_pj = parameters.host_path_pj - parameters.activate_pj - parameters.cell_pj;
    const double lookup_bits = parameters.lookup_charge == "value" ? value_bits : burst_bits;
    const auto count = [](std::uint64_t counter) { return static_cast<double>(counter); };
    return {
        {"activate", count(counters.activates) * row_bits * parameters.activate_pj},
        {"host_access", count(counters.reads + counters.writes) * burst_bits * (parameters.cell_pj + transport_pj)},
        {"pim_access", count(counters.pim_columns) * burst_bits * parameters.cell_pj},
        {"lookup", count(counters.lookups) * lookup_bits * parameters.cell_pj},
        {"move", count(counters.moved_bits) * transport_pj},
        {"mac", count(counters.macs) * parameters.mac_pj},
    };
}

}  // namespace aqpim::dram

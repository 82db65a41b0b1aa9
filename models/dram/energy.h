#pragma once

#include <map>
#include <string>

#include "models/common/parameter.h"
#include "models/dram/counters.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// What the memory's activity costs (system.md §4). Figures per bit hold for a row of which every bit is used once:
/// opening a row costs `activate_pj` for each of its bits, however many are used.
struct EnergyParameters {
    double activate_pj = 0;   ///< activate and precharge, per bit of the row
    double cell_pj = 0;       ///< a column access, per bit; bank-level PIM pays activate + cell = 0.55
    double host_path_pj = 0;  ///< the whole way from the cell to the interface, activate and cell included, per bit
    double mac_pj = 0;        ///< one fp16 multiply-accumulate
    std::string lookup_charge;

    void declare(ParameterSection energy);
};

/// Energy in pJ by component: activate, host_access, pim_access, lookup, move, mac. Refresh is not charged: no source
/// gives its figure.
std::map<std::string, double> energy_pj(const Counters& counters, const Organization& organization,
                                        const EnergyParameters& parameters);

}  // namespace aqpim::dram

#pragma once

#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/command.h"
#include "models/dram/timing.h"

namespace aqpim::dram {

/// One timing rule: once a command of `preceding` has addressed a node of `level`, no command of `following` may
/// address the same node for `latency` cycles.
struct Constraint {
    Level level;
    std::vector<Command> preceding;
    std::vector<Command> following;
    Ticks latency;
    std::uint32_t window = 1;  ///< counts from the window-th last of `preceding` (tFAW: 4)
    bool sibling = false;      ///< holds for the node's siblings instead (another rank of the same pseudo-channel)
};

using ConstraintTable = std::vector<Constraint>;

/// JESD238's rules with the PIM commands as further rows. `mac_spacing`: of all-bank MACs, in cycles;
/// `moves_share_bus`: register moves and sweeps take slots of one column bus.
ConstraintTable hbm3_pim_constraints(const TimingParameters& timing, Ticks mac_spacing, bool moves_share_bus);

}  // namespace aqpim::dram

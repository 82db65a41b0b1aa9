#pragma once

#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/command.h"
#include "models/dram/timing.h"

namespace aqpim::dram {

/// One timing rule: once a command of `preceding` has addressed a node of `level`, no command of `following` may
/// address the same node for `latency` ticks. A command that takes its bus for several ticks counts from the last one
/// if it is an activate, from the first one otherwise.
struct Constraint {
    Level level;
    std::vector<Command> preceding;
    std::vector<Command> following;
    Ticks latency;
    std::uint32_t window = 1;  ///< counts from the window-th last of `preceding` (tFAW: 4)
    bool sibling = false;      ///< holds for the node's siblings instead (another rank of the same pseudo-channel)
};

using ConstraintTable = std::vector<Constraint>;

void append(ConstraintTable& table, const ConstraintTable& rows);

/// What all standards have in common: commands to one bank, between banks of a bank group and of a rank, and to all
/// banks of a rank. In ticks.
ConstraintTable jedec_rows(const TimingParameters& timing);

/// What depends on the PIM commands, as further rows of the same table.
struct PimTiming {
    std::uint32_t mac_spacing;      ///< of all-bank MACs, in cycles
    bool moves_share_bus;           ///< register moves and sweeps take slots of one column bus
    std::uint32_t activate_spread;  ///< cycles from an all-bank activate's first bank to its last
};
ConstraintTable pim_rows(const TimingParameters& timing, const PimTiming& pim);

/// The same rules, all of them counted from the first tick of a command, when an activate takes `activate_ticks`.
ConstraintTable from_first_tick(const ConstraintTable& table, std::uint32_t activate_ticks);

}  // namespace aqpim::dram

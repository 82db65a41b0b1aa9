#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/dram/channel.h"

namespace aqpim {

/// Which part of a channel a step keeps busy.
enum class PimUnit : std::uint8_t { bank_engines, moves, buffer_engine };
inline constexpr std::size_t pim_unit_count = 3;

/// A step of a program in which banks, data moves and the buffer engine go on side by side: its first command waits for
/// the steps that it depends on, and for nothing else but the timing table. Steps of one unit go in the order of the
/// program.
struct LaneStep {
    std::string_view name;
    PimUnit unit;
    std::vector<dram::PimCommand> commands;
    std::vector<std::size_t> after;  ///< indices of earlier steps
    bool joins_group = false;        ///< waits for them on every channel of the group
    std::uint64_t lookups = 0;       ///< table values that each bank returns
    std::uint32_t products = 1;      ///< of a lane in a slot of PIM_MAC_AB: more with narrow values or shared columns
};

/// What the channels of one group (or the one channel that groups share) carry out.
using LaneProgram = std::vector<LaneStep>;

}  // namespace aqpim

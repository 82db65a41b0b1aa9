#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/dram/channel.h"
#include "models/pim/program_builder.h"

namespace aqpim {

/// A step of a program in which banks and data moves go on side by side: its first command waits for the steps that it
/// depends on, and for nothing else but the timing table. Steps of the bank engines are in the order of the program,
/// and so are moves.
struct LaneStep {
    std::string_view name;
    PimUnit unit;
    std::uint32_t set;  ///< on the channels that have a head in this set
    std::vector<dram::PimCommand> commands;
    std::vector<std::size_t> after;  ///< indices of earlier steps
    bool joins_group = false;        ///< waits for them on every channel of the group
};

using LaneProgram = std::vector<LaneStep>;

}  // namespace aqpim

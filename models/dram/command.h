#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aqpim::dram {

/// Levels of the hierarchy, from the top.
enum class Level : std::uint8_t { channel, pseudo_channel, rank, bank_group, bank };
inline constexpr std::size_t level_count = 5;

/// JEDEC's commands and those of PIM, spelled as in the command trace.
enum class Command : std::uint8_t {
    ACT,
    PRE,
    PREA,  ///< every bank of one rank in one pseudo-channel
    RD,
    RDA,
    WR,
    WRA,
    REFab,  ///< every bank of one rank in one pseudo-channel
    REFpb,
    PIM_PREA,        ///< PREA of every bank of the channel
    PIM_SET_CONFIG,  ///< mode of the channel's engines
    PIM_WR,          ///< 32 B from the interface, broadcast to the registers of the channel's engines
    PIM_ACT_AB,      ///< opens one row in every bank
    PIM_MAC_AB,      ///< every bank engine works on one column of its open row
    PIM_RET,         ///< a slot of lookups in every bank's open row; codes in registers drive the column decoders
    PIM_LDC,         ///< every bank loads one column of codes into its code registers
    PIM_MV_BA,       ///< 32 B from a bank engine's registers to the buffer die, one in each pseudo-channel
    PIM_MV_BF,       ///< 32 B from the buffer die to bank engines' registers, one in each pseudo-channel
    PIM_MV_BA_ROW,   ///< PIM_MV_BA that reads the bank's open row
    PIM_MV_BF_ROW,   ///< PIM_MV_BF that writes the banks' open rows
    PIM_SFM,         ///< softmax in the buffer engine
    PIM_RD,          ///< 32 B of result to the interface, one in each pseudo-channel
};
inline constexpr std::size_t command_count = 22;

/// Which command bus carries a command: HBM (JESD235, JESD238) gives row and column commands a bus each, shared by the
/// pseudo-channels; elsewhere both are one.
enum class CommandBus : std::uint8_t { none, row, column };

struct CommandInfo {
    Command command;
    std::string_view name;
    Level scope;     ///< the level that one command addresses
    CommandBus bus;  ///< register moves leave the column bus when `pim.moves_share_bus` is off
};

inline constexpr std::array<CommandInfo, command_count> commands = {{
    {Command::ACT, "ACT", Level::bank, CommandBus::row},
    {Command::PRE, "PRE", Level::bank, CommandBus::row},
    {Command::PREA, "PREA", Level::rank, CommandBus::row},
    {Command::RD, "RD", Level::bank, CommandBus::column},
    {Command::RDA, "RDA", Level::bank, CommandBus::column},
    {Command::WR, "WR", Level::bank, CommandBus::column},
    {Command::WRA, "WRA", Level::bank, CommandBus::column},
    {Command::REFab, "REFab", Level::rank, CommandBus::row},
    {Command::REFpb, "REFpb", Level::bank, CommandBus::row},
    {Command::PIM_PREA, "PREA", Level::channel, CommandBus::row},
    {Command::PIM_SET_CONFIG, "PIM_SET_CONFIG", Level::channel, CommandBus::column},
    {Command::PIM_WR, "PIM_WR", Level::channel, CommandBus::column},
    {Command::PIM_ACT_AB, "PIM_ACT_AB", Level::channel, CommandBus::row},
    {Command::PIM_MAC_AB, "PIM_MAC_AB", Level::channel, CommandBus::column},
    {Command::PIM_RET, "PIM_RET", Level::channel, CommandBus::column},
    {Command::PIM_LDC, "PIM_LDC", Level::channel, CommandBus::column},
    {Command::PIM_MV_BA, "PIM_MV_BA", Level::channel, CommandBus::column},
    {Command::PIM_MV_BF, "PIM_MV_BF", Level::channel, CommandBus::column},
    {Command::PIM_MV_BA_ROW, "PIM_MV_BA", Level::channel, CommandBus::column},
    {Command::PIM_MV_BF_ROW, "PIM_MV_BF", Level::channel, CommandBus::column},
    {Command::PIM_SFM, "PIM_SFM", Level::channel, CommandBus::none},
    {Command::PIM_RD, "PIM_RD", Level::channel, CommandBus::column},
}};

constexpr std::size_t index_of(Command command) {
    return static_cast<std::size_t>(command);
}
constexpr const CommandInfo& info(Command command) {
    return commands[index_of(command)];
}

constexpr bool in_order_of_command() {
    for (std::size_t i = 0; i < command_count; ++i) {
        if (index_of(commands[i].command) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order_of_command());

/// PIM_WR, PIM_RD, PIM_MV_BA and PIM_MV_BF: they carry data between engines, buffer die and interface, and touch no
/// row.
constexpr bool is_register_move(Command command) {
    return command == Command::PIM_WR || command == Command::PIM_RD || command == Command::PIM_MV_BA ||
           command == Command::PIM_MV_BF;
}

constexpr bool is_row_move(Command command) {
    return command == Command::PIM_MV_BA_ROW || command == Command::PIM_MV_BF_ROW;
}

/// PIM_MAC_AB, PIM_RET and PIM_LDC: every bank works on its open row.
constexpr bool is_sweep(Command command) {
    return command == Command::PIM_MAC_AB || command == Command::PIM_RET || command == Command::PIM_LDC;
}

}  // namespace aqpim::dram

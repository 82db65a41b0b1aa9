#pragma once

#include <array>
#include <cstdint>

#include "models/dram/command.h"

namespace aqpim::dram {

/// A figure for each command.
using CommandCounts = std::array<std::uint64_t, command_count>;

/// What a channel has done. Activity of all-bank commands counts once for each bank.
struct Counters {
    CommandCounts commands{};             ///< issued; one of all banks counts once
    CommandCounts moved_bursts{};         ///< of 32 B by PIM_WR, PIM_RD and the moves between bank and buffer die
    std::uint64_t active_rank_ticks = 0;  ///< with a bank open, summed over the ranks of all pseudo-channels

    std::uint64_t activates = 0;  ///< rows opened
    std::uint64_t reads = 0;      ///< bursts read through the interface
    std::uint64_t writes = 0;     ///< bursts written through the interface
    std::uint64_t row_hits = 0;   ///< host bursts to an open row; to a closed bank; to a bank with another row open
    std::uint64_t row_misses = 0;
    std::uint64_t row_conflicts = 0;
    std::uint64_t refreshes = 0;      ///< REFab commands
    std::uint64_t pim_columns = 0;    ///< columns of 32 B that PIM_MAC_AB, PIM_LDC and moves accessed
    std::uint64_t lookup_slots = 0;   ///< PIM_RET slots
    std::uint64_t moved_bits = 0;     ///< by PIM_WR, PIM_RD and the moves between bank and buffer die
    std::uint64_t softmax_ticks = 0;  ///< that PIM_SFM occupied the buffer engine
    std::uint64_t macs = 0;           ///< fp16 multiply-accumulates and
    std::uint64_t lookups = 0;        ///< table values returned: what the engines report, see Channel::add_engine_work

    Counters& operator+=(const Counters& other);
    /// Modulo 2^64.
    Counters& operator-=(const Counters& other);
};

}  // namespace aqpim::dram

#pragma once

#include <cstdint>
#include <string>

#include "models/common/parameter.h"

namespace aqpim {

/// What the paper leaves open of the engines (system.md §3).
struct PimParameters {
    std::uint32_t lookups_per_slot = 0;
    std::uint32_t code_registers = 0;
    std::uint32_t lanes = 0;
    std::uint32_t softmax_lanes = 0;
    std::uint32_t softmax_latency_cycles = 0;
    std::uint32_t outputs_per_move = 0;
    std::uint32_t queue_prefetch = 0;
    std::uint32_t barrier_cycles = 0;
    std::uint32_t data_bytes = 0;
    bool gqa_reuse = false;
    bool refresh_first = false;

    void declare(ParameterSection pim) {
        pim.count(lookups_per_slot, "lookups_per_slot", 16, {1, 16},
                  {"L: table values that one PIM_RET slot (tCCD_L) returns per bank",
                   "open and decisive: the full 32 B data path, system.md §3"});
        pim.count(code_registers, "code_registers", 32, {1, 1024},
                  {"columns of 32 B that a bank's code register file holds", "open: one row of codes"});
        pim.count(lanes, "lanes", 16, {1, 64}, {"fp16 lanes of a bank engine", "system.md §3"});
        pim.count(softmax_lanes, "softmax_lanes", 16, {1, 1024},
                  {"values that a channel's buffer engine takes in per cycle", "open: one 32 B move per cycle"});
        pim.count(softmax_latency_cycles, "softmax_latency", 64, {0, 100000},
                  {"cycles from the last value to the first result of MAX, EXP, SUM and DIV", "open"});
        pim.count(
            outputs_per_move, "outputs_per_move", 16, {1, 16},
            {"fp16 results of bank engines that one PIM_MV_BA carries", "AttAcc: a move per 16 outputs, system.md §3"});
        pim.count(queue_prefetch, "queue_prefetch", 4, {1, 64}, {"descriptors fetched at once", "open"});
        pim.count(barrier_cycles, "barrier", 1, {0, 1000},
                  {"fp16 attention: cycles from a command to one that depends on it",
                   "AttAcc's simulator takes a barrier away the cycle after the last command before it"});
        pim.count(data_bytes, "data_bytes", 2, {1, 2},
                  {"fp16 attention: bytes of a value; 1 gives the times of one-byte data, computed on fp16 contents",
                   "AttAcc: fp16"});
        pim.flag(gqa_reuse, "gqa_reuse", false,
                 {"fp16 attention: a row is swept once for all query heads of its KV head, not once for each",
                  "AttAcc: not, system.md §5"});
        pim.flag(refresh_first, "refresh_first", false,
                 {"fp16 attention begins with a refresh of its channels, and tREFI counts from its end",
                  "open: a run of AttAcc's simulator begins tREFI before the first refresh"});
    }
};

}  // namespace aqpim

#pragma once

#include <cstdint>
#include <string>

#include "models/common/parameter.h"
#include "models/pim/arithmetic.h"

namespace aqpim {

/// What the paper leaves open of the engines (system.md §3).
struct PimParameters {
    std::uint32_t lookups_per_slot = 0;
    std::uint32_t code_registers = 0;
    std::uint32_t weight_registers = 0;
    std::uint32_t query_registers = 0;
    std::uint32_t accumulators = 0;
    std::uint32_t lanes = 0;
    std::uint32_t softmax_lanes = 0;
    std::uint32_t softmax_latency_cycles = 0;
    std::uint32_t outputs_per_move = 0;
    std::uint32_t queue_prefetch = 0;
    std::uint32_t barrier_cycles = 0;
    std::uint32_t data_bytes = 0;
    std::string arithmetic;
    std::string argmin;
    bool gqa_reuse = false;
    std::uint32_t queries_per_slot = 1;
    bool refresh_first = false;
    bool functional = true;  ///< else commands take their time, and nothing is computed; set by the platform

    Arithmetic engine_arithmetic() const {
        return arithmetic == "bf16"   ? Arithmetic::bf16
               : arithmetic == "fp16" ? Arithmetic::fp16
                                      : Arithmetic::fp16_fp32;
    }

    void declare(ParameterSection pim) {
        pim.count(lookups_per_slot, "lookups_per_slot", 16, {1, 16},
                  {"L: table values that one PIM_RET slot (tCCD_L) returns per bank",
                   "open and decisive: the full 32 B data path, system.md §3"});
        pim.count(code_registers, "code_registers", 32, {1, 1024},
                  {"columns of 32 B that a bank's code register file holds", "open: one row of codes"});
        pim.count(weight_registers, "weight_registers", 64, {1, 1024},
                  {"columns of 32 B of attention weights that a bank holds",
                   "open: those of the 896 9-bit codes in 32 columns, as a power of two"});
        pim.count(query_registers, "query_registers", 32, {1, 1024},
                  {"columns of 32 B of queries that a bank holds: its share of each of those in work",
                   "open: four whole queries of 128 channels"});
        pim.count(accumulators, "accumulators", 512, {16, 4096},
                  {"fp32 accumulators of a bank engine: a histogram needs one for each centroid, a loop one for each "
                   "dimension of a subvector",
                   "open: one row's table, system.md §2"});
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
                  {"cycles from a command to one that depends on it",
                   "AttAcc's simulator takes a barrier away the cycle after the last command before it"});
        pim.count(data_bytes, "data_bytes", 2, {1, 2},
                  {"fp16 attention: bytes of a value; 1 gives the times of one-byte data, computed on fp16 contents",
                   "AttAcc: fp16"});
        pim.choice(arithmetic, "arithmetic", "fp16_fp32", {"fp16_fp32", "fp16", "bf16"},
                   {"fp16 in memory and on lanes with fp32 accumulators; every product and sum in fp16; or bfloat16 in "
                    "memory and on lanes with fp32 accumulators",
                    "system.md §3: fp16 lanes; the accumulators' width is open"});
        pim.choice(argmin, "argmin", "buffer", {"buffer", "bank"},
                   {"where the least distance is found: in the buffer engine, to which every distance moves; or in the "
                    "banks, of which only codes move",
                    "system.md §3: MIN is the buffer engine's"});
        pim.flag(gqa_reuse, "gqa_reuse", false,
                 {"what a row or a register file holds of keys and values serves all query heads of its KV head before "
                  "the next is loaded",
                  "AttAcc: not, system.md §5"});
        pim.count(queries_per_slot, "queries_per_slot", 4, {1, 64},
                  {"with gqa_reuse: query heads that a MAC slot serves with one column of keys or values",
                   "system.md §5: reuse over four query heads takes a quarter of the time"});
        pim.flag(refresh_first, "refresh_first", false,
                 {"attention: channels are refreshed before each command, and tREFI counts from there",
                  "open: a run of AttAcc's simulator begins tREFI before its first refresh"});
    }
};

}  // namespace aqpim

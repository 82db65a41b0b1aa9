#pragma once

#include <cstdint>
#include <string>

#include "models/common/clock.h"
#include "models/common/parameter.h"
#include "models/cpu/decoder.h"

namespace aqpim {

/// Highest number of cycles of any class of instructions.
inline constexpr std::uint32_t most_cycles = 1000;

/// Time is an in-order pipeline's: each instruction takes its class's cycles, whatever its neighbours are. Loads and
/// stores take theirs in memory that grants host pointers; elsewhere the bus's delay is added.
struct HartParameters {
    Clock clock;
    std::uint32_t harts;
    std::string isa;  ///< as Isa takes it
    std::uint32_t alu_cycles;
    std::uint32_t multiply_cycles;
    std::uint32_t divide_cycles;
    std::uint32_t memory_cycles;
    std::uint32_t atomic_cycles;
    std::uint32_t branch_cycles;
    std::uint32_t csr_cycles;
    std::uint32_t float_move_cycles;
    std::uint32_t float_convert_cycles;
    std::uint32_t float_add_cycles;
    std::uint32_t float_multiply_cycles;
    std::uint32_t float_fused_cycles;
    std::uint32_t float_divide_cycles;
    std::uint32_t taken_branch_penalty;
    std::uint32_t trap_cycles;
    bool hardware_page_update;
    Picoseconds quantum_ps;

    /// The harts: how many, clock, instruction set, cycles.
    void declare(ParameterSection host);
    /// How it is simulated: the quantum.
    void declare_simulation(ParameterSection sim);

    Decoder::Cycles cycles() const;
};

}  // namespace aqpim

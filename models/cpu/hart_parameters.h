#pragma once

#include <cstdint>
#include <string>

#include "models/common/clock.h"
#include "models/common/parameter.h"
#include "models/cpu/decoder.h"

namespace aqpim {

/// Time is an in-order pipeline's: each instruction takes its class's cycles, whatever its neighbours are. Loads and
/// stores take theirs in memory that grants host pointers; elsewhere the bus's delay is added.
struct HartParameters {
    Clock clock;
    std::string isa;
    std::uint32_t alu_cycles;
    std::uint32_t multiply_cycles;
    std::uint32_t divide_cycles;
    std::uint32_t memory_cycles;
    std::uint32_t atomic_cycles;
    std::uint32_t branch_cycles;
    std::uint32_t csr_cycles;
    std::uint32_t taken_branch_penalty;
    std::uint32_t trap_cycles;
    Picoseconds quantum_ps;

    /// The hart itself: clock, instruction set, cycles.
    void declare(ParameterSection host);
    /// How it is simulated: the quantum.
    void declare_simulation(ParameterSection sim);

    Decoder::Cycles cycles() const;
};

}  // namespace aqpim

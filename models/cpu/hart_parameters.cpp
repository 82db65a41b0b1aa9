#include "models/cpu/hart_parameters.h"

namespace aqpim {

void HartParameters::declare(ParameterSection host) {
    const std::string u54 = "open: in-order single-issue core of the class of SiFive's U54";
    const Range<std::uint32_t> few = {1, 1000};
    host.clock(clock, "clock", "2GHz", {"clock of a hart", "open: an application core in a current process"});
    host.choice(
        isa, "isa", "rv64imac", {"rv64imac", "rv64imc"},
        {"instruction set; Zicsr, Zifencei and Zicntr are always there", "open: what bare-metal firmware needs"});
    host.count(alu_cycles, "alu_cycles", 1, few, {"cycles of an integer operation", u54});
    host.count(multiply_cycles, "multiply_cycles", 3, few, {"cycles of a multiplication", u54});
    host.count(divide_cycles, "divide_cycles", 20, few, {"cycles of a division or remainder", u54});
    host.count(memory_cycles, "memory_cycles", 2, few, {"cycles of a load or store that hits the cache", u54});
    host.count(atomic_cycles, "atomic_cycles", 5, few, {"cycles of an LR, SC or AMO that hits the cache", u54});
    host.count(branch_cycles, "branch_cycles", 1, few, {"cycles of a branch or jump", u54});
    host.count(csr_cycles, "csr_cycles", 3, few, {"cycles of a CSR access, fence.i, mret or wfi", u54});
    host.count(taken_branch_penalty, "taken_branch_penalty", 2, {0, 1000},
               {"further cycles of a taken branch or a jump", u54});
    host.count(trap_cycles, "trap_cycles", 5, {0, 1000},
               {"cycles from a trap to its handler's first instruction", u54});
}

void HartParameters::declare_simulation(ParameterSection sim) {
    sim.time(quantum_ps, "quantum", "10us",
             {"longest stretch that a hart runs ahead of the simulation kernel; changes speed, not results",
              "open: bounded by the next event anyway"});
}

Decoder::Cycles HartParameters::cycles() const {
    Decoder::Cycles cycles{};
    const auto set = [&cycles](Timing timing, std::uint32_t value) {
        cycles[static_cast<std::size_t>(timing)] = static_cast<std::uint16_t>(value);
    };
    set(Timing::alu, alu_cycles);
    set(Timing::multiply, multiply_cycles);
    set(Timing::divide, divide_cycles);
    set(Timing::memory, memory_cycles);
    set(Timing::atomic, atomic_cycles);
    set(Timing::branch, branch_cycles);
    set(Timing::csr, csr_cycles);
    return cycles;
}

}  // namespace aqpim

#include "models/cpu/hart_parameters.h"

namespace aqpim {

void HartParameters::declare(ParameterSection host) {
    const std::string u54 = "open: in-order single-issue core of the class of SiFive's U54";
    const Range<std::uint32_t> few = {1, most_cycles};
    host.clock(clock, "clock", "2GHz", {"clock of a hart", "open: an application core in a current process"});
    host.count(harts, "harts", 1, {1, 8}, {"number of harts, all of one kind", "open: one runs the main job"});
    host.text(isa, "isa", "rv64gc",
              {"instruction set: rv64, then i or g, then letters of mafdc; Zicsr, Zifencei, Zicntr, S and U mode are "
               "always there",
               "what stock toolchains and firmware are built for"});
    host.count(alu_cycles, "alu_cycles", 1, few, {"cycles of an integer operation", u54});
    host.count(multiply_cycles, "multiply_cycles", 3, few, {"cycles of a multiplication", u54});
    host.count(divide_cycles, "divide_cycles", 20, few, {"cycles of a division or remainder", u54});
    host.count(memory_cycles, "memory_cycles", 2, few, {"cycles of a load or store that hits the cache", u54});
    host.count(atomic_cycles, "atomic_cycles", 5, few, {"cycles of an LR, SC or AMO that hits the cache", u54});
    host.count(branch_cycles, "branch_cycles", 1, few, {"cycles of a branch or jump", u54});
    host.count(csr_cycles, "csr_cycles", 3, few, {"cycles of a CSR access, fence.i, mret or wfi", u54});
    const std::string fpu = "open: between single and double precision in SiFive's U54, as if each waited for the last";
    host.count(float_move_cycles, "float_move_cycles", 2, few,
               {"cycles of a floating-point move, comparison, minimum, maximum or sign injection", fpu});
    host.count(float_convert_cycles, "float_convert_cycles", 4, few, {"cycles of a floating-point conversion", fpu});
    host.count(float_add_cycles, "float_add_cycles", 6, few,
               {"cycles of a floating-point addition or subtraction", fpu});
    host.count(float_multiply_cycles, "float_multiply_cycles", 6, few,
               {"cycles of a floating-point multiplication", fpu});
    host.count(float_fused_cycles, "float_fused_cycles", 6, few, {"cycles of a fused multiply-add", fpu});
    host.count(float_divide_cycles, "float_divide_cycles", 30, few,
               {"cycles of a floating-point division or square root", fpu});
    host.count(taken_branch_penalty, "taken_branch_penalty", 2, {0, 1000},
               {"further cycles of a taken branch or a jump", u54});
    host.count(trap_cycles, "trap_cycles", 5, {0, 1000},
               {"cycles from a trap to its handler's first instruction", u54});
    host.flag(hardware_page_update, "hardware_page_update", true,
              {"page walks set the bits A and D; otherwise the access is a page fault",
               "open: both are legal (Privileged 1.12, 4.3.1); as QEMU's virt"});
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
    set(Timing::fmove, float_move_cycles);
    set(Timing::fconvert, float_convert_cycles);
    set(Timing::fadd, float_add_cycles);
    set(Timing::fmul, float_multiply_cycles);
    set(Timing::fmadd, float_fused_cycles);
    set(Timing::fdiv, float_divide_cycles);
    return cycles;
}

}  // namespace aqpim

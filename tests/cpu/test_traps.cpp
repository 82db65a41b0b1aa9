// Traps of machine mode (Privileged 1.12, 3.1.6 to 3.1.16 and 3.7).

#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr std::uint64_t interrupt = std::uint64_t{1} << 63;

}  // namespace

TEST_CASE("exceptions tell cause, address and value, and the handler returns behind them") {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    program.li(s0, static_cast<std::int32_t>(unmapped)).li(s1, static_cast<std::int32_t>(device_base));
    const std::uint64_t at = memory_base + program.size();
    program.add({0xffffffff, ecall, ebreak, lw(t0, 8, s0), sd(t0, 16, s0), lw(t0, 2, s1), sh(t0, 1, s1)});
    machine.run(program.add({addi(t2, zero, 1)}).stop());
    CHECK(machine.traps() == std::vector<Machine::Trap>{
                                 {2, at, 0xffffffff},
                                 {11, at + 4, 0},
                                 {3, at + 8, at + 8},
                                 {5, at + 12, unmapped + 8},
                                 {7, at + 16, unmapped + 16},
                                 {4, at + 20, device_base + 2},
                                 {6, at + 24, device_base + 1},
                             });
    CHECK(machine.hart().reg(t2) == 1);
    CHECK(machine.hart().bus_errors() == 2);
    REQUIRE(machine.hart().last_exception());
    CHECK(machine.hart().last_exception()->cause == 6);
    CHECK(machine.hart().last_exception()->pc == at + 24);
    CHECK(machine.hart().last_exception()->value == device_base + 1);
}

TEST_CASE("a faulting load leaves its register as it was") {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    program.li(s0, static_cast<std::int32_t>(unmapped)).add({ld(s0, 0, s0)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(s0) == unmapped);
    CHECK(machine.traps().size() == 1);
}

TEST_CASE("ecall and ebreak are not kept as the last exception") {
    Machine machine;
    machine.load_trap_handler();
    machine.run(Machine::trap_setup().add({ecall, ebreak}).stop());
    CHECK(machine.traps().size() == 2);
    CHECK_FALSE(machine.hart().last_exception());
}

TEST_CASE("a jump to where nothing answers faults at its target") {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    // The handler goes on 4 bytes behind the target, again unmapped, until the third time, when mtvec leads to the end.
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).li(t1, static_cast<std::int32_t>(unmapped));
    program.add({csrw(mtvec, t0), jalr(ra, t1, 6)});
    machine.load(Program().add({csrr(s0, mcause), csrr(s1, mepc), csrr(a2, mtval)}).stop(), memory_base + 0x400);
    machine.run(program);
    CHECK(machine.hart().reg(s0) == 1);
    CHECK(machine.hart().reg(s1) == unmapped + 6);
    CHECK(machine.hart().reg(a2) == unmapped + 6);
    CHECK(machine.hart().reg(ra) == memory_base + program.size());
}

TEST_CASE("a fetch whose second half faults leaves that half's address in mtval") {
    Machine machine;
    const std::uint64_t last = memory_base + memory_bytes - 2;
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).li(t1, static_cast<std::int32_t>(last));
    program.add({csrw(mtvec, t0), jalr(zero, t1, 0)});
    machine.load(Program().half(0x0013), last);
    machine.load(Program().add({csrr(s0, mcause), csrr(s1, mepc), csrr(a2, mtval)}).stop(), memory_base + 0x400);
    machine.run(program);
    CHECK(machine.hart().reg(s0) == 1);
    CHECK(machine.hart().reg(s1) == last);
    CHECK(machine.hart().reg(a2) == last + 2);
}

TEST_CASE("a trap turns interrupts off and keeps the old state, mret brings it back") {
    Machine machine;
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).add({csrw(mtvec, t0), csrrsi(zero, mstatus, 8)});
    program.add({ecall, csrr(t2, mstatus), csrrci(zero, mstatus, 8), ecall, csrr(s0, mstatus)});
    Program handler;
    handler.add({csrr(t1, mstatus), sd(t1, 0, a0), addi(a0, a0, 8), csrr(t1, mepc), addi(t1, t1, 4)});
    handler.add({csrw(mepc, t1), mret});
    machine.load(handler, memory_base + 0x400);
    machine.run(program.stop());
    constexpr std::uint64_t xlen = 0x0000'000a'0000'0000;  // SXL and UXL are 2
    CHECK(machine.data(0) == (xlen | 0x1880));             // MPP 3, MPIE 1, MIE 0
    CHECK(machine.hart().reg(t2) == (xlen | 0x0088));      // MPP is left at U
    CHECK(machine.data(1) == (xlen | 0x1800));
    CHECK(machine.hart().reg(s0) == (xlen | 0x0080));
}

TEST_CASE("pending interrupts are taken in the order external, software, timer, each at its vector") {
    Machine machine;
    machine.pins().software.write(true);
    machine.pins().timer.write(true);
    machine.pins().external.write(true);
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400 + 1)).add({csrw(mtvec, t0)});
    program.li(t0, 0x888).add({csrw(mie, t0), csrrsi(zero, mstatus, 8), addi(t2, t2, 1)});
    // At each vector: keep mcause and mepc, disable this interrupt, return.
    const auto vector = [&machine](unsigned number) {
        const std::uint64_t at = memory_base + 0x400 + 4 * number;
        const std::uint64_t routine = memory_base + 0x500 + 0x40 * number;
        machine.load(Program().add({jal(zero, static_cast<std::int64_t>(routine - at))}), at);
        Program handler;
        handler.add({csrr(t1, mcause), sd(t1, 0, a0), csrr(t1, mepc), sd(t1, 8, a0), addi(a0, a0, 16)});
        handler.li(t1, 1 << number).add({csrrc(zero, mie, t1), mret});
        machine.load(handler, routine);
    };
    vector(3);
    vector(7);
    vector(11);
    const std::uint64_t interrupted = memory_base + program.size() - 4;
    machine.run(program.stop());
    CHECK(machine.data(0) == (interrupt | 11));
    CHECK(machine.data(2) == (interrupt | 3));
    CHECK(machine.data(4) == (interrupt | 7));
    CHECK(machine.data(6) == 0);
    for (const unsigned index : {1, 3, 5}) {
        CHECK(machine.data(index) == interrupted);
    }
    CHECK(machine.hart().reg(t2) == 1);
}

TEST_CASE("exceptions go to the base even when interrupts are vectored") {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    program.add({csrrsi(zero, mtvec, 1), ecall});
    machine.run(program.stop());
    CHECK(machine.traps().size() == 1);
}

TEST_CASE("mip shows the pins, and a disabled interrupt is not taken") {
    Machine machine;
    machine.pins().timer.write(true);
    machine.pins().external.write(true);
    machine.run(Program().add({csrrsi(zero, mstatus, 8), csrr(t0, mip)}).stop());
    CHECK(machine.hart().reg(t0) == 0x880);
    CHECK(machine.hart().is_waiting());
}

TEST_CASE("a hart whose handler cannot be fetched locks up and tells why") {
    Machine machine;
    int calls = 0;
    machine.hart().on_lock_up = [&calls] { ++calls; };
    Program program;  // mtvec is 0, where nothing answers
    program.li(s0, static_cast<std::int32_t>(unmapped));
    const std::uint64_t at = memory_base + program.size();
    machine.run(program.add({lw(t0, 4, s0), addi(t2, zero, 1)}).stop());
    CHECK(machine.hart().locked_up());
    CHECK(calls == 1);
    CHECK(machine.hart().reg(t2) == 0);
    REQUIRE(machine.hart().last_exception());
    CHECK(machine.hart().last_exception()->cause == 5);
    CHECK(machine.hart().last_exception()->pc == at);
    CHECK(machine.hart().last_exception()->value == unmapped + 4);
    CHECK(machine.hart().last_exception()->time_ps == 1000);
    CHECK(machine.hart().instructions() == 2);
}

TEST_CASE("a hart whose handler begins with an illegal instruction locks up") {
    Machine machine;
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).add({csrw(mtvec, t0), ebreak});
    machine.run(program);  // memory holds zeros at the handler
    CHECK(machine.hart().locked_up());
}

TEST_CASE("an exception inside a handler that has begun is taken again") {
    Machine machine;
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).add({csrw(mtvec, t0), addi(s0, zero, 3), ecall});
    Program handler;  // faults three times, then stops
    handler.add({addi(s0, s0, -1), beq(s0, zero, 8), 0}).stop();
    machine.load(handler, memory_base + 0x400);
    machine.run(program);
    CHECK_FALSE(machine.hart().locked_up());
    CHECK(machine.hart().is_waiting());
}

TEST_CASE("a hart that is not started does nothing") {
    Machine machine;
    sc_core::sc_start();
    CHECK(machine.hart().instructions() == 0);
    CHECK_FALSE(machine.hart().is_waiting());
}

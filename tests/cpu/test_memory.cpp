// Fetch, load and store through host pointers and through transactions.

#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

TEST_CASE("a program runs the same without host pointers, by transactions alone") {
    Machine machine;
    machine.bus.grants = false;
    machine.set_data(0, 0x1122'3344'5566'7788);
    Program program;
    program.add({ld(t0, 0, a0), sw(t0, 8, a0), amo(0, 3, t1, t0, a0)}).half(0x4295).add({lhu(t2, 0, a0)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t1) == 0x1122'3344'5566'7788);
    CHECK(machine.hart().reg(t0) == 5);
    CHECK(machine.hart().reg(t2) == 0xef10);
    CHECK(machine.data(1) == 0x5566'7788);
    // Words at 0, 4 and 8, one of them holding half of the next instruction, which takes two fetches.
    CHECK(machine.bus.accesses[0].value == ld(t0, 0, a0));
    CHECK(machine.bus.accesses[1].offset == data_base - device_base);
}

TEST_CASE("what does not lie in granted memory must be aligned") {
    Machine machine;
    machine.load_trap_handler();
    machine.bus.grants = false;
    Program program = Machine::trap_setup();
    const std::uint64_t at = memory_base + program.size();
    program.add({ld(t0, 4, a0), sw(t0, 2, a0), lbu(t0, 3, a0)});
    machine.run(program.stop());
    CHECK(machine.traps() == std::vector<Machine::Trap>{{4, at, data_base + 4}, {6, at + 4, data_base + 2}});
}

TEST_CASE("memory that grants only reading refuses stores with an access fault") {
    Machine machine;
    machine.bus.memory_is_writable = false;
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).add({csrw(mtvec, t0), lb(t1, 0, a0)});
    machine.load(Program().add({csrr(s0, mcause), csrr(s1, mtval)}).stop(), memory_base + 0x400);
    machine.run(program.add({sd(t0, 8, a0)}));
    CHECK(machine.hart().reg(s0) == 7);
    CHECK(machine.hart().reg(s1) == data_base + 8);
}

TEST_CASE("a store into code that has run is seen at once") {
    Machine machine;
    machine.set_data(0, addi(t0, t0, 16));
    Program program;
    program.add({auipc(s0, 0), lw(t1, 0, a0), addi(s1, zero, 2)});  // 00
    program.add({addi(t0, t0, 1), sw(t1, 12, s0), addi(s1, s1, -1), bne(s1, zero, -12)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t0) == 17);
}

TEST_CASE("a store into the next instruction is seen at once") {
    Machine machine;
    machine.set_data(0, addi(t0, zero, 16));
    Program program;
    program.add({addi(s1, zero, 2), auipc(s0, 0), lw(t1, 0, a0), nop});
    program.add({sw(t1, 16, s0), addi(t0, zero, 1), addi(s1, s1, -1), bne(s1, zero, -12)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t0) == 16);
}

TEST_CASE("code that another master has written is seen after fence.i") {
    Machine machine;
    const std::uint64_t routine = memory_base + 0x1000;
    machine.load(Program().add({addi(t0, t0, 1), jalr(zero, ra, 0)}), routine);
    machine.bus.on_write = [&](const Bus::Access&, const sc_core::sc_time&) {
        machine.load(Program().add({addi(t0, t0, 16), jalr(zero, ra, 0)}), routine);
    };
    Program program;
    program.li(s0, static_cast<std::int32_t>(routine)).li(s1, static_cast<std::int32_t>(device_base));
    program.add({jalr(ra, s0, 0), sd(zero, 0, s1), fence_i, jalr(ra, s0, 0)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t0) == 17);
}

TEST_CASE("pointers and code are dropped when the target takes its memory back") {
    Machine machine;
    const std::uint64_t routine = memory_base + 0x1000;
    machine.load(Program().add({addi(t0, t0, 1), jalr(zero, ra, 0)}), routine);
    machine.set_data(0, 5);
    std::vector<std::uint8_t> old;
    machine.bus.on_write = [&](const Bus::Access&, const sc_core::sc_time&) {
        old = machine.bus.memory;
        old.swap(machine.bus.memory);
        machine.load(Program().add({addi(t0, t0, 16), jalr(zero, ra, 0)}), routine);
        machine.set_data(0, 6);
        machine.bus.sockets[0]->invalidate_direct_mem_ptr(memory_base, memory_base + memory_bytes - 1);
    };
    Program program;
    program.li(s0, static_cast<std::int32_t>(routine)).li(s1, static_cast<std::int32_t>(device_base));
    program.add({jalr(ra, s0, 0), ld(t1, 0, a0), sd(t1, 8, a0), sd(zero, 0, s1)});
    program.add({jalr(ra, s0, 0), ld(t2, 0, a0), sd(t2, 16, a0)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t0) == 17);
    CHECK(machine.hart().reg(t1) == 5);
    CHECK(machine.hart().reg(t2) == 6);
    CHECK(machine.data(2) == 6);
}

TEST_CASE("code beside its own data in a page runs right") {
    Machine machine;
    Program program;  // counts in memory 32 bytes behind the loop
    program.add({auipc(s0, 0), addi(s1, zero, 100)});
    program.add({ld(t0, 64, s0), addi(t0, t0, 3), sd(t0, 64, s0), addi(s1, s1, -1), bne(s1, zero, -16)});
    machine.run(program.stop());
    CHECK(machine.double_word(memory_base + 64) == 300);
}

TEST_CASE("an instruction that overwrites itself still takes its time and gives its result") {
    Machine machine;
    Program program;
    program.add({auipc(s0, 0), addi(s0, s0, 16), csrr(t0, mcycle), addi(t1, zero, 0)});
    program.add({amo(1, 2, t2, zero, s0), csrr(t1, mcycle)});
    machine.run(program.stop());
    CHECK(machine.hart().reg(t2) == amo(1, 2, t2, zero, s0));
    CHECK(machine.hart().reg(t1) - machine.hart().reg(t0) == 3 + 1 + 5);
}

// RV64A: results from the instruction set manual (Unprivileged ISA 20191213, chapter 8), worked out by hand.

#include "tests/cpu/machine.h"
#include "tests/cpu/tested_codes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr Word word = 2;
constexpr Word double_word = 3;

/// An AMO on memory that holds `held`, with t1 = `operand`.
struct Case {
    const char* name;
    Word funct5;
    Word width;
    std::uint64_t held;
    std::uint64_t operand;
    std::uint64_t rd;
    std::uint64_t left;
};

const std::vector<Case> cases = {
    {"amoswap.w", 1, word, 0x1111'1111'8000'0000, 7, 0xffff'ffff'8000'0000, 0x1111'1111'0000'0007},
    {"amoadd.w", 0, word, 0x1111'1111'7fff'ffff, 1, 0x7fff'ffff, 0x1111'1111'8000'0000},
    {"amoadd.w", 0, word, 0xffff'ffff, 1, ~0ull, 0},
    {"amoxor.w", 4, word, 0xff00'ff00, 0x0ff0'0ff0, 0xffff'ffff'ff00'ff00, 0xf0f0'f0f0},
    {"amoand.w", 12, word, 0xff00'ff00, 0x0ff0'0ff0, 0xffff'ffff'ff00'ff00, 0x0f00'0f00},
    {"amoor.w", 8, word, 0x0f00'ff00, 0x0ff0'0ff0, 0x0f00'ff00, 0x0ff0'fff0},
    {"amomin.w", 16, word, 0xffff'ffff, 1, ~0ull, 0xffff'ffff},
    {"amomin.w", 16, word, 1, 0x8000'0000, 1, 0x8000'0000},
    {"amomax.w", 20, word, 0xffff'ffff, 1, ~0ull, 1},
    {"amomax.w", 20, word, 5, 0xffff'ffff'ffff'ffff, 5, 5},
    {"amominu.w", 24, word, 0xffff'ffff, 0x5'0000'0001, ~0ull, 1},
    {"amominu.w", 24, word, 1, 0xffff'ffff, 1, 1},
    {"amomaxu.w", 28, word, 1, 0xffff'ffff, 1, 0xffff'ffff},
    {"amomaxu.w", 28, word, 0x8000'0000, 1, 0xffff'ffff'8000'0000, 0x8000'0000},
    {"amoswap.d", 1, double_word, 5, 0x8000'0000'0000'0007, 5, 0x8000'0000'0000'0007},
    {"amoadd.d", 0, double_word, ~0ull, 2, ~0ull, 1},
    {"amoxor.d", 4, double_word, ~0ull, 0xff, ~0ull, 0xffff'ffff'ffff'ff00},
    {"amoand.d", 12, double_word, 0xf0f0, 0xff00, 0xf0f0, 0xf000},
    {"amoor.d", 8, double_word, 0xf0f0, 0x0f00, 0xf0f0, 0xfff0},
    {"amomin.d", 16, double_word, 1, ~0ull, 1, ~0ull},
    {"amomax.d", 20, double_word, 1, ~0ull, 1, 1},
    {"amominu.d", 24, double_word, 1, ~0ull, 1, 1},
    {"amomaxu.d", 28, double_word, 1, ~0ull, 1, ~0ull},
};

void check_atomics_at(Machine& machine, std::uint64_t place, std::vector<std::uint8_t>& storage, std::uint64_t offset) {
    Program program;
    program.li(s0, static_cast<std::int32_t>(place));
    for (unsigned i = 0; i < cases.size(); ++i) {
        const Case& c = cases[i];
        std::memcpy(&storage.at(offset + 8 * i), &c.held, 8);
        machine.set_data(i, c.operand);
        const Word ordered = i % 4 << 25;  // aq and rl make no difference
        program.add({ld(t1, 0, a0), amo(c.funct5, c.width, t2, t1, s0) | ordered, sd(t2, 0, a0)});
        program.add({addi(a0, a0, 8), addi(s0, s0, 8)});
    }
    machine.run(program.stop());
    CHECK_FALSE(machine.hart().last_exception());
    for (unsigned i = 0; i < cases.size(); ++i) {
        INFO(cases[i].name << " " << i);
        std::uint64_t left = 0;
        std::memcpy(&left, &storage.at(offset + 8 * i), 8);
        CHECK(machine.data(i) == cases[i].rd);
        CHECK(left == cases[i].left);
    }
}

}  // namespace

std::vector<Word> aqpim::test::atomic_codes() {
    std::vector<Word> codes = {lr(word, t0, a0), sc(word, t0, t1, a0), lr(double_word, t0, a0),
                               sc(double_word, t0, t1, a0)};
    for (const Case& c : cases) {
        codes.push_back(amo(c.funct5, c.width, t2, t1, s0));
    }
    return codes;
}

TEST_CASE("an AMO gives the old value and leaves the result in memory") {
    Machine machine;
    check_atomics_at(machine, data_base + 0x1000, machine.bus.memory, data_base + 0x1000 - memory_base);
}

TEST_CASE("an AMO on a device is a read and then a write") {
    Machine machine;
    check_atomics_at(machine, device_base + 0x100, machine.bus.device, 0x100);
    REQUIRE(machine.bus.accesses.size() == 2 * cases.size());
    CHECK_FALSE(machine.bus.accesses[0].write);
    CHECK(machine.bus.accesses[1].write);
}

TEST_CASE("a store-conditional succeeds once, and only on what was reserved") {
    Machine machine;
    machine.set_data(0, 0x8000'0000);
    machine.set_data(1, 11);
    Program program;
    program.add({addi(s0, a0, 8), addi(t1, zero, 42)});
    program.add({lr(word, t0, a0), sc(word, t2, t1, a0), sd(t0, 16, a0), sd(t2, 24, a0)});  // succeeds
    program.add({sc(word, t2, t1, a0), sd(t2, 32, a0)});                                    // no reservation
    program.add({lr(double_word, t0, a0), sc(double_word, t2, t1, s0), sd(t2, 40, a0)});    // another place
    program.add({sc(double_word, t2, t1, a0), sd(t2, 48, a0)});                             // used up
    program.add(
        {lr(double_word, t0, s0), sd(zero, 8, a0), sc(double_word, t2, t1, s0), sd(t2, 56, a0)});  // overwritten
    program.add({lr(double_word, t0, s0), sc(double_word, t2, t1, s0), sd(t2, 64, a0)});           // succeeds
    machine.run(program.stop());
    CHECK(machine.data(0) == 42);
    CHECK(machine.data(2) == 0xffff'ffff'8000'0000);
    CHECK(machine.data(3) == 0);
    CHECK(machine.data(4) == 1);
    CHECK(machine.data(5) == 1);
    CHECK(machine.data(6) == 1);
    CHECK(machine.data(7) == 1);
    CHECK(machine.data(8) == 0);
    CHECK(machine.data(1) == 42);
}

TEST_CASE("misaligned atomics trap even in memory") {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    program.add({addi(s0, a0, 4), addi(s1, a0, 2)});
    const std::uint64_t at = memory_base + program.size();
    program.add({lr(double_word, t0, s0), sc(word, t0, t1, s1), amo(0, double_word, t0, t1, s0)});
    machine.run(program.stop());
    CHECK(machine.traps() ==
          std::vector<Machine::Trap>{{4, at, data_base + 4}, {6, at + 4, data_base + 2}, {6, at + 8, data_base + 4}});
}

TEST_CASE("atomics where nothing answers are access faults, of loads for LR and of stores for AMOs") {
    Machine machine;
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    program.li(s0, static_cast<std::int32_t>(unmapped));
    const std::uint64_t at = memory_base + program.size();
    program.add({lr(word, t0, s0), amo(0, word, t0, t1, s0), sc(word, t2, t1, s0)});
    machine.run(program.stop());
    CHECK(machine.traps() == std::vector<Machine::Trap>{{5, at, unmapped}, {7, at + 4, unmapped}});
    CHECK(machine.hart().reg(t2) == 1);
    CHECK(machine.hart().bus_errors() == 2);
}

TEST_CASE("without the A extension atomics are illegal instructions") {
    Machine machine({.isa = "rv64imc"});
    machine.load_trap_handler();
    Program program = Machine::trap_setup();
    const std::uint64_t at = memory_base + program.size();
    const Word instruction = amo(0, word, t0, t1, a0);
    machine.run(program.add({instruction}).stop());
    CHECK(machine.traps() == std::vector<Machine::Trap>{{2, at, instruction}});
}

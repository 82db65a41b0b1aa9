// Several harts on one bus: LR, SC and AMOs between them (Unprivileged ISA 20191213, chapter 8), interrupts, sleep.

#include "tests/cpu/apart.h"
#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr Word word = 2;
constexpr Word double_word = 3;
constexpr std::uint64_t other_code = memory_base + 0x1000;
constexpr std::uint64_t flags = 0x400;  // from a0 on, in the page of the data
constexpr std::uint64_t reserved = 0x100;

/// Each hart adds one to the double word at 64(a0) `rounds` times, with the lock at 0(a0) held.
Program count_with_lock(const Program& acquire, const Program& release, std::int32_t rounds) {
    Program program;
    program.li(s0, rounds).add({addi(t1, zero, 1)});
    const auto body = static_cast<std::int64_t>(acquire.size() + release.size() + 16);
    program.add(acquire).add({ld(t2, 64, a0), addi(t2, t2, 1), sd(t2, 64, a0)}).add(release);
    return program.add({addi(s0, s0, -1), bne(s0, zero, -body)}).stop();
}

Program acquire_with_sc() {
    return Program().add({lr(word, t0, a0), bne(t0, zero, -4), sc(word, t0, t1, a0), bne(t0, zero, -12)});
}
Program acquire_with_swap() {
    return Program().add({amo(1, word, t0, t1, a0), bne(t0, zero, -4)});
}
const Program release_with_store = Program().add({sw(zero, 0, a0)});
const Program release_with_swap = Program().add({amo(1, word, zero, zero, a0)});

/// What is left of a run: the count, each hart's registers and instructions, the time.
std::vector<std::uint64_t> outcome(const Options& options, const Program& program) {
    return apart([&] {
        Machine machine(options);
        machine.run(program);
        std::vector<std::uint64_t> numbers = {machine.data(8)};
        for (unsigned id = 0; id < options.harts; ++id) {
            numbers.push_back(machine.hart(id).instructions());
            for (unsigned i = 0; i < 32; ++i) {
                numbers.push_back(machine.hart(id).reg(i));
            }
        }
        numbers.push_back(to_ps(sc_core::sc_time_stamp()));
        return numbers;
    });
}

void check_lock(const Program& acquire, const Program& release) {
    for (const unsigned harts : {2u, 4u}) {
        for (const auto& [quantum, rounds] : {std::pair{"500ps", 200}, {"7ns", 500}, {"100ns", 1000}, {"10us", 5000}}) {
            INFO(harts << " harts, " << quantum);
            const Program program = count_with_lock(acquire, release, rounds);
            CHECK(outcome({.quantum = quantum, .harts = harts}, program).at(0) == harts * unsigned(rounds));
        }
    }
}

/// Hart 0 goes on here, the other at other_code.
Program split() {
    Program program;
    return program.li(s1, static_cast<std::int32_t>(other_code))
        .add({csrr(t0, mhartid), beq(t0, zero, 8)})
        .add({jalr(zero, s1, 0)});
}

/// Hart 0 reserves, tells so, waits for an answer and tries to store; 0 or 1 is left at flags + 16.
Program reserve_and_store() {
    Program program = split();
    program.add({addi(a1, a0, reserved), addi(a2, a0, flags), addi(t2, zero, 1)});
    program.add({lr(double_word, t1, a1), sd(t2, 0, a2), ld(t0, 8, a2), beq(t0, zero, -4)});
    return program.add({sc(double_word, s0, t2, a1), sd(s0, 16, a2)}).stop();
}

/// Hart 1 waits until hart 0 has reserved, does `between`, and answers. It has written to the page before.
Program interfere(const Program& between) {
    Program program;
    program.add({addi(a1, a0, reserved), addi(a2, a0, flags), addi(t2, zero, 1), sd(zero, 24, a2)});
    program.add({ld(t0, 0, a2), beq(t0, zero, -4)}).add(between).add({fence, sd(t2, 8, a2)});
    return program.stop();
}

std::uint64_t store_fails(const Program& between, const std::string& quantum, bool grants = true) {
    const std::vector<std::uint64_t> result = apart([&] {
        Machine machine({.quantum = quantum, .harts = 2});
        machine.bus.grants = grants;
        machine.set_data(reserved / 8, 5);
        machine.load(interfere(between), other_code);
        machine.run(reserve_and_store());
        return std::vector<std::uint64_t>{machine.data(flags / 8 + 2), machine.data(reserved / 8)};
    });
    CHECK(result.at(1) == (result.at(0) == 0 ? 1 : 5));
    return result.at(0);
}

/// Software interrupts: a write of offset 0x100 + 8 * hart sets the pin, bit 0 of the value.
class SoftwareInterrupts {
 public:
    SoftwareInterrupts(Machine& machine, unsigned harts) : pins_(harts) {
        machine.bus.on_write = [this](const Bus::Access& access, const sc_core::sc_time& delay) {
            Pin& pin = pins_.at((access.offset - 0x100) / 8);
            (access.value != 0 ? pin.raise : pin.lower).notify(delay);
        };
        for (unsigned id = 0; id < harts; ++id) {
            sc_core::sc_spawn([&pin = pins_[id], &signal = machine.pins(id).software] {
                for (;;) {
                    sc_core::wait(pin.raise | pin.lower);
                    signal.write(pin.raise.triggered());
                }
            });
        }
    }

 private:
    struct Pin {
        sc_core::sc_event raise;
        sc_core::sc_event lower;
    };
    std::vector<Pin> pins_;
};

}  // namespace

TEST_CASE("a lock taken with LR and SC lets one hart in at a time, whatever the quantum is") {
    check_lock(acquire_with_sc(), release_with_store);
}

TEST_CASE("a lock taken with AMOs lets one hart in at a time, whatever the quantum is") {
    check_lock(acquire_with_swap(), release_with_swap);
}

TEST_CASE("AMOs of several harts on one word all count") {
    Program program;
    program.li(s0, 1000).add({addi(t1, zero, 1), addi(a1, a0, 64)});
    program.add({amo(0, word, t0, t1, a1), addi(s0, s0, -1), bne(s0, zero, -8)});
    program.stop();
    for (const std::string quantum : {"500ps", "100ns", "10us"}) {
        INFO(quantum);
        CHECK(outcome({.quantum = quantum, .harts = 4}, program).at(0) == 4000);
    }
}

TEST_CASE("two runs of several harts are equal") {
    const Program program = count_with_lock(acquire_with_sc(), release_with_store, 500);
    for (const std::string quantum : {"500ps", "100ns"}) {
        CHECK(outcome({.quantum = quantum, .harts = 4}, program) == outcome({.quantum = quantum, .harts = 4}, program));
    }
}

TEST_CASE("a store of another hart to what is reserved fails the SC, even if the value comes back") {
    const std::string misaligned = "from below";
    const std::pair<std::string, Program> stores[] = {
        {"same value", Program().add({ld(t1, 0, a1), sd(t1, 0, a1)})},
        {"there and back", Program().add({ld(t1, 0, a1), sd(zero, 0, a1), sd(t1, 0, a1)})},
        {"one byte", Program().add({lb(t1, 3, a1), sb(t1, 3, a1)})},
        {misaligned, Program().add({ld(t1, -4, a1), sd(t1, -4, a1)})},
        {"amoor", Program().add({amo(8, double_word, t1, zero, a1)})},
        {"SC", Program().add({lr(double_word, t1, a1), sc(double_word, t0, t1, a1)})},
    };
    for (const auto& [name, between] : stores) {
        for (const std::string quantum : {"500ps", "100ns", "10us"}) {
            INFO(name << ", " << quantum);
            CHECK(store_fails(between, quantum) == 1);
        }
        if (name != misaligned) {  // traps there
            INFO(name << ", without host pointers");
            CHECK(store_fails(between, "100ns", false) == 1);
        }
    }
}

TEST_CASE("stores of another hart elsewhere in the page leave a reservation alone") {
    const std::pair<const char*, Program> stores[] = {
        {"next 64 bytes", Program().add({sd(t2, 64, a1)})},
        {"last 64 bytes", Program().add({sd(t2, -8, a1)})},
        {"read", Program().add({ld(t1, 0, a1), lr(double_word, t1, a1)})},
    };
    for (const auto& [name, between] : stores) {
        for (const std::string quantum : {"500ps", "100ns", "10us"}) {
            INFO(name << ", " << quantum);
            CHECK(store_fails(between, quantum) == 0);
        }
    }
}

TEST_CASE("a device that changes what is reserved fails the SC") {
    Machine machine({.harts = 2});
    machine.set_data(reserved / 8, 5);
    sc_core::sc_spawn([&machine] {
        sc_core::wait(from_ps(1'000'100));
        machine.set_data(reserved / 8, 6);
        machine.set_data(flags / 8 + 1, 1);
    });
    machine.load(Program().stop(), other_code);
    machine.run(reserve_and_store());
    CHECK(machine.data(flags / 8 + 2) == 1);
    CHECK(machine.data(reserved / 8) == 6);
}

TEST_CASE("harts wake each other with software interrupts, at the same times whatever the quantum is") {
    constexpr unsigned rounds = 20;
    const auto simulate = [](const std::string& quantum) {
        return apart([&quantum] {
            Machine machine({.quantum = quantum, .harts = 2});
            SoftwareInterrupts interrupts(machine, 2);
            // Each sleeps, takes its own interrupt back and sends one to the other; hart 0 begins.
            Program program;
            program.li(s1, static_cast<std::int32_t>(device_base + 0x100)).add({csrr(t0, mhartid), slli(t1, t0, 3)});
            program.add({add(a1, s1, t1), xori(t1, t1, 8), add(a2, s1, t1), csrrsi(zero, mie, 8)});
            program.add({addi(t2, zero, 1), addi(s0, zero, rounds), bne(t0, zero, 8), sd(t2, 0, a2)});
            program.add({wfi, sd(zero, 0, a1), sd(t2, 0, a2), addi(s0, s0, -1), bne(s0, zero, -16)});
            machine.run(program.stop());
            std::vector<std::uint64_t> seen = {to_ps(sc_core::sc_time_stamp())};
            for (const Bus::Access& access : machine.bus.accesses) {
                seen.insert(seen.end(), {access.time_ps, access.offset, access.value});
            }
            return seen;
        });
    };
    const std::vector<std::uint64_t> one_by_one = simulate("500ps");
    CHECK(one_by_one.size() == 1 + 3 * (1 + 2 * 2 * rounds));
    CHECK(simulate("100ns") == one_by_one);
    CHECK(simulate("10us") == one_by_one);
}

TEST_CASE("a hart asleep does not hold up the other") {
    Machine machine({.quantum = "1000s", .harts = 2});
    Program program = split();
    program.li(s0, 1'000'000).add({addi(s0, s0, -1), bne(s0, zero, -4)});
    machine.load(Program().stop(), other_code);
    machine.run(program.stop());
    CHECK(machine.hart(1).is_waiting());
    CHECK(machine.hart(0).instructions() > 2'000'000);
    CHECK(sc_core::sc_delta_count() < 200);
}

TEST_CASE("harts see another's store into code after their own fence.i") {
    Machine machine({.quantum = "100ns", .harts = 2});
    constexpr std::uint64_t subroutine = memory_base + 0x2000;
    machine.load(Program().add({addi(a4, zero, 1), jalr(zero, ra, 0)}), subroutine);
    // Hart 1 calls it, says so, waits until hart 0 has changed it, and calls it again.
    Program program = split();
    program.li(s1, static_cast<std::int32_t>(subroutine)).li(t1, addi(a4, zero, 2));
    program.add({ld(t0, 0, a0), beq(t0, zero, -4), sw(t1, 0, s1), fence, sd(s1, 8, a0)});
    Program other;
    other.li(s1, static_cast<std::int32_t>(subroutine)).add({jalr(ra, s1, 0), addi(a5, a4, 0), sd(s1, 0, a0)});
    other.add({ld(t0, 8, a0), beq(t0, zero, -4), fence_i, jalr(ra, s1, 0)});
    machine.load(other.stop(), other_code);
    machine.run(program.stop());
    CHECK(machine.hart(1).reg(a5) == 1);
    CHECK(machine.hart(1).reg(a4) == 2);
}

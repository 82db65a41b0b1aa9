#include "tests/cpu/apart.h"
#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

constexpr unsigned interrupts = 20;

/// A timer on the device: a write of offset 0 raises the pin that many picoseconds later, one of offset 8 lowers it.
class Timer {
 public:
    explicit Timer(Machine& machine) {
        machine.bus.on_write = [this](const Bus::Access& access, const sc_core::sc_time& delay) {
            if (access.offset == 0) {
                fire_.notify(delay + from_ps(access.value));
            } else if (access.offset == 8) {
                clear_.notify(delay);
            }
        };
        sc_core::sc_spawn([this, &machine] {
            for (;;) {
                sc_core::wait(fire_ | clear_);
                machine.pins().timer.write(fire_.triggered());
            }
        });
    }

 private:
    sc_core::sc_event fire_;
    sc_core::sc_event clear_;
};

/// Counts in a loop and in memory while interrupts come at odd distances; each notes the count in the device and in
/// memory. Another master watches the memory. The last interrupt ends it, after a wfi.
Program counting() {
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).add({csrw(mtvec, t0)});
    program.li(s1, static_cast<std::int32_t>(device_base)).li(s0, interrupts).li(gp, 777);
    program.li(t0, 0x80).add({csrw(mie, t0), sd(gp, 0, s1), csrrsi(zero, mstatus, 8)});
    program.add({addi(t2, t2, 1), sd(t2, 0, a0), op(1, 0, t1, t2, t2), op(1, 4, t1, t1, t2)});
    program.add({blt(zero, s0, -16), wfi});
    return program.stop();
}

Program handler() {
    Program program;
    program.add({sd(zero, 8, s1), sd(t2, 16, s1), sd(t2, 8, a0), addi(s0, s0, -1)});
    program.add({slli(t5, gp, 1), addi(gp, t5, 131), sd(gp, 0, s1), mret});
    return program;
}

std::vector<std::uint64_t> simulate(const std::string& quantum) {
    return apart([&quantum] {
        Machine machine({.quantum = quantum});
        Timer timer(machine);
        std::vector<std::uint64_t> seen;
        sc_core::sc_spawn([&machine, &seen] {
            for (int i = 0; i < 100; ++i) {
                sc_core::wait(from_ps(33'333));
                seen.push_back(machine.data(0));
            }
        });
        machine.load(handler(), memory_base + 0x400);
        machine.run(counting());
        for (const Bus::Access& access : machine.bus.accesses) {
            seen.insert(seen.end(), {access.time_ps, access.offset, access.value});
        }
        for (unsigned i = 0; i < 32; ++i) {
            seen.push_back(machine.hart().reg(i));
        }
        seen.push_back(machine.hart().instructions());
        seen.push_back(to_ps(sc_core::sc_time_stamp()));
        return seen;
    });
}

}  // namespace

TEST_CASE("simulated results are the same whatever the quantum is") {
    const std::vector<std::uint64_t> one_by_one = simulate("1ps");
    REQUIRE(one_by_one.size() > 100 + 3 * 3 * interrupts);
    for (const std::string quantum : {"500ps", "7ns", "100ns", "10us", "1ms", "1000s"}) {
        INFO(quantum);
        CHECK(simulate(quantum) == one_by_one);
    }
}

TEST_CASE("a hart that polls memory sees another master's write at the first load after it") {
    Machine machine;
    sc_core::sc_spawn([&machine] {
        sc_core::wait(from_ps(1'000'100));
        machine.set_data(0, 1);
    });
    Program program;
    program.li(s1, static_cast<std::int32_t>(device_base));
    program.add({ld(t0, 0, a0), beq(t0, zero, -4), sd(t0, 0, s1)});
    machine.run(program.stop());
    // Loads begin at ticks 2, 7, 12, ...: the first one after 1 000 100 ps at tick 2002, then 2 and 1 cycles.
    REQUIRE(machine.bus.accesses.size() == 1);
    CHECK(machine.bus.accesses[0].time_ps == (2002 + 3) * 500);
}

TEST_CASE("another process that never rests at one time does not stop the hart") {
    Machine machine;
    sc_core::sc_spawn([] {
        for (int i = 0; i < 100'000; ++i) {
            sc_core::wait(sc_core::SC_ZERO_TIME);
        }
    });
    machine.run(Program().add({addi(t0, zero, 7)}).stop());
    CHECK(machine.hart().reg(t0) == 7);
}

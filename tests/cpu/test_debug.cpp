// The hart as a debugger sees it (models/cpu/debug.h).

#include <algorithm>
#include <sstream>

#include "tests/cpu/apart.h"
#include "tests/cpu/modes.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

using Reason = StopReason;

/// What each stop was, and when; `on_stop` does what the user would.
class FakeDebugger : public Debugger {
 public:
    struct Seen {
        unsigned hart;
        Reason reason;
        std::uint64_t address;
        bool operator==(const Seen&) const = default;
    };
    std::vector<Seen> seen;
    std::vector<Picoseconds> times;
    bool interrupt = false;
    std::function<void(unsigned hart, const Stop&)> on_stop;

    void stopped(unsigned hart, const Stop& stop) override {
        seen.push_back({hart, stop.reason, stop.address});
        times.push_back(to_ps(sc_core::sc_time_stamp()));
        interrupt = false;
        if (on_stop) {
            on_stop(hart, stop);
        }
    }
    bool interrupt_requested() override { return interrupt; }
};

using Seen = std::vector<FakeDebugger::Seen>;

struct Scene {
    explicit Scene(const Options& options = {.isa = "rv64gc"}) : machine(options) {
        for (unsigned id = 0; id < options.harts; ++id) {
            machine.hart(id).set_debugger(&debugger);
        }
    }
    Hart& hart() { return machine.hart(); }
    std::uint64_t csr(Word number) { return hart().read_register(DebugTarget::first_csr_number + number).value(); }

    FakeDebugger debugger;
    Machine machine;
};

constexpr std::uint64_t entry = memory_base;

}  // namespace

TEST_CASE("a debugger that asks at once stops the hart before its first instruction") {
    Scene scene;
    scene.debugger.interrupt = true;
    scene.debugger.on_stop = [&](unsigned, const Stop&) {
        CHECK(scene.hart().pc() == entry);
        CHECK(scene.hart().instructions() == 0);
    };
    scene.machine.run(Program().add({addi(t0, zero, 1)}).stop());
    CHECK(scene.debugger.seen == Seen{{0, Reason::interrupted, entry}});
    CHECK(scene.debugger.times.at(0) == 0);
    CHECK(scene.hart().reg(t0) == 1);
}

TEST_CASE("a breakpoint stops before its instruction each time it is reached, until it is removed") {
    Scene scene;
    scene.hart().add_breakpoint(entry + 8);
    scene.debugger.on_stop = [&](unsigned, const Stop& stop) {
        CHECK(scene.hart().pc() == stop.address);
        CHECK(scene.hart().reg(t1) == 2 * scene.debugger.seen.size() - 2);
        CHECK(scene.hart().reg(t0) == 6 - scene.debugger.seen.size());
        if (scene.debugger.seen.size() == 3) {
            scene.hart().remove_breakpoint(entry + 8);
        }
    };
    // The breakpoint lies within a block.
    scene.machine.run(Program().add({addi(t0, zero, 6), addi(t0, t0, -1), addi(t1, t1, 2), bne(t0, zero, -8)}).stop());
    CHECK(scene.debugger.seen == Seen(3, {0, Reason::breakpoint, entry + 8}));
    CHECK(scene.hart().reg(t1) == 12);
}

TEST_CASE("a breakpoint that is set while its loop runs is met") {
    Scene scene;
    scene.debugger.on_stop = [&](unsigned, const Stop& stop) {
        if (stop.reason == Reason::interrupted) {
            scene.hart().add_breakpoint(entry + 8);
        } else {
            CHECK(scene.hart().write_register(t0, 1));  // ends the loop
        }
    };
    sc_core::sc_spawn([&scene] {
        sc_core::wait(from_ps(100'000'000));
        scene.debugger.interrupt = true;
    });
    Program program;
    program.li(t0, 10'000'000).add({addi(t0, t0, -1), bne(t0, zero, -4)});
    scene.machine.run(program.stop());
    REQUIRE(scene.debugger.seen.size() == 2);
    CHECK(scene.debugger.seen[1] == FakeDebugger::Seen{0, Reason::breakpoint, entry + 8});
    CHECK(scene.debugger.times[0] >= 100'000'000);
    CHECK(scene.debugger.times[0] < 111'000'000);
}

TEST_CASE("a step executes one instruction, over ecall into the handler, over wfi when it ends") {
    Scene scene;
    scene.machine.load(Program().stop(), trap_handler_base);
    scene.debugger.interrupt = true;
    scene.debugger.on_stop = [&](unsigned, const Stop&) {
        if (scene.debugger.seen.size() < 11) {
            scene.hart().step();
        }
    };
    sc_core::sc_spawn([&scene] {
        sc_core::wait(from_ps(1'000'000));
        scene.machine.pins().timer.write(true);
    });
    Program program;
    program.li(t0, static_cast<std::int32_t>(trap_handler_base));
    program.add({csrw(mtvec, t0), addi(t1, zero, 0x80), csrw(mie, t1), wfi, bne(t1, zero, 8), nop, ld(t2, 0, a0)});
    program.add({ecall});
    scene.machine.run(program);
    Seen expected = {{0, Reason::interrupted, entry}};
    for (const std::uint64_t offset : {4, 8, 12, 16, 20, 24, 32, 36}) {
        expected.push_back({0, Reason::stepped, entry + offset});
    }
    expected.push_back({0, Reason::stepped, trap_handler_base});
    expected.push_back({0, Reason::stepped, trap_handler_base + 4});
    CHECK(scene.debugger.seen == expected);
    CHECK(scene.debugger.times.at(6) >= 1'000'000);  // behind the wfi
}

TEST_CASE("a step does not lead into an interrupt's handler") {
    Scene scene;
    scene.machine.pins().timer.write(true);
    scene.debugger.on_stop = [&](unsigned, const Stop& stop) {
        if (stop.reason == Reason::breakpoint) {
            scene.hart().step();
        }
    };
    Program program;
    program.li(t0, static_cast<std::int32_t>(memory_base + 0x2000)).add({csrw(mtvec, t0), addi(t1, zero, 0x80)});
    program.add({csrw(mie, t1)});
    const std::uint64_t enabling = entry + program.size();
    scene.hart().add_breakpoint(enabling);
    scene.machine.load(Program().add({csrr(s0, mepc)}).stop(), memory_base + 0x2000);
    scene.machine.run(program.add({csrrsi(zero, mstatus, 8), addi(t2, zero, 1)}).stop());
    CHECK(scene.debugger.seen == Seen{{0, Reason::breakpoint, enabling}, {0, Reason::stepped, enabling + 4}});
    CHECK(scene.hart().reg(s0) == enabling + 4);
}

TEST_CASE("a watchpoint stops after an access of its kind that touches its bytes") {
    Scene scene;
    scene.hart().add_watchpoint(WatchKind::write, data_base + 8, 4);
    scene.hart().add_watchpoint(WatchKind::read, data_base + 32, 8);
    scene.hart().add_watchpoint(WatchKind::access, data_base + 64, 1);
    std::vector<std::uint64_t> pcs;
    scene.debugger.on_stop = [&](unsigned, const Stop&) { pcs.push_back(scene.hart().pc() - entry); };
    Program program;
    program.add({sd(t0, 0, a0), sw(t0, 12, a0), ld(t0, 8, a0)});     // 00, 04, 08: not seen
    program.add({sd(t0, 8, a0), sb(t0, 11, a0), sw(t0, 5, a0)});     // 0c, 10, 14
    program.add({amo(0, 3, t0, t0, a0)});                            // 18: not seen
    program.add({sd(t0, 32, a0), lb(t0, 39, a0), ld(t0, 25, a0)});   // 1c: not seen, 20, 24
    program.add({lbu(t0, 64, a0), sd(t0, 64, a0), lb(t0, 65, a0)});  // 28, 2c, 30: not seen
    program.add({addi(a1, a0, 8), amo(0, 2, t0, t0, a1)});           // 38
    scene.machine.run(program.stop());
    const std::uint64_t written = data_base + 8;
    CHECK(scene.debugger.seen == Seen{{0, Reason::write_watchpoint, written},
                                      {0, Reason::write_watchpoint, written + 3},
                                      {0, Reason::write_watchpoint, written},
                                      {0, Reason::read_watchpoint, data_base + 39},
                                      {0, Reason::read_watchpoint, data_base + 32},
                                      {0, Reason::access_watchpoint, data_base + 64},
                                      {0, Reason::access_watchpoint, data_base + 64},
                                      {0, Reason::write_watchpoint, written}});
    CHECK(pcs == std::vector<std::uint64_t>{0x10, 0x14, 0x18, 0x24, 0x28, 0x2c, 0x30, 0x3c});
}

TEST_CASE("an access that raises an exception does not meet a watchpoint, nor does one after its removal") {
    Scene scene;
    load_handlers(scene.machine);
    scene.hart().add_watchpoint(WatchKind::access, device_base, 8);
    scene.debugger.on_stop = [&](unsigned, const Stop&) {
        scene.hart().remove_watchpoint(WatchKind::access, device_base, 8);
    };
    Program program = Machine::trap_setup().li(s0, static_cast<std::int32_t>(device_base));
    program.add({lw(t0, 2, s0), lw(t0, 4, s0), lw(t0, 0, s0)});  // the first is misaligned
    scene.machine.run(program.stop());
    CHECK(scene.machine.traps().size() == 1);
    CHECK(scene.debugger.seen == Seen{{0, Reason::access_watchpoint, device_base + 4}});
}

TEST_CASE("a debugger reads and writes registers, CSRs and the mode") {
    Scene scene;
    scene.debugger.interrupt = true;
    scene.debugger.on_stop = [&](unsigned, const Stop&) {
        DebugTarget& target = scene.hart();
        CHECK(target.read_register(10) == data_base);
        CHECK(target.read_register(DebugTarget::pc_number) == entry);
        CHECK(target.read_register(DebugTarget::privilege_number) == 3);
        CHECK(target.read_register(DebugTarget::first_csr_number + misa).has_value());
        CHECK_FALSE(target.read_register(DebugTarget::first_csr_number + 0x5c0));
        CHECK_FALSE(target.read_register(DebugTarget::privilege_number + 1));
        CHECK_FALSE(target.write_register(0, 1));
        CHECK_FALSE(target.write_register(DebugTarget::pc_number, entry + 1));
        CHECK_FALSE(target.write_register(DebugTarget::privilege_number, 2));
        CHECK_FALSE(target.write_register(DebugTarget::first_csr_number + mhartid, 1));
        CHECK(target.write_register(t0, 7));
        CHECK(target.write_register(DebugTarget::first_float_number + 3, 9));
        CHECK(target.read_register(DebugTarget::first_float_number + 3) == 9);
        CHECK(target.write_register(DebugTarget::first_csr_number + mscratch, 11));
        CHECK(target.write_register(DebugTarget::pc_number, entry + 4));
    };
    scene.machine.run(Program().add({addi(t0, zero, 1), addi(t1, t0, 0), csrr(t2, mscratch)}).stop());
    CHECK(scene.hart().reg(t1) == 7);
    CHECK(scene.hart().reg(t2) == 11);
}

TEST_CASE("a debugger sees memory as S mode does, in whatever page, and leaves A and D alone") {
    Scene scene;
    PageTables tables(scene.machine);
    load_handlers(scene.machine);
    const std::uint64_t page = memory_base + 0x10'0000;
    constexpr std::uint64_t user_code = V | X | U;
    tables.map(page, data_base, user_code);
    tables.map(page + 0x1000, memory_base + 0x7000, V | R);
    Program program = modes_setup().add(PageTables::turn_on()).add(enter(supervisor_mode));
    scene.hart().add_breakpoint(entry + program.size());
    scene.debugger.on_stop = [&](unsigned, const Stop&) {
        DebugTarget& target = scene.hart();
        const std::uint64_t value = 0x8877'6655'4433'2211;
        std::uint64_t read = 0;
        CHECK(target.write_memory(page + 0xffc, &value, 8));
        CHECK(target.read_memory(page + 0xffc, &read, 8));
        CHECK(read == value);
        CHECK_FALSE(target.read_memory(page + 0x2000, &read, 8));
        CHECK_FALSE(target.read_memory(page + 0x1ffc, &read, 8));
        CHECK(target.read_register(DebugTarget::privilege_number) == 1);
    };
    scene.machine.run(program.add(end_program()));
    CHECK(scene.debugger.seen.size() == 1);
    CHECK(scene.machine.double_word(data_base + 0xff8) >> 32 == 0x4433'2211);
    CHECK(scene.machine.double_word(memory_base + 0x7000) == 0x8877'6655);
    CHECK(tables.bits(page) == user_code);
    CHECK(tables.bits(page + 0x1000) == (V | R));
}

TEST_CASE("code that a debugger writes is what all harts execute next, at a breakpoint too") {
    Scene scene({.isa = "rv64gc", .quantum = "100ns", .harts = 2});
    // Both run a loop; hart 0 meets a breakpoint before the addi in its third round, where it becomes another.
    const std::uint64_t patched = entry + 4;
    scene.hart().add_breakpoint(patched);
    scene.debugger.on_stop = [&](unsigned, const Stop&) {
        if (scene.debugger.seen.size() == 3) {
            const Word instruction = addi(t1, t1, 0x100);
            CHECK(scene.hart().write_memory(patched, &instruction, 4));
            scene.hart().remove_breakpoint(patched);
        }
    };
    scene.machine.run(
        Program().add({addi(t0, zero, 1000), addi(t1, t1, 1), addi(t0, t0, -1), bne(t0, zero, -8)}).stop());
    CHECK(scene.debugger.seen.size() == 3);
    CHECK(scene.hart().reg(t1) == 2 + 998 * 0x100);
    // Hart 1 has done some rounds of the first quantum before.
    const std::uint64_t missing = 1000 * 0x100 - scene.machine.hart(1).reg(t1);
    CHECK(missing % 0xff == 0);
    CHECK(missing / 0xff < 100);
}

TEST_CASE("a hart on hold executes nothing, not even the instruction at its breakpoint, while others go on") {
    Scene scene({.isa = "rv64gc", .quantum = "100ns", .harts = 2});
    scene.hart().add_breakpoint(entry + 4);
    scene.debugger.on_stop = [&](unsigned, const Stop&) { scene.hart().hold(true); };
    std::uint64_t held = 0;
    sc_core::sc_spawn([&] {
        sc_core::wait(from_ps(1'000'000));
        held = scene.hart().instructions();
        scene.hart().hold(false);
    });
    scene.machine.run(Program().add({addi(t0, zero, 1), addi(t0, t0, 1), addi(t0, t0, 1)}).stop());
    CHECK(scene.debugger.seen == Seen{{0, Reason::breakpoint, entry + 4}});
    CHECK(held == 1);
    CHECK(scene.hart().reg(t0) == 3);
    CHECK(scene.machine.hart(1).reg(t0) == 3);
}

TEST_CASE("a session that only looks changes neither times nor results") {
    // A loop with loads, stores, a device and the counters.
    Program program;
    program.li(s1, static_cast<std::int32_t>(device_base)).add({addi(s0, zero, 30)});
    program.add({ld(t0, 0, a0), addi(t0, t0, 3), sd(t0, 0, a0), csrr(t1, mcycle), add(t2, t2, t1), andi(t1, s0, 7)});
    program.add({bne(t1, zero, 8), sd(t2, 0, s1), addi(s0, s0, -1), bne(s0, zero, -36)}).stop();
    enum Session { none, breakpoints, steps, watchpoints };
    const auto simulate = [&program](Session session) {
        return apart([&] {
            Scene scene;
            if (session == breakpoints) {
                scene.hart().add_breakpoint(entry + 20);
            } else if (session == watchpoints) {
                scene.hart().add_watchpoint(WatchKind::access, data_base, 8);
            }
            scene.debugger.interrupt = session == steps;
            scene.debugger.on_stop = [&](unsigned, const Stop&) {
                std::uint64_t value = 0;
                scene.hart().read_memory(data_base, &value, 8);
                if (session == steps) {
                    scene.hart().step();
                }
            };
            scene.machine.run(program);
            std::vector<std::uint64_t> seen = {scene.hart().instructions(), to_ps(sc_core::sc_time_stamp()),
                                               scene.machine.data(0)};
            for (const Bus::Access& access : scene.machine.bus.accesses) {
                seen.insert(seen.end(), {access.time_ps, access.value});
            }
            return seen;
        });
    };
    const std::vector<std::uint64_t> undisturbed = simulate(none);
    CHECK(undisturbed.size() > 3);
    CHECK(simulate(breakpoints) == undisturbed);
    CHECK(simulate(steps) == undisturbed);
    CHECK(simulate(watchpoints) == undisturbed);
}

TEST_CASE("a trace has a line for each instruction, in objdump's form") {
    std::ostringstream lines;
    Scene scene;
    scene.hart().trace_instructions(&lines);
    Program program;
    program.add({addi(t0, zero, 3), addi(t0, t0, -1), bne(t0, zero, -4)}).half(c_nop);
    scene.machine.run(program.stop());
    const std::string text = lines.str();
    // The last wfi has begun and never ends.
    CHECK(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) == scene.hart().instructions() + 1);
    CHECK(text.find("40000000:") != std::string::npos);
    CHECK(text.find("bnez") != std::string::npos);
}

// When things happen, to the picosecond, with the default cycles: alu 1, multiply 3, divide 20, memory 2, atomic 5,
// branch 1 and 2 more when taken, csr 3, trap 5.

#include "tests/cpu/apart.h"
#include "tests/cpu/machine.h"

using namespace aqpim;
using namespace aqpim::test;
using namespace rv;

namespace {

struct Recorded {
    std::string name;
    Picoseconds start_ps;
    Picoseconds end_ps;
    Activity activity;
    bool operator==(const Recorded&) const = default;
};

class Listing : public RecorderSink {
 public:
    std::vector<std::string> tracks;
    std::vector<Recorded> slices;

    void on_track(TrackId, const std::string& path) override { tracks.push_back(path); }
    void on_slice(const Slice& slice) override {
        slices.push_back({std::string(slice.name), slice.start_ps, slice.end_ps, slice.activity});
    }
};

void raise_at(sc_core::sc_signal<bool>& pin, Picoseconds time_ps) {
    sc_core::sc_spawn([&pin, time_ps] {
        sc_core::wait(from_ps(time_ps));
        pin.write(true);
    });
}

/// Enables the timer interrupt in mie and puts the device's address into s1: 8 cycles.
Program enable_timer() {
    Program program;
    return program.li(t0, 0x80).add({csrw(mie, t0)}).li(s1, static_cast<std::int32_t>(device_base)).add({nop});
}

/// Interrupts a loop of two instructions of 1 and 3 cycles at `time_ps`; gives the count and when the handler's first
/// instruction arrives at the device.
std::vector<std::uint64_t> interrupted_at(Picoseconds time_ps) {
    return apart([time_ps] {
        Machine machine;
        raise_at(machine.pins().timer, time_ps);
        Program program;
        program.li(t0, static_cast<std::int32_t>(memory_base + 0x400)).add({csrw(mtvec, t0)});
        program.li(t0, 0x80).add({csrw(mie, t0)}).li(s1, static_cast<std::int32_t>(device_base));
        program.add({csrrsi(zero, mstatus, 8)});  // 15 cycles up to here
        program.add({addi(t2, t2, 1), jal(zero, -4)});
        machine.load(Program().add({sd(t2, 0, s1)}).stop(), memory_base + 0x400);
        machine.run(program);
        return std::vector<std::uint64_t>{machine.hart().reg(t2), machine.bus.accesses.at(0).time_ps};
    });
}

}  // namespace

TEST_CASE("each instruction takes the cycles of its class") {
    struct Case {
        Word instruction;
        std::uint64_t cycles;
    };
    const std::vector<Case> cases = {
        {nop, 1},
        {fence, 1},
        {lui(t2, 1), 1},
        {op(1, 0, t2, t2, t2), 3},
        {op32(1, 0, t2, t2, t2), 3},
        {op(1, 4, t2, t2, t2), 20},
        {op(1, 7, t2, t2, t2), 20},
        {ld(t2, 0, a0), 2},
        {sb(t2, 0, a0), 2},
        {amo(0, 3, t2, zero, a0), 5},
        {beq(zero, zero, 4), 3},
        {bne(zero, zero, 4), 1},
        {jal(t2, 4), 3},
        {csrr(t2, mscratch), 3},
        {fence_i, 3},
    };
    Machine machine;
    Program program;
    program.li(s0, static_cast<std::int32_t>(data_base + 0x1000));
    for (const Case& c : cases) {
        program.add({csrr(t0, mcycle), c.instruction, csrr(t1, mcycle), sub(t1, t1, t0), sd(t1, 0, s0)});
        program.add({addi(s0, s0, 8)});
    }
    machine.run(program.stop());
    for (unsigned i = 0; i < cases.size(); ++i) {
        INFO("case " << i);
        CHECK(machine.double_word(data_base + 0x1000 + 8 * i) == 3 + cases[i].cycles);
    }
}

TEST_CASE("an access arrives at its tick, and the hart goes on at the first tick after its delay") {
    Machine machine({.clock = "0.7ns"});
    Program program;
    program.li(s0, static_cast<std::int32_t>(device_base)).add({sd(zero, 0, s0), lw(t0, 8, s0)});
    machine.run(program.stop());
    REQUIRE(machine.bus.accesses.size() == 2);
    CHECK(machine.bus.accesses[0] == Bus::Access{2 * 700, true, 0, 0});
    // 1400 + 100 000 ps lies in tick 144.86: tick 145, and 2 cycles of the store itself.
    CHECK(machine.bus.accesses[1] == Bus::Access{147 * 700, false, 8, 0});
}

TEST_CASE("cycles of a clock whose period is no whole number of picoseconds do not drift") {
    Machine machine({.clock = "3GHz"});
    Program program;
    program.li(s0, static_cast<std::int32_t>(device_base)).li(t0, 1'000'000);
    program.add({addi(t0, t0, -1), bne(t0, zero, -4), sd(zero, 0, s0)});
    machine.run(program.stop());
    const Ticks ticks = 4 + 1'000'000 * 4 - 2;  // the last branch is not taken
    REQUIRE(machine.bus.accesses.size() == 1);
    CHECK(machine.bus.accesses[0].time_ps == (ticks * 1000 + 1) / 3);  // nearest: 4 000 002 / 3 is whole
}

TEST_CASE("wfi sleeps until an enabled interrupt is pending and goes on at the next tick") {
    Machine machine;
    raise_at(machine.pins().external, 50'000);  // not enabled
    raise_at(machine.pins().timer, 123'456);
    machine.run(enable_timer().add({wfi, sd(zero, 0, s1)}).stop());
    REQUIRE(machine.bus.accesses.size() == 1);
    CHECK(machine.bus.accesses[0].time_ps == 123'500 + 3 * 500);
}

TEST_CASE("wfi with an interrupt pending does not sleep") {
    Machine machine;
    machine.pins().timer.write(true);
    machine.run(enable_timer().add({wfi, sd(zero, 0, s1)}).stop());
    REQUIRE(machine.bus.accesses.size() == 1);
    CHECK(machine.bus.accesses[0].time_ps == (8 + 3) * 500);
}

TEST_CASE("an interrupt is taken before the first instruction that begins at its time or after") {
    // addi begins at ticks 15, 19, ..., jal at 16, 20, ...; the trap takes 5 cycles
    CHECK(interrupted_at(50'001) == std::vector<std::uint64_t>{22, (103 + 5) * 500});
    CHECK(interrupted_at(51'500) == std::vector<std::uint64_t>{22, (103 + 5) * 500});
    CHECK(interrupted_at(51'501) == std::vector<std::uint64_t>{23, (104 + 5) * 500});
    CHECK(interrupted_at(52'000) == std::vector<std::uint64_t>{23, (104 + 5) * 500});
    CHECK(interrupted_at(52'001) == std::vector<std::uint64_t>{23, (107 + 5) * 500});
}

TEST_CASE("the recorder sees one slice for each stretch of running and of sleep") {
    Listing listing;
    Machine machine({.quantum = "1ns"}, &listing);
    raise_at(machine.pins().timer, 100'000);
    machine.run(enable_timer().add({wfi, nop, csrw(mie, zero), wfi}));
    machine.hart().finish();
    CHECK(listing.tracks == std::vector<std::string>{"host.hart0"});
    CHECK(listing.slices == std::vector<Recorded>{
                                {"run", 0, 4'000, Activity::host},
                                {"wfi", 4'000, 100'000, Activity::none},
                                {"run", 100'000, 103'500, Activity::host},  // wfi 3, nop 1, csrw 3 cycles
                            });
}

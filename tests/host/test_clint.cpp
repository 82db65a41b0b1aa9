#include "models/clint/clint.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

constexpr std::uint64_t msip = 0x0;
constexpr std::uint64_t mtimecmp = 0x4000;
constexpr std::uint64_t mtime = 0xbff8;
constexpr Picoseconds tick = 100'000;  // 10 MHz

struct Scene {
    Initiator hart{"hart"};
    Clint clint{"clint", 2};
    Wire software0{"software0"};
    Wire software1{"software1"};
    Wire timer0{"timer0"};
    Wire timer1{"timer1"};

    Scene() {
        hart.socket.bind(clint.socket);
        clint.software_interrupt[0].bind(software0.signal);
        clint.software_interrupt[1].bind(software1.signal);
        clint.timer_interrupt[0].bind(timer0.signal);
        clint.timer_interrupt[1].bind(timer1.signal);
        settle();
    }
    void write64(std::uint64_t offset, std::uint64_t value, Picoseconds delay_ps = 0) {
        REQUIRE(hart.write(offset, value, delay_ps) == tlm::TLM_OK_RESPONSE);
    }
};

}  // namespace

TEST_CASE("mtime counts 10 MHz of simulated time, as seen by who reads it") {
    Scene scene;
    CHECK(scene.hart.read<std::uint64_t>(mtime) == 0);
    run_to(7 * tick - 1);
    CHECK(scene.hart.read<std::uint64_t>(mtime) == 6);
    CHECK(scene.hart.read<std::uint64_t>(mtime, 1) == 7);
    CHECK(scene.clint.time(from_ps(1'000 * tick)) == 1'000);
    run_to(sc_core::sc_time(1, sc_core::SC_SEC).value());
    CHECK(scene.hart.read<std::uint64_t>(mtime) == 10'000'000);
}

TEST_CASE("after reset no timer interrupt is due") {
    Scene scene;
    CHECK(scene.hart.read<std::uint64_t>(mtimecmp) == ~std::uint64_t{0});
    CHECK(scene.hart.read<std::uint64_t>(mtimecmp + 8) == ~std::uint64_t{0});
    run_to(10'000'000 * tick);
    CHECK(scene.timer0.changes.empty());
    CHECK(scene.software0.changes.empty());
}

TEST_CASE("the timer interrupt comes at the picosecond at which mtime reaches mtimecmp") {
    Scene scene;
    run_to(12'345);
    scene.write64(mtimecmp, 3);
    scene.write64(mtimecmp + 8, 1'000);
    run_to(2'000 * tick);
    CHECK(scene.timer0.changes == Changes{{3 * tick, true}});
    CHECK(scene.timer1.changes == Changes{{1'000 * tick, true}});
}

TEST_CASE("moving mtimecmp on takes the timer interrupt back at the write's time, and brings the next one") {
    Scene scene;
    scene.write64(mtimecmp, 2);
    run_to(5 * tick);
    scene.write64(mtimecmp, 9, 777);
    run_to(20 * tick);
    CHECK(scene.timer0.changes == Changes{{2 * tick, true}, {5 * tick + 777, false}, {9 * tick, true}});
}

TEST_CASE("an mtimecmp moved before it was reached does not fire at its old time") {
    Scene scene;
    scene.write64(mtimecmp, 4);
    run_to(2 * tick);
    scene.write64(mtimecmp, 8);
    run_to(3 * tick);
    scene.write64(mtimecmp + 8, 5);
    run_to(20 * tick);
    CHECK(scene.timer0.changes == Changes{{8 * tick, true}});
    CHECK(scene.timer1.changes == Changes{{5 * tick, true}});
}

TEST_CASE("an mtimecmp in the past interrupts at the write's annotated time") {
    Scene scene;
    run_to(10 * tick);
    scene.write64(mtimecmp, 10, 250);
    run_to(12 * tick);
    CHECK(scene.timer0.changes == Changes{{10 * tick + 250, true}});
}

TEST_CASE("mtimecmp can be written by halves, as 32-bit software does") {
    Scene scene;
    CHECK(scene.hart.write<std::uint32_t>(mtimecmp + 4, 0xffffffff) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(mtimecmp, 6) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(mtimecmp + 4, 0) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.read<std::uint64_t>(mtimecmp) == 6);
    CHECK(scene.hart.read<std::uint32_t>(mtime + 4) == 0);
    run_to(7 * tick);
    CHECK(scene.timer0.changes == Changes{{6 * tick, true}});
}

TEST_CASE("writing mtime moves the time and the interrupts that hang on it") {
    Scene scene;
    scene.write64(mtimecmp, 1'000'000);
    run_to(4 * tick + 50'000);
    scene.write64(mtime, 999'998);
    CHECK(scene.hart.read<std::uint64_t>(mtime) == 999'998);
    CHECK(scene.clint.time(from_ps(5 * tick)) == 999'999);
    run_to(10 * tick);
    // The phase of the ticks does not move: two ticks on from 4 * tick.
    CHECK(scene.timer0.changes == Changes{{6 * tick, true}});
    scene.write64(mtime, 0);
    settle();
    CHECK_FALSE(scene.timer0.is_high());
}

TEST_CASE("the timer interrupt goes off when mtime wraps around") {
    Scene scene;
    scene.write64(mtimecmp, ~std::uint64_t{0} - 1);
    scene.write64(mtime, ~std::uint64_t{0} - 3);
    run_to(10 * tick);
    CHECK(scene.timer0.changes == Changes{{2 * tick, true}, {4 * tick, false}});
}

TEST_CASE("msip raises its own hart's software interrupt at the write's annotated time") {
    Scene scene;
    run_to(1'000);
    CHECK(scene.hart.write<std::uint32_t>(msip + 4, 0xffffffff, 300) == tlm::TLM_OK_RESPONSE);
    run_to(2'000);
    CHECK(scene.hart.read<std::uint32_t>(msip + 4) == 1);
    CHECK(scene.hart.read<std::uint32_t>(msip) == 0);
    CHECK(scene.hart.write<std::uint32_t>(msip + 4, 0) == tlm::TLM_OK_RESPONSE);
    settle();
    CHECK(scene.software1.changes == Changes{{1'300, true}, {2'000, false}});
    CHECK(scene.software0.changes.empty());
}

TEST_CASE("harts that do not exist have no CLINT registers") {
    Scene scene;
    std::uint32_t value = 0;
    CHECK(scene.hart.try_read(msip + 8, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.hart.try_read(mtimecmp + 16, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    std::uint64_t both = 0;
    CHECK(scene.hart.try_read(msip, both) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_CASE("a debugger can read mtime") {
    Scene scene;
    run_to(5 * tick);
    std::uint64_t value = 0;
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, mtime, value) == 8);
    CHECK(value == 5);
}

TEST_CASE("a reset takes the interrupts back, and mtime counts from zero") {
    Scene scene;
    run_to(10 * tick);
    CHECK(scene.hart.write<std::uint32_t>(msip, 1) == tlm::TLM_OK_RESPONSE);
    scene.write64(mtimecmp + 8, 10);
    settle();
    CHECK(scene.software0.is_high());
    CHECK(scene.timer1.is_high());
    scene.clint.reset();
    settle();
    CHECK_FALSE(scene.software0.is_high());
    CHECK_FALSE(scene.timer1.is_high());
    CHECK(scene.hart.read<std::uint64_t>(mtime) == 0);
    CHECK(scene.hart.read<std::uint64_t>(mtimecmp + 8) == ~std::uint64_t{0});
    run_to(13 * tick);
    CHECK(scene.hart.read<std::uint64_t>(mtime) == 3);
}

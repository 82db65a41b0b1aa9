#include <catch2/catch.hpp>

#include "models/common/clock.h"
#include "models/common/error.h"

using namespace aqpim;

TEST_CASE("a clock of no whole picoseconds does not drift") {
    const Clock ddr4 = Clock::parse("833.33ps");
    CHECK(ddr4.at(1) == 833);
    CHECK(ddr4.at(100'000'000) == 83'333'000'000);
    const Clock third = Clock::parse("3GHz");
    CHECK(third.at(1) == 333);
    CHECK(third.at(2) == 667);
    CHECK(third.at(3'000'000'000) == 1'000'000'000'000);
}

TEST_CASE("a frequency and its period are the same clock") {
    CHECK(Clock::parse("2GHz").at(7) == Clock::parse("500ps").at(7));
    CHECK(Clock::parse("0.769ns").at(1000) == 769'000);
    CHECK(Clock::parse("312.5 ps").at(2) == 625);
}

TEST_CASE("the first tick at a time is the one at or after it") {
    for (const char* period : {"833.33ps", "3GHz", "769ps", "1ns"}) {
        const Clock clock = Clock::parse(period);
        for (Picoseconds time = 0; time < 5000; ++time) {
            const Ticks tick = clock.first_tick_at(time);
            CHECK(clock.at(tick) >= time);
            if (tick > 0) {
                CHECK(clock.at(tick - 1) < time);
            }
        }
    }
}

TEST_CASE("a clock without frequency is refused") {
    CHECK_THROWS_AS(Clock::parse("0GHz"), InputError);
    CHECK_THROWS_AS(Clock::parse("2"), InputError);
    CHECK_THROWS_AS(Clock::parse("16GiB"), InputError);
}

TEST_CASE("transfers round up to the picosecond and do not overflow") {
    CHECK(transfer_time_ps(1, 1'000'000'000'000) == 1);
    CHECK(transfer_time_ps(1, 3'000'000'000'000) == 1);
    CHECK(transfer_time_ps(std::uint64_t{1} << 40, 64'000'000'000) == 17'179'869'184'000);
}

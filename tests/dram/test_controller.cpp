// Queues and scheduling of a controller. Ticks are counted by hand from AttAcc's HBM3 (system.md §3):
// CL 19, CWL 6, BL 2, RCD 19, RP 19, RAS 45, RC 63, CCD 2/4, RRD 2/4, FAW 39, WTR 8/11, RTW 17, WR 21, RTP 8, REFI
// 5070, RFC 456.
#include <catch2/catch.hpp>

#include "controller_rig.h"

using namespace aqpim;
using namespace aqpim::dram;
using enum Command;

TEST_CASE("a read of a closed bank takes tRCD, tCL and its burst") {
    ControllerRig rig;
    const auto id = rig.read(place(1, 0));
    rig.finish();
    CHECK(rig.ticks_of(ACT) == List{0});
    CHECK(rig.ticks_of(RD) == List{19});
    CHECK(rig.completed(id) == 19 + 19 + 2);
}

TEST_CASE("a read of an open row takes tCL and its burst, and so does a write with tCWL") {
    ControllerRig rig;
    rig.read(place(1, 0));
    rig.controller.advance(100);
    const auto hit = rig.read(place(1, 1));
    rig.controller.advance(200);
    const auto write = rig.write(place(1, 2));
    rig.finish();
    CHECK(rig.completed(hit) == 100 + 19 + 2);
    CHECK(rig.completed(write) == 200 + 6 + 2);
}

TEST_CASE("a read of another row precharges first, when tRAS and tRTP have passed") {
    ControllerRig rig;
    rig.read(place(1, 0));
    rig.controller.advance(41);
    rig.read(place(2, 0));
    rig.controller.advance(200);
    const auto late = rig.read(place(3, 0));
    rig.finish();
    CHECK(rig.ticks_of(PRE) == List{45, 200});
    CHECK(rig.ticks_of(ACT) == List{0, 45 + 19, 200 + 19});
    CHECK(rig.completed(late) == 200 + 19 + 19 + 19 + 2);
}

TEST_CASE("the fifth activate of a rank waits for tFAW, that of another rank does not") {
    ControllerRig rig;
    for (std::uint32_t group = 0; group < 4; ++group) {
        rig.read(place(1, 0, group));
    }
    rig.read(place(1, 0, 0, 1));
    Location other_rank = place(1, 0);
    other_rank.rank = 1;
    rig.read(other_rank);
    rig.finish();
    CHECK(rig.ticks_of(ACT) == List{0, 2, 4, 5, 6, 39});
}

TEST_CASE("reads go before writes while the writes stay below the high watermark") {
    ControllerRig rig({{"memory.write_queue", "10"}});
    rig.read(place(1, 0));
    for (std::uint32_t i = 0; i < 8; ++i) {
        rig.read(place(1, 1 + i));
    }
    for (std::uint32_t i = 0; i < 8; ++i) {
        rig.write(place(1, 20 + i));
    }
    rig.finish();
    CHECK(rig.ticks_of(RD) == List{19, 23, 27, 31, 35, 39, 43, 47, 51});
    CHECK(rig.ticks_of(WR) == List{68, 72, 76, 80, 84, 88, 92, 96});  // tRTW after the last read
}

TEST_CASE("above the high watermark writes are drained until fewer than the low one are left") {
    ControllerRig rig({{"memory.write_queue", "10"}});
    rig.read(place(1, 0));
    for (std::uint32_t i = 0; i < 8; ++i) {
        rig.read(place(1, 1 + i));
    }
    for (std::uint32_t i = 0; i < 9; ++i) {
        rig.write(place(1, 20 + i));
    }
    rig.finish();
    // The first read has had the row opened for it. The ninth write starts the drain, which leaves one.
    CHECK(rig.ticks_of(WR) == List{36, 40, 44, 48, 52, 56, 60, 64, 128});
    CHECK(rig.ticks_of(RD) == List{19, 83, 87, 91, 95, 99, 103, 107, 111});
}

TEST_CASE("a read is answered from a write that waits") {
    ControllerRig rig;
    rig.read(place(1, 0));
    rig.read(place(1, 1));
    rig.write(place(1, 5));
    const Ticks now = rig.controller.now() + 1;
    const auto id = rig.read(place(1, 5));
    CHECK(rig.completed(id) == now + 1);
    rig.finish();
    CHECK(rig.controller.forwarded() == 1);
    CHECK(rig.ticks_of(RD) == List{19, 23});
}

TEST_CASE("a write whose row has been activated answers reads as long as it waits") {
    ControllerRig rig;
    rig.write(place(1, 5));
    rig.controller.advance(10);
    const auto id = rig.read(place(1, 5));
    CHECK(rig.controller.forwarded() == 1);
    CHECK(rig.completed(id) == 11);
    rig.controller.advance(100);
    const auto later = rig.read(place(1, 5));
    rig.finish();
    CHECK(rig.completed(later) == 100 + 19 + 2);
}

TEST_CASE("a write to the place of one that waits is merged into it") {
    ControllerRig rig;
    rig.read(place(1, 0));
    rig.read(place(1, 1));
    rig.write(place(1, 5));
    rig.write(place(1, 5));
    rig.write(place(2, 5));
    rig.finish();
    CHECK(rig.controller.merged() == 1);
    CHECK(rig.ticks_of(WR).size() == 2);
}

TEST_CASE("first ready: a row hit overtakes an older request for another row, first come does not let it") {
    const auto order = [](const char* scheduler) {
        ControllerRig rig({{"memory.scheduler", scheduler}});
        rig.read(place(1, 0));
        const auto conflict = rig.read(place(2, 0));
        const auto hit = rig.read(place(1, 1));
        rig.finish();
        return std::pair(rig.completed(hit), rig.completed(conflict));
    };
    CHECK(order("fr_fcfs") == std::pair<Ticks, Ticks>(23 + 21, 45 + 19 + 19 + 21));
    // The hit has lost its row: it comes when the conflicting request has been served.
    CHECK(order("fcfs").second == 45 + 19 + 19 + 21);
    CHECK(order("fcfs").first > order("fcfs").second);
}

TEST_CASE("a request that has waited longer than the age cap goes before row hits") {
    const auto precharged = [](const char* age_cap) {
        ControllerRig rig({{"memory.age_cap", age_cap}});
        rig.read(place(1, 0));
        rig.read(place(2, 0));  // at tick 1
        for (std::uint32_t i = 0; i < 100; ++i) {
            rig.read(place(1, 1 + i % 31));
        }
        rig.finish();
        return rig.ticks_of(PRE).front();
    };
    // Row hits go every tCCD_L; a precharge waits for tRTP after the last. There are 100 of them after the first.
    CHECK(precharged("0") == 19 + 100 * 4 + 8);
    // From tick 1 + 200 + 1 on only the oldest competes; the last hit before that goes at 199.
    CHECK(precharged("200") == 199 + 8);
}

TEST_CASE("a request of many bursts does what single ones do that nothing else disturbs") {
    const auto run = [](bool whole, bool write) {
        ControllerRig rig;
        const auto enter = [&](const Location& location, std::uint32_t bursts) {
            return write ? rig.write(location, bursts) : rig.read(location, bursts);
        };
        std::uint64_t last = 0;
        if (whole) {
            last = enter(place(1, 3), 8);
        } else {
            for (std::uint32_t i = 0; i < 8; ++i) {
                last = enter(place(1, 3 + i), 1);
            }
        }
        rig.finish();
        List ticks = rig.ticks_of(write ? WR : RD);
        ticks.push_back(rig.completed(last));
        return ticks;
    };
    CHECK(run(true, false) == List{19, 23, 27, 31, 35, 39, 43, 47, 47 + 21});
    CHECK(run(false, false) == run(true, false));
    CHECK(run(false, true) == run(true, true));
}

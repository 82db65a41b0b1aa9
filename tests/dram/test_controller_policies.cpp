// Page policies and refresh of a controller. Ticks are counted by hand from AttAcc's HBM3 (system.md §3):
// CL 19, CWL 6, BL 2, RCD 19, RP 19, RAS 45, RC 63, CCD 2/4, RRD 2/4, FAW 39, WTR 8/11, RTW 17, WR 21, RTP 8, REFI
// 5070, RFC 456.
#include <catch2/catch.hpp>

#include "controller_rig.h"

using namespace aqpim;
using namespace aqpim::dram;
using enum Command;

namespace {

constexpr Ticks refi = 5070;
constexpr Ticks rfc = 456;

}  // namespace

TEST_CASE("closed pages: the last request for a row precharges it automatically") {
    ControllerRig rig({{"memory.page_policy", "closed"}});
    rig.read(place(1, 0));
    rig.read(place(1, 1));
    rig.controller.advance(50);
    rig.read(place(2, 0));
    rig.finish();
    CHECK(rig.ticks_of(RD) == List{19});
    CHECK(rig.ticks_of(RDA) == List{23, 45 + 19 + 19});  // the precharge waits for tRAS
    CHECK(rig.ticks_of(ACT) == List{0, 45 + 19});
    CHECK(rig.ticks_of(PRE).empty());
}

TEST_CASE("page timeout: a row is closed when it has not been accessed for so long") {
    ControllerRig rig({{"memory.page_policy", "timeout"}, {"memory.page_timeout", "100"}});
    rig.read(place(1, 0));
    rig.controller.advance(100);
    rig.read(place(1, 1));
    rig.controller.advance(1000);
    CHECK(rig.ticks_of(PRE) == List{200});
    CHECK(rig.ticks_of(ACT) == List{0});
}

TEST_CASE("an idle rank is refreshed when it is due, with its rows closed first") {
    ControllerRig rig({{"dram.refresh", "all_bank"}});
    rig.read(place(1, 0));
    rig.controller.advance(2 * refi);
    // One row command a tick, and rank by rank.
    CHECK(rig.ticks_of(PREA) == List{refi});
    CHECK(rig.ticks_of(REFab) == List{refi + 1, refi + 2, refi + 3, refi + 19});
}

TEST_CASE("a refresh waits for a busy rank as long as JEDEC allows, and then stops it") {
    for (const Ticks postpone : {1, 3, 8}) {
        ControllerRig rig({{"dram.refresh", "all_bank"}, {"dram.refresh_postpone", std::to_string(postpone)}});
        // Row hits without end, tCCD_L apart.
        for (std::uint32_t i = 0; rig.controller.now() < (postpone + 1) * refi; ++i) {
            rig.read(place(1, i % 32));
        }
        rig.finish();
        const Ticks deadline = postpone * refi;
        const Ticks last_read = 19 + (deadline - 1 - 19) / 4 * 4;
        const std::vector<TracedCommand> refreshes = rig.commands_of(REFab);
        const List ticks = rig.ticks_of(REFab);
        std::size_t first = 0;
        while (refreshes[first].pseudo_channel != 0 || refreshes[first].rank != 0) {
            ++first;
        }
        INFO(postpone);
        CHECK(rig.ticks_of(PREA).front() == last_read + 8);
        CHECK(ticks[first] == last_read + 8 + 19);
        const List reads = rig.ticks_of(RD);
        CHECK(*std::upper_bound(reads.begin(), reads.end(), deadline) == ticks[first] + rfc + 19);
    }
}

TEST_CASE("per-bank refreshes go round the banks of a rank while the others are accessed") {
    ControllerRig rig({{"dram.refresh", "per_bank"}});
    constexpr Ticks refi_pb = 316;
    rig.controller.advance(refi_pb * 17 + 10);
    const std::vector<TracedCommand> refreshes = rig.commands_of(REFpb);
    const List ticks = rig.ticks_of(REFpb);
    REQUIRE(refreshes.size() == 17 * 4);
    for (std::size_t i = 0; i < refreshes.size(); ++i) {
        const std::size_t round = i / 4;
        CHECK(ticks[i] == (round + 1) * refi_pb + i % 4);
        CHECK(static_cast<std::size_t>(refreshes[i].bank_group * 4 + refreshes[i].bank) == round % 16);
    }
    const auto id = rig.read(place(1, 0, 3, 3));  // bank 0 is being refreshed: tRREFD has passed
    const Ticks now = rig.controller.now();
    rig.finish();
    CHECK(rig.completed(id) == now + 19 + 19 + 2);
}

TEST_CASE("time that passes in steps and time that passes at once give the same commands") {
    const auto run = [](bool in_steps) {
        ControllerRig rig({{"dram.refresh", "all_bank"}});
        for (std::uint32_t i = 0; i < 40; ++i) {
            rig.read(place(i % 3, i % 32, i % 4));
        }
        if (in_steps) {
            while (rig.controller.now() < 3 * refi) {
                rig.controller.advance(rig.controller.now() + 1);
            }
        } else {
            rig.controller.advance(3 * refi);
        }
        List ticks;
        for (const Command command : {ACT, PRE, PREA, RD, REFab}) {
            const List some = rig.ticks_of(command);
            ticks.insert(ticks.end(), some.begin(), some.end());
        }
        return ticks;
    };
    CHECK(run(true) == run(false));
}

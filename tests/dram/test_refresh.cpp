// When a channel refreshes. tREFI 5070, tRFC 456, tRP 19 cycles; two pseudo-channels of two ranks.
#include <catch2/catch.hpp>

#include "models/dram/channel.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

constexpr Ticks refi = 5070;
constexpr Ticks rfc = 456;

struct RefreshRig {
    explicit RefreshRig(const std::string& postponed, bool traced = true)
        : scene({{"dram.refresh", postponed == "off" ? "off" : "all_bank"},
                 {"dram.refresh_postpone", postponed == "off" ? "0" : postponed}}),
          channel(scene.parameters, 0, traced ? &log : nullptr) {}

    std::vector<Ticks> ticks_of(Command command) {
        channel.finish_trace();
        return log.ticks_of(command, scene.parameters.timing.tCK);
    }

    Scene scene;
    CommandLog log;
    Channel channel;
};

}  // namespace

TEST_CASE("an idle channel refreshes every rank of every pseudo-channel each tREFI") {
    RefreshRig rig("8");
    rig.channel.settle(3 * refi + 100);
    const std::vector<Ticks> refreshes = rig.ticks_of(Command::REFab);
    CHECK(refreshes == std::vector<Ticks>{refi, refi + 1, refi + 2, refi + 3, 2 * refi, 2 * refi + 1, 2 * refi + 2,
                                          2 * refi + 3, 3 * refi, 3 * refi + 1, 3 * refi + 2, 3 * refi + 3});
    CHECK(rig.channel.counters().refreshes == 12);
}

TEST_CASE("with refresh off there is none") {
    RefreshRig rig("off");
    rig.channel.settle(100 * refi);
    rig.channel.access({}, false, 200 * refi);
    CHECK(rig.channel.counters().refreshes == 0);
}

TEST_CASE("a read that comes just after an idle channel's refresh waits for tRFC") {
    RefreshRig rig("0");
    const Ticks done = rig.channel.access({}, false, refi + 1);
    CHECK(done == refi + rfc + 19 + 21);  // rank 0 of pseudo-channel 0 is refreshed first
}

TEST_CASE("a refresh closes open rows first") {
    RefreshRig rig("8");
    rig.channel.access({}, false, 0);
    rig.channel.settle(refi + 1);
    CHECK(rig.ticks_of(Command::PREA) == std::vector<Ticks>{refi});  // the other ranks have none
    CHECK(rig.ticks_of(Command::REFab) == std::vector<Ticks>{refi + 1, refi + 2, refi + 3, refi + 19});
}

TEST_CASE("a refresh that may not be postponed interrupts a sweep, which opens its row again and goes on") {
    RefreshRig rig("0");
    const Ticks start = refi - 19 - 10 * 6;  // ten MACs fit before the refresh is due
    rig.channel.issue({Command::PIM_ACT_AB, 1, 2}, start);
    const Ticks done = rig.channel.issue({Command::PIM_MAC_AB, 32, 2}, start);

    const std::vector<Ticks> macs = rig.ticks_of(Command::PIM_MAC_AB);
    REQUIRE(macs.size() == 32);
    CHECK(macs[9] == refi - 6);
    CHECK(rig.ticks_of(Command::PIM_PREA) == std::vector<Ticks>{refi + 2});  // tRTP after the tenth MAC
    CHECK(rig.ticks_of(Command::REFab).back() == refi + 2 + 19 + 3);         // one a cycle
    CHECK(macs[10] == refi + 2 + 19 + 3 + rfc + 19);
    CHECK(done == macs[10] + 22 * 6);
}

TEST_CASE("a refresh that may be postponed lets a sweep end first") {
    RefreshRig rig("8");
    const Ticks start = refi - 19 - 10 * 6;
    rig.channel.issue({Command::PIM_ACT_AB, 1, 2}, start);
    const Ticks done = rig.channel.issue({Command::PIM_MAC_AB, 32, 2}, start);
    CHECK(done == start + 19 + 32 * 6);

    rig.channel.issue({Command::PIM_ACT_AB, 1, 3}, start);
    const Ticks closing = start + 19 + 31 * 6 + 8;
    CHECK(rig.ticks_of(Command::REFab).front() == closing + 19);
    CHECK(rig.ticks_of(Command::PIM_ACT_AB).back() == closing + 19 + 3 + rfc);
}

TEST_CASE("a pause in a sweep is no idle time") {
    RefreshRig rig("8");
    rig.channel.issue({Command::PIM_ACT_AB, 1, 2}, 0);
    rig.channel.issue({Command::PIM_MAC_AB, 1, 2}, 0);
    CHECK(rig.channel.issue({Command::PIM_MAC_AB, 1, 2}, refi + 50) == refi + 56);
    CHECK(rig.channel.counters().refreshes == 0);
}

TEST_CASE("no rank goes without refresh for longer than JEDEC's nine tREFI") {
    for (const char* const postponed : {"8", "0"}) {
        RefreshRig rig(postponed);
        rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
        rig.channel.issue({Command::PIM_RET, 100'000, 0}, 0);  // 400 000 cycles in one row
        const std::vector<Ticks> refreshes = rig.ticks_of(Command::REFab);
        REQUIRE(refreshes.size() > 4 * 60);
        CHECK(refreshes.front() <= 9 * refi);
        for (std::size_t i = 4; i < refreshes.size(); ++i) {
            CHECK(refreshes[i] - refreshes[i - 4] <= 9 * refi);
        }
    }
}

TEST_CASE("postponed refreshes are made up at the next row boundary") {
    RefreshRig rig("8");
    rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
    const Ticks end = rig.channel.issue({Command::PIM_RET, 5 * 1268, 0}, 0);  // five tREFI in one row
    CHECK(rig.channel.counters().refreshes == 0);
    rig.channel.issue({Command::PIM_ACT_AB, 1, 1}, end);
    CHECK(rig.channel.counters().refreshes == 5 * 4);
}

TEST_CASE("a stream of row hits refreshes as often as tREFI passes") {
    for (const char* const postponed : {"8", "0"}) {
        RefreshRig rig(postponed, false);
        Ticks done = 0;
        for (int i = 0; i < 100'000; ++i) {
            done = rig.channel.access({}, false, 0);
        }
        rig.channel.settle(done + 1);
        const std::uint64_t due = 4 * (done / refi);
        CHECK(rig.channel.counters().refreshes <= due);
        CHECK(rig.channel.counters().refreshes + 4 * 8 >= due);
    }
}

TEST_CASE("moves do not hold refreshes up") {
    RefreshRig rig("0");
    const Ticks end = rig.channel.issue({Command::PIM_MV_BA, 2 * 10 * 5070}, 0);
    rig.channel.settle(end);
    const std::vector<Ticks> refreshes = rig.ticks_of(Command::REFab);
    REQUIRE(refreshes.size() >= 4);
    CHECK(refreshes[0] == refi);
}

TEST_CASE("long idle time costs no wall time and gives the same timing as with a trace") {
    constexpr Ticks second = 1'300'000'000;
    RefreshRig untraced("8", false);
    untraced.channel.access({}, false, 0);
    untraced.channel.access({}, false, 1000 * second);  // a quarter of a million missed refreshes per second
    CHECK(untraced.channel.counters().refreshes == 4 * (1000 * second / refi));

    constexpr Ticks later = 1000 * refi + 200;
    RefreshRig fast("8", false);
    RefreshRig traced("8");
    for (RefreshRig* rig : {&fast, &traced}) {
        rig->channel.access({}, false, 0);
        rig->channel.access({}, false, later);
    }
    CHECK(fast.channel.ready() == traced.channel.ready());
    CHECK(fast.channel.counters().refreshes == traced.channel.counters().refreshes);
    CHECK(traced.ticks_of(Command::REFab).size() == 4 * 1000);
}

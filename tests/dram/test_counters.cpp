#include <catch2/catch.hpp>

#include "models/dram/channel.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

TEST_CASE("what a channel counts by command agrees with what it counts by kind") {
    const Scene scene;
    const Organization organization = scene.parameters.organization();
    Channel channel(scene.parameters, 0, nullptr);
    Ticks now = 0;
    for (std::uint32_t i = 0; i < 200; ++i) {
        Location location;
        location.bank = i % 3;
        location.row = i % 7;
        now = channel.access(location, i % 4 == 0, now);
        if (i % 20 == 0) {
            now = channel.issue({Command::PIM_ACT_AB, 1, i}, now);
            now = channel.issue({Command::PIM_MAC_AB, 5, i}, now);
            now = channel.issue({Command::PIM_MV_BA_ROW, 3, i}, now);
            now = channel.issue({Command::PIM_RD, 3}, now) + 10'000;
        }
    }
    channel.settle(now);
    const Counters& counters = channel.counters();
    const auto issued = [&](Command command) { return counters.commands[index_of(command)]; };
    const auto moved = [&](Command command) { return counters.moved_bursts[index_of(command)]; };
    const std::uint64_t banks_in_all = organization.banks_per_channel();
    CHECK(counters.reads == issued(Command::RD) + issued(Command::RDA));
    CHECK(counters.writes == issued(Command::WR) + issued(Command::WRA));
    CHECK(counters.activates == issued(Command::ACT) + issued(Command::PIM_ACT_AB) * banks_in_all);
    CHECK(counters.refreshes == issued(Command::REFab) + issued(Command::REFpb));
    CHECK(counters.refreshes > 0);
    CHECK(moved(Command::PIM_RD) == 30);
    CHECK(moved(Command::PIM_MV_BA_ROW) == 30);
    CHECK(counters.moved_bits == 60 * 256);
    CHECK(counters.pim_columns == issued(Command::PIM_MAC_AB) * banks_in_all + moved(Command::PIM_MV_BA_ROW));
    CHECK(counters.active_rank_ticks > 0);
    CHECK(counters.active_rank_ticks < now * organization.pseudo_channels * organization.ranks);
}

TEST_CASE("counters add up over channels") {
    Counters one;
    one.activates = 1;
    one.reads = 2;
    one.refreshes = 3;
    one.lookups = 4;
    one.active_rank_ticks = 5;
    one.commands[index_of(Command::PIM_RD)] = 6;
    one.moved_bursts[index_of(Command::PIM_MV_BA)] = 7;
    Counters sum;
    sum += one;
    sum += one;
    CHECK(sum.activates == 2);
    CHECK(sum.reads == 4);
    CHECK(sum.refreshes == 6);
    CHECK(sum.lookups == 8);
    CHECK(sum.active_rank_ticks == 10);
    CHECK(sum.commands[index_of(Command::PIM_RD)] == 12);
    CHECK(sum.moved_bursts[index_of(Command::PIM_MV_BA)] == 14);
}

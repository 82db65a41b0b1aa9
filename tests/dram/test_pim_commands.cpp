// PIM commands on one channel: closed-form runs against the paper's figures.
#include <catch2/catch.hpp>

#include <stdexcept>

#include "models/dram/channel.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

struct PimRig {
    explicit PimRig(std::initializer_list<std::pair<std::string, std::string>> changes = {}) : scene(changes) {
        scene.table.set("dram.refresh", "off", "test");
    }

    std::vector<Ticks> ticks_of(Command command) {
        channel.finish_trace();
        return log.ticks_of(command, scene.parameters.timing.tCK);
    }

    Scene scene;
    CommandLog log;
    Channel channel{scene.parameters, 3, &log};
};

/// From one all-bank activate to the next, with one row's 32 MACs between.
Ticks sweep_cycles(const std::string& mac_spacing) {
    PimRig rig({{"pim.mac_spacing", mac_spacing}});
    for (std::uint32_t row = 0; row < 2; ++row) {
        rig.channel.issue({Command::PIM_ACT_AB, 1, row}, 0);
        rig.channel.issue({Command::PIM_MAC_AB, 32, row}, 0);
    }
    const std::vector<Ticks> activates = rig.ticks_of(Command::PIM_ACT_AB);
    return activates.at(1) - activates.at(0);
}

}  // namespace

TEST_CASE("an all-bank sweep of a row takes 232 cycles power-limited and 170 without the limit") {
    // max(RAS, RCD + 31 * spacing + RTP) + RP, system.md §3
    CHECK(sweep_cycles("6") == 232);
    CHECK(sweep_cycles("4") == 170);
}

TEST_CASE("a sweep of few columns lasts tRAS and tRP") {
    PimRig rig;
    rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
    rig.channel.issue({Command::PIM_MAC_AB, 2, 0}, 0);
    rig.channel.issue({Command::PIM_ACT_AB, 1, 1}, 0);
    CHECK(rig.ticks_of(Command::PIM_ACT_AB) == std::vector<Ticks>{0, 45 + 19});
}

TEST_CASE("a PIM command completes when its result can be used") {
    PimRig rig;
    CHECK(rig.channel.issue({Command::PIM_ACT_AB, 1, 7}, 0) == 19);
    CHECK(rig.channel.issue({Command::PIM_MAC_AB, 4, 7}, 0) == 19 + 4 * 6);
    CHECK(rig.channel.issue({Command::PIM_RET, 3, 7}, 1000) == 1000 + 3 * 4);
    CHECK(rig.channel.issue({Command::PIM_LDC, 2, 7}, 2000) == 2000 + 2 * 4);
    CHECK(rig.channel.issue({Command::PIM_WR, 8}, 3000) == 3000 + 7 * 4 + 6 + 2);
    CHECK(rig.channel.issue({Command::PIM_RD, 2}, 4000) == 4000 + 19 + 2);
    CHECK(rig.channel.issue({Command::PIM_SET_CONFIG}, 5000) == 5001);
    CHECK(rig.channel.precharge_all(6000) == 6000 + 19);
    CHECK(rig.channel.ready() == 6019);
}

TEST_CASE("moves take one slot of tCCD_S for each burst per pseudo-channel") {
    PimRig rig;
    CHECK(rig.channel.issue({Command::PIM_MV_BA, 7}, 0) == 4 * 2);
    CHECK(rig.channel.issue({Command::PIM_MV_BF, 8}, 0) == (4 + 4) * 2);
    CHECK(rig.channel.counters().moved_bits == 15 * 256);
}

TEST_CASE("moves into a row open it and are restored before it closes") {
    PimRig rig;
    CHECK(rig.channel.issue({Command::PIM_MV_BF_ROW, 4, 6}, 0) == 19 + 2 * 2);
    rig.channel.issue({Command::PIM_ACT_AB, 1, 7}, 0);
    CHECK(rig.ticks_of(Command::PIM_PREA) == std::vector<Ticks>{21 + 6 + 2 + 21});
    CHECK(rig.channel.counters().pim_columns == 4);
    CHECK(rig.channel.counters().moved_bits == 4 * 256);
}

TEST_CASE("moves delay MACs only when they share the column bus") {
    for (const bool share : {true, false}) {
        PimRig rig({{"pim.moves_share_bus", share ? "true" : "false"}});
        rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
        rig.channel.issue({Command::PIM_MV_BA, 64}, 19);
        const Ticks macs_done = rig.channel.issue({Command::PIM_MAC_AB, 16, 0}, 19);
        CHECK(macs_done == 19 + (share ? 64 : 0) + 16 * 6);
    }
}

TEST_CASE("moves that leave the bus to the MACs hide under a sweep issued before them") {
    PimRig rig({{"pim.moves_share_bus", "false"}});
    rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
    rig.channel.issue({Command::PIM_MAC_AB, 32, 0}, 0);
    CHECK(rig.channel.issue({Command::PIM_MV_BF, 2}, 50) == 52);
}

TEST_CASE("vector writes hide under the all-bank activate") {
    PimRig rig;
    rig.channel.issue({Command::PIM_WR, 4}, 0);  // tCCD_L apart
    rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
    CHECK(rig.channel.issue({Command::PIM_MAC_AB, 1, 0}, 0) == 19 + 6);
}

TEST_CASE("softmax occupies the buffer engine and nothing else") {
    PimRig rig;
    rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
    PimCommand softmax{Command::PIM_SFM};
    softmax.duration = 500;
    CHECK(rig.channel.issue(softmax, 10) == 510);
    CHECK(rig.channel.issue(softmax, 10) == 1010);
    CHECK(rig.channel.issue({Command::PIM_MAC_AB, 1, 0}, 0) == 19 + 6);
    CHECK(rig.channel.counters().softmax_ticks == 1000);
}

TEST_CASE("an all-bank activate closes the rows that host accesses left open") {
    PimRig rig;
    Location location;
    location.row = 9;
    rig.channel.access(location, false, 0);  // ACT at 0, RD at 19
    rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
    CHECK(rig.ticks_of(Command::PIM_PREA) == std::vector<Ticks>{45});
    CHECK(rig.ticks_of(Command::PIM_ACT_AB) == std::vector<Ticks>{64});
}

TEST_CASE("a sweep opens its row again after a host access has closed it in one bank") {
    PimRig rig;
    rig.channel.issue({Command::PIM_ACT_AB, 1, 3}, 0);
    rig.channel.issue({Command::PIM_MAC_AB, 4, 3}, 0);
    Location location;
    location.row = 9;
    rig.channel.access(location, false, 0);
    rig.channel.issue({Command::PIM_MAC_AB, 4, 3, 4}, 0);
    rig.channel.finish_trace();
    CHECK(rig.ticks_of(Command::PIM_ACT_AB).size() == 2);
    CHECK(rig.log.commands.back().row == 3);
    CHECK(rig.log.commands.back().column == 7);
}

TEST_CASE("a host read hits the row that an all-bank activate has opened") {
    PimRig rig;
    rig.channel.issue({Command::PIM_ACT_AB, 1, 3}, 0);
    Location location;
    location.row = 3;
    location.rank = 1;
    CHECK(rig.channel.access(location, false, 100) == 100 + 21);
    CHECK(rig.channel.counters().row_hits == 1);
}

TEST_CASE("a run writes each command to the trace, addressed to the whole channel") {
    PimRig rig;
    rig.channel.issue({Command::PIM_ACT_AB, 1, 5}, 0);
    rig.channel.issue({Command::PIM_MAC_AB, 3, 5, 30}, 0);
    rig.channel.finish_trace();
    REQUIRE(rig.log.commands.size() == 4);
    for (const TracedCommand& command : rig.log.commands) {
        CHECK(command.channel == 3);
        CHECK(command.pseudo_channel == -1);
        CHECK(command.rank == -1);
        CHECK(command.bank_group == -1);
        CHECK(command.bank == -1);
        CHECK(command.row == 5);
    }
    CHECK(rig.ticks_of(Command::PIM_MAC_AB) == std::vector<Ticks>{19, 25, 31});
    CHECK(rig.log.commands[0].column == -1);
    CHECK(rig.log.commands[2].column == 31);
    CHECK(rig.log.commands[3].column == 0);  // wraps at the row's end
}

TEST_CASE("all-bank commands count once for each bank") {
    PimRig rig;
    rig.channel.issue({Command::PIM_ACT_AB, 1, 0}, 0);
    rig.channel.issue({Command::PIM_MAC_AB, 5, 0}, 0);
    rig.channel.issue({Command::PIM_LDC, 1, 0}, 0);
    rig.channel.issue({Command::PIM_RET, 2, 0}, 0);
    rig.channel.add_engine_work(80, 32);
    const Counters& counters = rig.channel.counters();
    CHECK(counters.activates == 64);
    CHECK(counters.pim_columns == 6 * 64);
    CHECK(counters.lookup_slots == 2 * 64);
    CHECK(counters.macs == 80);
    CHECK(counters.lookups == 32);
}

TEST_CASE("a command that is not for PIM, or no command at all, is refused") {
    PimRig rig;
    CHECK_THROWS_AS(rig.channel.issue({Command::RD}, 0), std::invalid_argument);
    CHECK_THROWS_AS(rig.channel.issue({Command::REFpb}, 0), std::invalid_argument);
    CHECK_THROWS_AS(rig.channel.issue({Command::PIM_MAC_AB, 0}, 0), std::invalid_argument);
}

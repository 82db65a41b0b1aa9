// Each JEDEC rule by itself: after one command, the first cycle at which another may follow. Expected cycles are
// AttAcc's HBM3 figures (system.md §3).
#include <catch2/catch.hpp>

#include <stdexcept>

#include "models/dram/timing_state.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;
using enum Command;

namespace {

Location at(std::uint32_t pseudo_channel, std::uint32_t rank, std::uint32_t bank_group, std::uint32_t bank) {
    Location location;
    location.pseudo_channel = pseudo_channel;
    location.rank = rank;
    location.bank_group = bank_group;
    location.bank = bank;
    return location;
}

const Location same_bank = at(0, 0, 0, 0);
const Location same_group = at(0, 0, 0, 1);
const Location other_group = at(0, 0, 1, 0);
const Location other_rank = at(0, 1, 0, 0);
const Location other_pseudo_channel = at(1, 0, 0, 0);

struct Rig {
    explicit Rig(bool moves_share_bus = true)
        : state(hbm3_pim_constraints(scene.parameters.timing, 6, moves_share_bus), scene.parameters.organization()) {}

    /// Cycles from `first` in same_bank to `second` at `location`.
    Ticks gap(Command first, Command second, const Location& location) {
        constexpr Ticks start = 1000;
        state.issue(first, state.path_to(same_bank), start);
        const Ticks earliest = state.earliest(second, state.path_to(location));
        return earliest <= start ? 0 : earliest - start;
    }

    Scene scene;
    TimingState state;
};

Ticks gap(Command first, Command second, const Location& location, bool moves_share_bus = true) {
    return Rig(moves_share_bus).gap(first, second, location);
}

}  // namespace

TEST_CASE("a column command waits tRCD after its bank's activate") {
    CHECK(gap(ACT, RD, same_bank) == 19);
    CHECK(gap(ACT, RDA, same_bank) == 19);
    CHECK(gap(ACT, WR, same_bank) == 19);
    CHECK(gap(ACT, RD, same_group) == 0);
}

TEST_CASE("a precharge waits tRAS after the activate, tRTP after a read and tWR after the data of a write") {
    CHECK(gap(ACT, PRE, same_bank) == 45);
    CHECK(gap(RD, PRE, same_bank) == 8);
    CHECK(gap(WR, PRE, same_bank) == 6 + 2 + 21);
    CHECK(gap(RD, PRE, same_group) == 0);
}

TEST_CASE("a precharge of all banks waits for each of them") {
    for (const Location& location : {same_bank, other_group, other_rank, other_pseudo_channel}) {
        CHECK(gap(ACT, PREA, location) == 45);
        CHECK(gap(RD, PREA, location) == 8);
        CHECK(gap(WR, PREA, location) == 6 + 2 + 21);
    }
}

TEST_CASE("an activate waits tRP after a precharge and tRAS + tRP after the last activate of its bank") {
    CHECK(gap(PRE, ACT, same_bank) == 19);
    CHECK(gap(PRE, ACT, same_group) == 0);
    CHECK(gap(PREA, ACT, other_pseudo_channel) == 19);
    CHECK(gap(ACT, ACT, same_bank) == 45 + 19);  // more than tRC = 63
}

TEST_CASE("an auto-precharge delays the next activate by its own tRP") {
    CHECK(gap(RDA, ACT, same_bank) == 8 + 19);
    CHECK(gap(WRA, ACT, same_bank) == 6 + 2 + 21 + 19);
}

TEST_CASE("activates of a rank keep tRRD, long within a bank group") {
    CHECK(gap(ACT, ACT, same_group) == 4);
    CHECK(gap(ACT, ACT, other_group) == 2);
    CHECK(gap(ACT, ACT, other_rank) == 0);
    CHECK(gap(ACT, ACT, other_pseudo_channel) == 0);
}

TEST_CASE("the fifth activate of a rank waits tFAW after the first") {
    Rig rig;
    for (std::uint32_t i = 0; i < 4; ++i) {
        CHECK(rig.state.earliest(ACT, rig.state.path_to(at(0, 0, i, 1))) <= 100 + 2 * i);
        rig.state.issue(ACT, rig.state.path_to(at(0, 0, i, 0)), 100 + 2 * i);
    }
    CHECK(rig.state.earliest(ACT, rig.state.path_to(at(0, 0, 0, 1))) == 100 + 39);
    CHECK(rig.state.earliest(ACT, rig.state.path_to(other_rank)) == 0);
    rig.state.issue(ACT, rig.state.path_to(at(0, 0, 0, 1)), 139);
    CHECK(rig.state.earliest(ACT, rig.state.path_to(at(0, 0, 2, 1))) == 102 + 39);
}

TEST_CASE("reads keep tCCD: long within a bank group, one cycle more to another rank") {
    CHECK(gap(RD, RD, same_bank) == 4);
    CHECK(gap(RD, RD, same_group) == 4);
    CHECK(gap(RD, RD, other_group) == 2);
    CHECK(gap(RD, RD, other_rank) == 3);
    CHECK(gap(RD, RD, other_pseudo_channel) == 0);
}

TEST_CASE("writes keep tCCD: long within a bank group, one cycle more to another rank") {
    CHECK(gap(WR, WR, same_group) == 4);
    CHECK(gap(WR, WR, other_group) == 2);
    CHECK(gap(WR, WR, other_rank) == 3);
    CHECK(gap(WR, WR, other_pseudo_channel) == 0);
}

TEST_CASE("a read waits tWTR after a write's data within the rank only") {
    CHECK(gap(WR, RD, same_group) == 6 + 2 + 11);
    CHECK(gap(WR, RD, other_group) == 6 + 2 + 8);
    CHECK(gap(WR, RD, other_rank) == 3);
    CHECK(gap(WR, RD, other_pseudo_channel) == 0);
}

TEST_CASE("a write waits tRTW after any read of its pseudo-channel") {
    for (const Location& location : {same_bank, other_group, other_rank}) {
        CHECK(gap(RD, WR, location) == 17);
    }
    CHECK(gap(RD, WR, other_pseudo_channel) == 0);
}

TEST_CASE("an all-bank refresh occupies its rank for tRFC") {
    CHECK(gap(REFab, ACT, same_group) == 456);
    CHECK(gap(REFab, REFab, same_bank) == 456);
    CHECK(gap(REFab, ACT, other_rank) == 0);
    CHECK(gap(REFab, REFab, other_rank) == 0);
    CHECK(gap(REFab, PIM_ACT_AB, other_rank) == 456);
}

TEST_CASE("an all-bank refresh waits until its rank is precharged") {
    CHECK(gap(PRE, REFab, same_group) == 19);
    CHECK(gap(PRE, REFab, other_rank) == 0);
    CHECK(gap(PREA, REFab, other_rank) == 19);
    CHECK(gap(RDA, REFab, same_group) == 8 + 19);
    CHECK(gap(WRA, REFab, same_group) == 6 + 2 + 21 + 19);
    CHECK(gap(ACT, REFab, same_group) == 64);
}

TEST_CASE("a per-bank refresh occupies its bank for tRFCpb and the rank's next row command for tRREFD") {
    CHECK(gap(REFpb, ACT, same_bank) == 260);
    CHECK(gap(REFpb, ACT, other_group) == 8);
    CHECK(gap(REFpb, REFpb, other_group) == 8);
    CHECK(gap(REFpb, ACT, other_rank) == 0);
    CHECK(gap(REFpb, REFab, same_group) == 260);
    CHECK(gap(PRE, REFpb, same_bank) == 19);
}

TEST_CASE("an all-bank activate opens every bank as one activate opens its own") {
    CHECK(gap(PIM_ACT_AB, PIM_MAC_AB, same_bank) == 19);
    CHECK(gap(PIM_ACT_AB, PREA, same_bank) == 45);
    CHECK(gap(PIM_ACT_AB, PIM_ACT_AB, same_bank) == 64);
    CHECK(gap(PIM_ACT_AB, RD, other_pseudo_channel) == 19);
    CHECK(gap(PIM_ACT_AB, PRE, other_rank) == 45);
    CHECK(gap(PRE, PIM_ACT_AB, same_bank) == 19);
    CHECK(gap(PREA, PIM_ACT_AB, same_bank) == 19);
    CHECK(gap(ACT, PIM_ACT_AB, same_bank) == 64);
}

TEST_CASE("all-bank MACs keep the power-limited spacing, lookups tCCD_L") {
    CHECK(gap(PIM_MAC_AB, PIM_MAC_AB, same_bank) == 6);
    CHECK(gap(PIM_MAC_AB, PIM_LDC, same_bank) == 6);
    CHECK(gap(PIM_RET, PIM_MAC_AB, same_bank) == 6);
    CHECK(gap(PIM_RET, PIM_RET, same_bank) == 4);
    CHECK(gap(PIM_MAC_AB, PIM_RET, same_bank) == 4);
}

TEST_CASE("an all-bank column command precharges and mixes with host commands as a read of every bank") {
    for (const Command command : {PIM_MAC_AB, PIM_RET, PIM_LDC}) {
        CHECK(gap(command, PREA, same_bank) == 8);
        CHECK(gap(command, PRE, other_pseudo_channel) == 8);
        CHECK(gap(command, RD, other_pseudo_channel) == 4);
        CHECK(gap(RD, command, same_bank) == 4);
        CHECK(gap(WR, command, same_bank) == 6 + 2 + 11);
    }
}

TEST_CASE("moves take slots of tCCD_S, on the MACs' bus if they share it") {
    for (const Command move : {PIM_MV_BA, PIM_MV_BF, PIM_WR}) {
        CHECK(gap(move, move, same_bank) == 2);
        CHECK(gap(move, PIM_MAC_AB, same_bank) == 2);
        CHECK(gap(PIM_MAC_AB, move, same_bank) == 2);
        CHECK(gap(move, PIM_MAC_AB, same_bank, false) == 0);
        CHECK(gap(PIM_MAC_AB, move, same_bank, false) == 0);
    }
}

TEST_CASE("moves to and from the open row are column commands of their banks") {
    CHECK(gap(PIM_ACT_AB, PIM_MV_BA_ROW, same_bank) == 19);
    CHECK(gap(PIM_ACT_AB, PIM_MV_BF_ROW, same_bank) == 19);
    CHECK(gap(PIM_MV_BA_ROW, PREA, same_bank) == 8);
    CHECK(gap(PIM_MV_BF_ROW, PREA, same_bank) == 6 + 2 + 21);
    CHECK(gap(PIM_MV_BF_ROW, PRE, other_rank) == 6 + 2 + 21);
    CHECK(gap(PIM_MV_BF_ROW, PIM_MAC_AB, same_bank) == 6 + 2 + 11);
    CHECK(gap(PIM_MV_BF_ROW, RD, other_pseudo_channel) == 6 + 2 + 11);
    CHECK(gap(PIM_MV_BF_ROW, PIM_MV_BF_ROW, same_bank) == 2);
    CHECK(gap(PIM_MAC_AB, PIM_MV_BF_ROW, same_bank, false) == 4);  // whether or not register moves share the bus
}

TEST_CASE("vector writes and result reads turn the interface round like host bursts") {
    CHECK(gap(RD, PIM_WR, same_bank) == 17);
    CHECK(gap(PIM_RD, WR, other_rank) == 17);
    CHECK(gap(PIM_RD, PIM_WR, same_bank) == 17);
    CHECK(gap(PIM_WR, PIM_RD, same_bank) == 6 + 2 + 8);
    CHECK(gap(WR, PIM_RD, same_bank) == 6 + 2 + 8);
    CHECK(gap(PIM_WR, RD, same_bank) == 6 + 2 + 8);
}

TEST_CASE("a table row below what its command addresses is refused") {
    const Scene scene;
    const ConstraintTable wrong = {{Level::bank, {PREA}, {ACT}, 19}};
    CHECK_THROWS_AS(TimingState(wrong, scene.parameters.organization()), std::logic_error);
}

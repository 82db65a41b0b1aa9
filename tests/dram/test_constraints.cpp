// Each JEDEC rule by itself: after one command, the first cycle at which another may follow. Expected cycles are
// AttAcc's HBM3 figures (system.md §3).
#include <catch2/catch.hpp>

#include <stdexcept>

#include "first_tick.h"

using namespace aqpim;
using namespace aqpim::dram;
using enum Command;

namespace {

/// Cycles from `first` in same_bank to `second` at `location`.
Ticks gap(Command first, Command second, const Location& location) {
    return Rules().gap(first, second, location);
}

Ticks gap_beside_moves(Command first, Command second, const Location& location) {
    return Rules({{"pim.moves_share_bus", "false"}}).gap(first, second, location);
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

TEST_CASE("a precharge of a rank waits for each of its banks, one of the channel for every bank") {
    for (const Location& location : {same_bank, other_group}) {
        CHECK(gap(ACT, PREA, location) == 45);
        CHECK(gap(RD, PREA, location) == 8);
        CHECK(gap(WR, PREA, location) == 6 + 2 + 21);
    }
    for (const Location& location : {other_rank, other_pseudo_channel}) {
        CHECK(gap(ACT, PREA, location) == 0);
        CHECK(gap(ACT, PIM_PREA, location) == 45);
        CHECK(gap(RD, PIM_PREA, location) == 8);
        CHECK(gap(WR, PIM_PREA, location) == 6 + 2 + 21);
    }
}

TEST_CASE("an activate waits tRP after a precharge and tRAS + tRP after the last activate of its bank") {
    CHECK(gap(PRE, ACT, same_bank) == 19);
    CHECK(gap(PRE, ACT, same_group) == 0);
    CHECK(gap(PREA, ACT, other_group) == 19);
    CHECK(gap(PREA, ACT, other_rank) == 0);
    CHECK(gap(PIM_PREA, ACT, other_pseudo_channel) == 19);
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
    const Rules rules;
    TimingState state(rules.table, rules.scene.parameters.organization());
    for (std::uint32_t i = 0; i < 4; ++i) {
        CHECK(state.earliest(ACT, state.path_to(at(0, 0, i, 1))) <= 100 + 2 * i);
        state.issue(ACT, state.path_to(at(0, 0, i, 0)), 100 + 2 * i);
    }
    CHECK(state.earliest(ACT, state.path_to(at(0, 0, 0, 1))) == 100 + 39);
    CHECK(state.earliest(ACT, state.path_to(other_rank)) == 0);
    state.issue(ACT, state.path_to(at(0, 0, 0, 1)), 139);
    CHECK(state.earliest(ACT, state.path_to(at(0, 0, 2, 1))) == 102 + 39);
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
    CHECK(gap(REFab, PREA, same_group) == 456);
    CHECK(gap(REFab, PREA, other_rank) == 0);
    CHECK(gap(REFab, PIM_ACT_AB, other_rank) == 456);
    CHECK(gap(REFab, PIM_PREA, other_rank) == 456);
}

TEST_CASE("an all-bank refresh waits until its rank is precharged") {
    CHECK(gap(PRE, REFab, same_group) == 19);
    CHECK(gap(PRE, REFab, other_rank) == 0);
    CHECK(gap(PREA, REFab, same_group) == 19);
    CHECK(gap(PIM_PREA, REFab, other_rank) == 19);
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
    CHECK(gap(PIM_ACT_AB, PIM_PREA, same_bank) == 45);
    CHECK(gap(PIM_ACT_AB, PREA, other_rank) == 45);
    CHECK(gap(PIM_ACT_AB, PIM_ACT_AB, same_bank) == 64);
    CHECK(gap(PIM_ACT_AB, RD, other_pseudo_channel) == 19);
    CHECK(gap(PIM_ACT_AB, PRE, other_rank) == 45);
    CHECK(gap(PRE, PIM_ACT_AB, same_bank) == 19);
    CHECK(gap(PREA, PIM_ACT_AB, other_rank) == 19);
    CHECK(gap(PIM_PREA, PIM_ACT_AB, same_bank) == 19);
    CHECK(gap(ACT, PIM_ACT_AB, same_bank) == 64);
}

TEST_CASE("an all-bank activate of four or eight banks per tFAW counts from the bank that it opens last") {
    const Rules four({{"pim.activate_all", "four"}});  // 16 banks in a rank: three more windows
    CHECK(four.gap(PIM_ACT_AB, PIM_MAC_AB, same_bank) == 3 * 39 + 19);
    CHECK(four.gap(PIM_ACT_AB, RD, other_rank) == 3 * 39 + 19);
    CHECK(four.gap(PIM_ACT_AB, PIM_MV_BF_ROW, same_bank) == 3 * 39 + 19);
    CHECK(four.gap(PIM_ACT_AB, PIM_PREA, same_bank) == 3 * 39 + 45);
    CHECK(four.gap(PIM_ACT_AB, PIM_ACT_AB, same_bank) == 3 * 39 + 64);
    CHECK(four.gap(ACT, PIM_MAC_AB, same_bank) == 19);
    CHECK(Rules({{"pim.activate_all", "eight"}}).gap(PIM_ACT_AB, PIM_MAC_AB, same_bank) == 39 + 19);
    const Rules few({{"pim.activate_all", "four"}, {"dram.bank_groups", "1"}, {"dram.banks", "2"}});
    CHECK(few.gap(PIM_ACT_AB, PIM_MAC_AB, same_bank) == 19);
}

TEST_CASE("an activate of several ticks counts from its last, as first command and as second") {
    const Rules rules({{"dram.activate_ticks", "3"}});
    CHECK(rules.gap(ACT, RD, same_bank) == 19 + 2);
    CHECK(rules.gap(PRE, ACT, same_bank) == 19 - 2);
    CHECK(rules.gap(ACT, ACT, same_group) == 4);
    CHECK(rules.gap(ACT, REFpb, same_group) == 4 + 2);
    CHECK(rules.gap(PIM_ACT_AB, PIM_MAC_AB, same_bank) == 19 + 2);
    CHECK(rules.gap(PIM_PREA, PIM_ACT_AB, same_bank) == 19 - 2);
    CHECK(rules.gap(RD, RD, same_group) == 4);
    CHECK(Rules({{"dram.activate_ticks", "16"}, {"dram.nRP", "10"}}).gap(PRE, ACT, same_bank) == 1);
}

TEST_CASE("all-bank MACs keep the power-limited spacing, lookups and loads of codes tCCD_L") {
    CHECK(gap(PIM_MAC_AB, PIM_MAC_AB, same_bank) == 6);
    CHECK(gap(PIM_MAC_AB, PIM_LDC, same_bank) == 4);
    CHECK(gap(PIM_RET, PIM_MAC_AB, same_bank) == 6);
    CHECK(gap(PIM_RET, PIM_RET, same_bank) == 4);
    CHECK(gap(PIM_MAC_AB, PIM_RET, same_bank) == 4);
}

TEST_CASE("an all-bank column command precharges and mixes with host commands as a read of every bank") {
    for (const Command command : {PIM_MAC_AB, PIM_RET, PIM_LDC}) {
        CHECK(gap(command, PIM_PREA, same_bank) == 8);
        CHECK(gap(command, PREA, other_rank) == 8);
        CHECK(gap(command, PRE, other_pseudo_channel) == 8);
        CHECK(gap(command, RD, other_pseudo_channel) == 4);
        CHECK(gap(RD, command, same_bank) == 4);
        CHECK(gap(WR, command, same_bank) == 6 + 2 + 11);
    }
}

TEST_CASE("moves take slots of tCCD_S, on the MACs' bus if they share it") {
    for (const Command move : {PIM_MV_BA, PIM_MV_BF, PIM_WR}) {
        CHECK(gap(move, PIM_MV_BA, same_bank) == 2);
        CHECK(gap(move, PIM_MAC_AB, same_bank) == 2);
        CHECK(gap(PIM_MAC_AB, move, same_bank) == 2);
        CHECK(gap_beside_moves(move, PIM_MAC_AB, same_bank) == 0);
        CHECK(gap_beside_moves(PIM_MAC_AB, move, same_bank) == 0);
    }
}

TEST_CASE("vector writes fill one bank group after the other") {
    CHECK(gap(PIM_WR, PIM_WR, same_bank) == 4);
}

TEST_CASE("moves to and from the open row are column commands of their banks") {
    CHECK(gap(PIM_ACT_AB, PIM_MV_BA_ROW, same_bank) == 19);
    CHECK(gap(PIM_ACT_AB, PIM_MV_BF_ROW, same_bank) == 19);
    CHECK(gap(PIM_MV_BA_ROW, PIM_PREA, same_bank) == 8);
    CHECK(gap(PIM_MV_BF_ROW, PIM_PREA, same_bank) == 6 + 2 + 21);
    CHECK(gap(PIM_MV_BF_ROW, PRE, other_rank) == 6 + 2 + 21);
    CHECK(gap(PIM_MV_BF_ROW, PIM_MAC_AB, same_bank) == 6 + 2 + 11);
    CHECK(gap(PIM_MV_BF_ROW, RD, other_pseudo_channel) == 6 + 2 + 11);
    CHECK(gap(PIM_MV_BF_ROW, PIM_MV_BF_ROW, same_bank) == 2);
    CHECK(gap_beside_moves(PIM_MAC_AB, PIM_MV_BF_ROW, same_bank) == 4);  // whether or not register moves share the bus
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

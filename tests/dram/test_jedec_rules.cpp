// The checker of command traces: each rule allows the first legal tick and names itself one tick before.
#include "jedec_scene.h"

using namespace aqpim;
using namespace aqpim::dram;
using enum Command;

TEST_CASE("rules of one bank: activates, precharges and column commands") {
    check_first_legal("tRCDRD", {{0, ACT}, {15, RD}});
    check_first_legal("tRCDRD", {{0, ACT}, {15, RDA}});
    check_first_legal("tRCDWR", {{0, ACT}, {13, WR}});
    check_first_legal("tRAS", {{0, ACT}, {34, PRE}});
    check_first_legal("tRAS", {{0, ACT}, {34, PREA}});
    check_first_legal("tRTP", {{0, ACT}, {40, RD}, {45, PRE}});
    check_first_legal("tWR", {{0, ACT}, {40, WR}, {62, PRE}});
    check_first_legal("tRC", {{0, ACT}, {34, PRE}, {48, ACT}});
    check_first_legal("tRP", {{0, ACT}, {50, PRE}, {62, ACT}});
    check_first_legal("tRPab", {{0, ACT}, {50, PREA}, {63, ACT}});
}

TEST_CASE("an auto-precharge begins when a precharge may go") {
    check_first_legal("tRP", {{0, ACT}, {40, RDA}, {57, ACT}});
    check_first_legal("tRP", {{0, ACT}, {40, WRA}, {74, ACT}});
    check_first_legal("tRP", {{0, ACT}, {15, RDA}, {46, ACT}}, rules_with("tRC", 40));  // waits for tRAS
}

TEST_CASE("rules between the activates of a rank") {
    check_first_legal("tRRD_S", {{0, ACT}, of_group({4, ACT}, 1)});
    check_first_legal("tRRD_L", {{0, ACT}, of_group({6, ACT}, 0, 1)});
    const std::vector<Step> five = {
        {0, ACT}, of_group({4, ACT}, 1), of_group({8, ACT}, 2), of_group({12, ACT}, 3), of_group({30, ACT}, 0, 1)};
    check_first_legal("tFAW", five);
    CHECK(broken({{0, ACT}, of_rank({2, ACT}, 1), of_rank({4, ACT}, 0, 1)}, rules_of_scene()) == Names{});
}

TEST_CASE("precharges of a rank keep tPPD") {
    check_first_legal("tPPD", open_groups({{100, PRE}, of_group({103, PRE}, 1)}));
    check_first_legal("tPPD", open_groups({{100, PRE}, of_group({103, PREA}, 1)}));
}

TEST_CASE("rules between the column commands of a pseudo-channel") {
    check_first_legal("tCCD_S", open_groups({{100, RD}, of_group({103, RD}, 1)}));
    check_first_legal("tCCD_S", open_groups({{100, WR}, of_group({103, WR}, 1)}));
    check_first_legal("tCCD_L", open_groups({{100, RD}, {105, RD}}));
    check_first_legal("tCCD_L_WR", open_groups({{100, WR}, {107, WR}}));
    check_first_legal("tCCD_R", open_ranks({{100, RD}, of_rank({104, RD}, 1)}));
    check_first_legal("tCCD_R", open_ranks({{100, WR}, of_rank({104, WR}, 1)}));
    check_first_legal("tRTW", open_groups({{100, RD}, of_group({115, WR}, 1)}));
    check_first_legal("tRTW", open_ranks({{100, RD}, of_rank({115, WR}, 1)}));
    check_first_legal("tWTR_S", open_groups({{100, WR}, of_group({112, RD}, 1)}));
    check_first_legal("tWTR_L", open_groups({{100, WR}, {114, RD}}));
}

TEST_CASE("a rule holds between all earlier commands and the next, not only its neighbour") {
    check_first_legal("tCCD_L", open_groups({{100, RD}, of_group({104, RD}, 1), of_group({109, RD}, 1)}));
    check_first_legal("tWTR_L", open_groups({of_group({100, WR}, 1), of_group({106, WR}, 2), of_group({120, RD}, 2)}));
}

TEST_CASE("bursts on the data bus do not meet") {
    // A read of another rank has no rule of its own after a write.
    check_first_legal("data bus", open_ranks({{100, WR}, of_rank({102, RD}, 1)}), rules_with("tCL", 4));
    check_first_legal("data bus", open_groups({{100, RD}, of_group({112, WR}, 1)}), rules_with("tRTW", 0));
}

TEST_CASE("commands take turns on their bus") {
    check_first_legal("command bus", {{0, ACT}, of_rank({2, ACT}, 0, 1)});
    check_first_legal("command bus", {{0, ACT}, of_rank({10, ACT}, 0, 1), {100, RD}, of_rank({101, RD}, 0, 1)});
    check_first_legal("command bus", {{0, ACT}, of_rank({10, ACT}, 1), {100, PRE}, of_rank({101, PRE}, 1)});
    CHECK(broken({{0, ACT}, {100, RD}, of_rank({100, ACT}, 0, 1)}, rules_of_scene()) == Names{});

    JedecRules single = rules_of_scene();
    single.split_command_bus = false;
    check_first_legal("command bus", {{0, ACT}, of_rank({100, ACT}, 0, 1), {102, RD}}, single);
}

TEST_CASE("half-cycle row commands take the row bus for half a cycle, column commands for a whole one") {
    JedecRules half = rules_of_scene();
    half.timing_ps["tCK"] = 2 * tick_ps;
    half.timing_ps["tCMD_ACT"] = 3 * tick_ps;
    check_first_legal("command bus", {{0, ACT}, of_rank({10, ACT}, 0, 1), {100, PRE}, of_rank({101, PRE}, 0, 1)}, half);
    check_first_legal("command bus", {{0, ACT}, of_rank({10, ACT}, 0, 1), {100, RD}, of_rank({102, RD}, 0, 1)}, half);
    check_first_legal("tRCDRD", {{0, ACT}, {16, RD}}, half);
}

TEST_CASE("refresh: what it waits for and what waits for it") {
    check_first_legal("tRFCab", {{0, REFab}, {259, ACT}});
    check_first_legal("tRFCab", {{0, REFab}, {260, REFab}});
    check_first_legal("tRFCab", {{0, REFab}, {260, REFpb}});
    check_first_legal("tRFCpb", {{0, REFpb}, {119, ACT}});
    check_first_legal("tRFCpb", {{0, REFpb}, {120, REFab}});
    check_first_legal("tRREFD", {{0, REFpb}, of_group({8, ACT}, 1)});
    check_first_legal("tRREFD", {{0, REFpb}, of_group({9, REFpb}, 1)});
    check_first_legal("tRRD_S", {{0, ACT}, of_group({5, REFpb}, 1)});
    check_first_legal("tRRD_L", {{0, ACT}, of_group({7, REFpb}, 0, 1)});
    check_first_legal("tRP", {{0, ACT}, {50, PRE}, {63, REFab}});
    check_first_legal("tRPab", {{0, ACT}, {50, PREA}, {64, REFpb}});
    check_first_legal("tRP", {{0, ACT}, {40, RDA}, {58, REFab}});
    check_first_legal("tRC", {{0, ACT}, {34, PRE}, {49, REFab}});
    CHECK(broken({{0, REFab}, of_rank({10, ACT}, 1), of_rank({20, REFab}, 0, 1)}, rules_of_scene()) == Names{});
}

TEST_CASE("no bank goes without refresh for more than nine tREFI") {
    const auto latest = [](Command command, Ticks tick) {
        CHECK(broken({{3900, command}, {tick, command}}, rules_of_scene()) == Names{});
        CHECK(broken({{3900, command}, {tick + 1, command}}, rules_of_scene()) == Names{"tREFI"});
    };
    latest(REFab, 10 * 3900);
    CHECK(broken({{9 * 3900, REFab}}, rules_of_scene()) == Names{});
    CHECK(broken({{9 * 3900 + 1, REFab}}, rules_of_scene()) == Names{"tREFI"});
    CHECK(broken({{9 * 3900 + 1, REFpb}}, rules_of_scene()) == Names{"tREFI"});
}

TEST_CASE("at most nine refreshes are owed however they are spread") {
    const auto every = [](Ticks interval, std::uint32_t count) {
        std::vector<Step> steps;
        for (std::uint32_t i = 1; i <= count; ++i) {
            steps.push_back({i * interval, REFab});
        }
        return broken(steps, rules_of_scene());
    };
    CHECK(every(3900, 100) == Names{});
    // After 2 n tREFI, n - 1 have been made: n + 1 are owed.
    CHECK(every(2 * 3900 + 1, 8) == Names{});
    CHECK(every(2 * 3900 + 1, 9) == Names{"tREFI"});
}

TEST_CASE("a rank that relies on refresh and gets none is found at the end of the trace") {
    JedecRules rules = rules_of_scene();
    rules.refreshed = true;
    CHECK(broken({{9 * 3900 - 1, ACT}}, rules) == Names{});
    CHECK(broken({{10 * 3900, ACT}}, rules) == Names{"tREFI"});
}

TEST_CASE("per-bank refreshes visit every bank of a rank before one comes again") {
    std::vector<Step> steps;
    for (std::int32_t i = 0; i < 16; ++i) {
        steps.push_back(of_group({static_cast<Ticks>(i) * 200, REFpb}, i % 4, i / 4));
    }
    steps.push_back(of_group({3200, REFpb}, 2, 1));
    CHECK(broken(steps, rules_of_scene()) == Names{});
    steps.push_back(of_group({3400, REFpb}, 2, 1));
    CHECK(broken(steps, rules_of_scene()) == Names{"REFpb order"});
    steps[17] = {3400, REFab};
    steps.push_back(of_group({3700, REFpb}, 2, 1));
    CHECK(broken(steps, rules_of_scene()) == Names{});
}

TEST_CASE("a column command finds its row open") {
    const JedecRules rules = rules_of_scene();
    for (const Command command : {RD, RDA, WR, WRA}) {
        INFO(info(command).name);
        CHECK(broken({{0, ACT}, {100, command}}, rules) == Names{});
        CHECK(broken({{100, command}}, rules) == Names{"row"});
        CHECK(broken({{0, ACT}, of_row({100, command}, 2)}, rules) == Names{"row"});
        CHECK(broken({{0, ACT}, of_group({100, command}, 1)}, rules) == Names{"row"});
        CHECK(broken({{0, ACT}, {100, PRE}, {200, command}}, rules) == Names{"row"});
        CHECK(broken({{0, ACT}, {100, PREA}, {200, command}}, rules) == Names{"row"});
        CHECK(broken({{0, ACT}, {100, RDA}, {200, command}}, rules) == Names{"row"});
        CHECK(broken({{0, ACT}, {100, WRA}, {200, command}}, rules) == Names{"row"});
    }
}

TEST_CASE("a bank is closed before it is activated or refreshed") {
    const JedecRules rules = rules_of_scene();
    CHECK(broken({{0, ACT}, {100, ACT}}, rules) == Names{"open"});
    CHECK(broken({{0, ACT}, of_rank({100, PREA}, 1), {200, ACT}}, rules) == Names{"open"});
    CHECK(broken({{0, ACT}, {100, REFab}}, rules) == Names{"open"});
    CHECK(broken({{0, ACT}, {100, REFpb}}, rules) == Names{"open"});
    CHECK(broken({{0, ACT}, of_group({100, REFpb}, 1)}, rules) == Names{});
    CHECK(broken({{0, ACT}, {100, PIM_ACT_AB}}, rules) == Names{"open"});
    CHECK(broken({{0, PIM_ACT_AB}, {100, PIM_PREA}, {200, ACT}}, rules) == Names{});
}

TEST_CASE("time runs forwards and addresses are in range") {
    const JedecRules rules = rules_of_scene();
    CHECK(broken({{10, ACT}, {8, PIM_SFM}}, rules) == Names{"time"});
    CHECK(broken({of_group({0, ACT}, 4)}, rules) == Names{"address"});
    CHECK(broken({of_group({0, ACT}, -1)}, rules) == Names{"address"});
    CHECK(broken({of_rank({0, REFab}, 2)}, rules) == Names{"address"});
    CHECK(broken({of_row({0, ACT}, 16384)}, rules) == Names{"address"});
    CHECK(broken({of_row({0, ACT}, -1)}, rules) == Names{"address"});
    CHECK(jedec_violations({{0, ACT, 2, 0, 0, 0, 0, 1, -1}}, rules).size() == 1);
}

TEST_CASE("channels do not hold each other back") {
    const TracedCommand first{0, ACT, 0, 0, 0, 0, 0, 1, -1};
    TracedCommand second = first;
    second.channel = 1;
    CHECK(jedec_violations({first, second}, rules_of_scene()).empty());
    CHECK_FALSE(jedec_violations({first, first}, rules_of_scene()).empty());
}

TEST_CASE("a rule of which the figure is missing is refused by its name") {
    JedecRules rules = rules_of_scene();
    rules.timing_ps.erase("tFAW");
    CHECK_THROWS_WITH(JedecChecker(rules), Catch::Contains("tFAW"));
    rules = rules_of_scene();
    rules.timing_ps.erase("tCCD_R");
    check_first_legal("tCCD_R", open_ranks({{100, RD}, of_rank({103, RD}, 1)}), rules);  // as tCCD_S
}

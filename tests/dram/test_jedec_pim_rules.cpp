// The checker of command traces, on PIM commands: each rule allows the first legal tick and names itself one tick
// before.
#include "jedec_scene.h"

using namespace aqpim;
using namespace aqpim::dram;
using enum Command;

TEST_CASE("an all-bank sweep: activate, columns, precharge") {
    check_first_legal("tRCDRD", open_all({{15, PIM_MAC_AB}}));
    check_first_legal("tRCDRD", open_all({{15, PIM_RET}}));
    check_first_legal("tRCDRD", open_all({{15, PIM_LDC}}));
    check_first_legal("tCCD_AB", open_all({{100, PIM_MAC_AB}, {110, PIM_MAC_AB}}));
    check_first_legal("tCCD_AB", open_all({{100, PIM_RET}, {110, PIM_MAC_AB}}));
    check_first_legal("tCCD_L", open_all({{100, PIM_MAC_AB}, {105, PIM_LDC}}));
    check_first_legal("tCCD_L", open_all({{100, PIM_MAC_AB}, {105, PIM_RET}}));
    check_first_legal("tRTP_AB", open_all({{100, PIM_MAC_AB}, {108, PIM_PREA}}));
    check_first_legal("tRTP_AB", open_all({{100, PIM_MAC_AB}, {108, PRE}}));
    check_first_legal("tRAS", open_all({{34, PIM_PREA}}));
    check_first_legal("tRPab", open_all({{50, PIM_PREA}, {63, PIM_ACT_AB}}));
    check_first_legal("tRC", open_all({{34, PIM_PREA}, {48, PIM_ACT_AB}}));
    check_first_legal("tRFCab", {of_rank({0, REFab}, 1, 1), {259, PIM_ACT_AB}});
    CHECK(broken(open_all({of_row({100, PIM_MAC_AB}, 2)}), rules_of_scene()) == Names{"row"});
    CHECK(broken(open_all({{50, PRE}, {100, PIM_MAC_AB}}), rules_of_scene()) == Names{"row"});
}

TEST_CASE("an all-bank activate that opens banks one after the other counts from the last") {
    JedecRules rules = rules_of_scene();
    rules.activate_all_ps = 20 * tick_ps;
    check_first_legal("tRCDRD", open_all({{35, PIM_MAC_AB}}), rules);
    check_first_legal("tRAS", open_all({{54, PIM_PREA}}), rules);
    check_first_legal("tRC", open_all({{54, PIM_PREA}, {68, PIM_ACT_AB}}), rules);
}

TEST_CASE("host and all-bank column commands keep their distance") {
    check_first_legal("tCCD_L", open_all({{100, PIM_MAC_AB}, {105, RD}}));
    check_first_legal("tCCD_L", open_all({{100, PIM_RET}, {105, WR}}));
    check_first_legal("tCCD_L", open_all({{100, RD}, {105, PIM_MAC_AB}}));
    check_first_legal("tWTR_L", open_all({{100, WR}, {114, PIM_MAC_AB}}));
}

TEST_CASE("moves through the interface turn it round like reads and writes") {
    check_first_legal("tCCD_S", {{100, PIM_WR}, {103, PIM_WR}});
    check_first_legal("tCCD_S", {{100, PIM_MV_BA}, {103, PIM_MV_BF}});
    check_first_legal("tWTR_S", {{100, PIM_WR}, {112, PIM_RD}});
    check_first_legal("tRTW", {{100, PIM_RD}, {115, PIM_WR}});
    check_first_legal("tRTW", open_all({{100, RD}, {115, PIM_WR}}));
    check_first_legal("tRTW", open_all({{100, PIM_RD}, {115, WR}}));
    check_first_legal("tWTR_S", open_all({{100, WR}, {112, PIM_RD}}));
    check_first_legal("tWTR_S", open_all({{100, PIM_WR}, {112, RD}}));
    check_first_legal("tCCD_S", open_all({{100, PIM_RD}, {103, RD}}));
    check_first_legal("tCCD_S", open_all({{100, RD}, {103, PIM_RD}}));
    check_first_legal("data bus", open_all({{100, RD}, {102, PIM_RD}}), rules_with("tCCD_S", 1));
}

TEST_CASE("moves to and from open rows are column commands of their banks") {
    check_first_legal("tRCDRD", open_all({{15, PIM_MV_BA_ROW}}));
    check_first_legal("tRCDWR", open_all({{13, PIM_MV_BF_ROW}}));
    check_first_legal("tRTP", open_all({{100, PIM_MV_BA_ROW}, {105, PIM_PREA}}));
    check_first_legal("tWR", open_all({{100, PIM_MV_BF_ROW}, {122, PIM_PREA}}));
    check_first_legal("tWTR_L", open_all({{100, PIM_MV_BF_ROW}, {114, PIM_MV_BA_ROW}}));
    check_first_legal("tWTR_L", open_all({{100, PIM_MV_BF_ROW}, {114, PIM_MAC_AB}}));
    check_first_legal("tWTR_L", open_all({{100, PIM_MV_BF_ROW}, {114, RD}}));
    check_first_legal("tWTR_L", open_all({{100, WR}, {114, PIM_MV_BA_ROW}}));
    check_first_legal("tCCD_L", open_all({{100, PIM_MAC_AB}, {105, PIM_MV_BF_ROW}}));
    check_first_legal("tCCD_L", open_all({{100, PIM_MV_BA_ROW}, {105, PIM_RET}}));
    CHECK(broken(open_all({of_row({100, PIM_MV_BA_ROW}, 2)}), rules_of_scene()) == Names{"row"});
    CHECK(broken({{100, PIM_MV_BF_ROW}}, rules_of_scene()) == Names{"row"});
}

TEST_CASE("register moves share the column slots of sweeps or hide under them") {
    check_first_legal("tCCD_S", open_all({{100, PIM_MAC_AB}, {103, PIM_MV_BA}}));
    check_first_legal("tCCD_S", open_all({{100, PIM_WR}, {103, PIM_MAC_AB}}));
    JedecRules hidden = rules_of_scene();
    hidden.moves_share_bus = false;
    CHECK(broken(open_all({{100, PIM_MAC_AB}, {100, PIM_MV_BA}, {103, PIM_MV_BF}}), hidden) == Names{});
}

TEST_CASE("a change between ordinary accesses and all-bank commands takes its time either way") {
    JedecRules rules = rules_of_scene();
    rules.mode_change_ps = 40 * tick_ps;
    check_first_legal("mode change", open_all({{100, PIM_MAC_AB}, {140, RD}}), rules);
    check_first_legal("mode change", open_all({{100, RD}, {140, PIM_MAC_AB}}), rules);
    CHECK(broken(open_all({{100, PIM_MAC_AB}, {110, PIM_PREA}}), rules) == Names{});
}

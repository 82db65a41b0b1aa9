#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

TEST_CASE("the default stack is HBM3-PIM's: 1024 banks in 16 GiB, rows of 1 KiB") {
    const Organization organization = Scene().parameters.organization();
    CHECK(organization.channels * organization.banks_per_channel() == 1024);
    CHECK(organization.capacity_bytes() == 16ull << 30);
    CHECK(organization.row_bytes() == 1024);
}

TEST_CASE("channels count over all stacks") {
    const Scene scene({{"pim.stacks", "4"}, {"pim.channels", "8"}});
    CHECK(scene.parameters.organization().channels == 32);
    CHECK(scene.parameters.organization().capacity_bytes() == 32ull << 30);
}

TEST_CASE("timing parameters are given in picoseconds by their JEDEC names") {
    const Scene scene({{"pim.mac_spacing", "4"}});
    const auto timing = scene.parameters.jedec_timing_ps();
    for (const char* const name :
         {"tCK",    "tRCDRD", "tRCDWR", "tRP",    "tRAS",   "tRC",  "tCCD_S", "tCCD_L",   "tCCD_R",  "tCCD_AB",
          "tRRD_S", "tRRD_L", "tFAW",   "tWTR_S", "tWTR_L", "tRTW", "tWR",    "tRTP",     "tRTP_AB", "tRFCab",
          "tRFCpb", "tREFI",  "tCL",    "tCWL",   "tBL",    "tPPD", "tRREFD", "tCMD_ACT", "tTICK"}) {
        CHECK(timing.count(name) == 1);
    }
    CHECK(timing.at("tCK") == 769);
    CHECK(timing.at("tRAS") == 45 * 769);
    CHECK(timing.at("tCCD_AB") == 4 * 769);
    CHECK(timing.at("tRFCab") >= 350'000);
}

TEST_CASE("timing parameters of a clock with a fractional period are rounded down, never up") {
    const Scene scene({{"dram.tCK", "1.2GHz"}});  // 833 1/3 ps
    CHECK(scene.parameters.jedec_timing_ps().at("tCCD_S") == 1666);
    CHECK(scene.parameters.jedec_timing_ps().at("tCK") == 833);
}

TEST_CASE("parameters that do not go together are refused with the bound they break") {
    CHECK_NOTHROW(Scene().parameters.check());
    CHECK_THROWS_WITH(Scene({{"dram.nRTW", "5"}}).parameters.check(), Catch::Contains("dram.nRTW = 5"));
    CHECK_THROWS_WITH(Scene({{"dram.nBL", "4"}}).parameters.check(), Catch::Contains("dram.nCCDS = 2"));
    CHECK_NOTHROW(Scene({{"dram.nCWL", "20"}}).parameters.check());
    CHECK_THROWS_WITH(Scene({{"dram.nCCDR", "1"}}).parameters.check(), Catch::Contains("dram.nCCDR = 1"));
    CHECK_THROWS_WITH(Scene({{"memory.write_low", "0.9"}}).parameters.check(),
                      "memory.write_low = 0.9 found; allowed: less than memory.write_high = 0.8");
    CHECK_THROWS_WITH(Scene({{"dram.nREFI", "500"}}).parameters.check(), Catch::Contains("dram.nREFI = 500"));
    CHECK_NOTHROW(Scene({{"dram.nREFI", "500"}, {"dram.refresh", "off"}}).parameters.check());
    CHECK_THROWS_WITH(Scene({{"dram.nREFIpb", "90"}, {"dram.refresh", "per_bank"}}).parameters.check(),
                      Catch::Contains("dram.nREFIpb = 90"));
    CHECK_THROWS_WITH(Scene({{"dram.standard", "DDR4"}, {"dram.refresh", "per_bank"}}).parameters.check(),
                      Catch::Contains("allowed: off or all_bank, as DDR4 has it"));
}

TEST_CASE("the default is AttAcc's HBM3 whether or not its preset is put in") {
    ParameterTable table;
    DramParameters declared;
    declared.declare_dram(table.section("dram"));
    const Scene resolved;
    CHECK(declared.timing.jedec_ps(6) == resolved.parameters.jedec_timing_ps());
    CHECK(resolved.parameters.timing.nRFC == 456);    // 350 ns
    CHECK(resolved.parameters.timing.nRFCpb == 260);  // AttAcc's
    CHECK(resolved.parameters.timing.tCK.period_num() == 769);
    CHECK(table.find("dram.nCL")->origin == "default");
    CHECK(resolved.table.find("dram.nCL")->origin == "preset HBM3 5200-attacc");
    CHECK(resolved.table.find("dram.rows")->origin == "preset HBM3 8Gb");
}

TEST_CASE("a preset fills in what nobody gives, and only that") {
    const Scene scene({{"dram.standard", "DDR4"}, {"dram.nCL", "19"}, {"dram.columns", "64"}});
    CHECK(scene.parameters.timing.nCL == 19);
    CHECK(scene.table.find("dram.nCL")->origin == "test");
    CHECK(scene.parameters.timing.nCWL == 12);
    CHECK(scene.table.find("dram.nCWL")->origin == "preset DDR4 2400");
    CHECK(scene.parameters.columns == 64);
    CHECK(scene.parameters.burst_bytes == 64);
    CHECK(scene.parameters.pseudo_channels == 1);
    CHECK(scene.table.find("dram.rows")->origin == "preset DDR4 8Gb");
}

TEST_CASE("a later choice of preset replaces what an earlier one put in") {
    Scene scene({{"dram.standard", "DDR4"}, {"dram.nRP", "16"}});
    scene.table.set("dram.speed", "3200", "test");
    scene.parameters.apply_presets(scene.table);
    CHECK(scene.parameters.timing.nCL == 22);
    CHECK(scene.parameters.timing.nRP == 16);
    CHECK(scene.table.find("dram.nCL")->origin == "preset DDR4 3200");
}

TEST_CASE("a refresh takes what the density needs, in cycles of the speed's clock rounded up") {
    CHECK(Scene({{"dram.standard", "LPDDR5"}}).parameters.timing.nRFC == 168);                            // 210 / 1.25
    CHECK(Scene({{"dram.standard", "LPDDR5"}, {"dram.density", "16Gb"}}).parameters.timing.nRFC == 224);  // 280 / 1.25
    CHECK(Scene({{"dram.standard", "DDR4"}, {"dram.speed", "2666"}}).parameters.timing.nRFC == 467);      // 350 / 0.75
    CHECK(Scene({{"dram.standard", "GDDR6"}}).parameters.timing.nRFCpb == 106);                           // 60 / 0.57
}

TEST_CASE("every preset's parameters are the same when they are read back from their own text") {
    for (const Standard& standard : standards()) {
        for (const SpeedPreset& speed : standard.speeds) {
            INFO(standard.name << " " << speed.name);
            const Scene scene({{"dram.standard", std::string(standard.name)}, {"dram.speed", std::string(speed.name)}});
            Scene again;
            for (const Parameter& parameter : scene.table.parameters()) {
                again.table.set(parameter.key, parameter.text, "config.cfg:1");
            }
            again.parameters.apply_presets(again.table);
            CHECK(again.parameters.jedec_timing_ps() == scene.parameters.jedec_timing_ps());
            CHECK(again.parameters.timing.tCK.period_num() == speed.timing.tCK.period_num());
            CHECK(again.parameters.timing.tCK.period_den() == speed.timing.tCK.period_den());
            CHECK(again.parameters.organization().capacity_bytes() == scene.parameters.organization().capacity_bytes());
            CHECK(again.parameters.burst_bytes == scene.parameters.burst_bytes);
            CHECK(again.table.find("dram.nCL")->origin == "config.cfg:1");
        }
    }
}

TEST_CASE("half-cycle slots of the command bus are given in picoseconds, rounded down") {
    const auto timing = Scene({{"dram.speed", "6400"}}).parameters.jedec_timing_ps();
    CHECK(timing.at("tCK") == 625);
    CHECK(timing.at("tTICK") == 312);
    CHECK(timing.at("tCMD_ACT") == 937);
    const auto whole = Scene({{"dram.standard", "HBM2"}}).parameters.jedec_timing_ps();
    CHECK(whole.at("tTICK") == 1000);
    CHECK(whole.at("tCMD_ACT") == 2000);
}

TEST_CASE("where a standard has no figure of its own, a rule goes by the general one") {
    const auto timing = Scene({{"dram.nCCDL", "5"}, {"dram.nRP", "18"}}).parameters.jedec_timing_ps();
    CHECK(timing.at("tCCD_L_WR") == 5 * 769);
    CHECK(timing.at("tRPab") == 18 * 769);
    CHECK(Scene({{"dram.standard", "LPDDR5"}}).parameters.jedec_timing_ps().at("tRPab") == 17 * 1250);
}

TEST_CASE("the words of a controller's choices have their kinds") {
    const Scene scene({{"memory.fidelity", "fast"},
                       {"memory.scheduler", "fcfs"},
                       {"memory.page_policy", "timeout"},
                       {"dram.refresh", "per_bank"}});
    CHECK(scene.parameters.controller.fidelity_kind() == Fidelity::fast);
    CHECK(scene.parameters.controller.scheduler_kind() == SchedulerKind::fcfs);
    CHECK(scene.parameters.controller.page_policy_kind() == PagePolicyKind::timeout);
    CHECK(scene.parameters.refresh_kind() == RefreshKind::per_bank);
    const Scene defaults({{"memory.page_policy", "closed"}});
    CHECK(defaults.parameters.controller.fidelity_kind() == Fidelity::detailed);
    CHECK(defaults.parameters.controller.scheduler_kind() == SchedulerKind::fr_fcfs);
    CHECK(defaults.parameters.controller.page_policy_kind() == PagePolicyKind::closed);
    CHECK(defaults.parameters.refresh_kind() == RefreshKind::all_bank);
}

TEST_CASE("counts that addresses divide by must be powers of two") {
    CHECK_THROWS_AS(Scene({{"pim.channels", "12"}}), InputError);
    CHECK_THROWS_AS(Scene({{"dram.refresh", "sometimes"}}), InputError);
    CHECK_THROWS_AS(Scene({{"dram.tCK", "769"}}), InputError);
}

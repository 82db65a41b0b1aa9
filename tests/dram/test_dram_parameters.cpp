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
         {"tCK",     "tRCDRD", "tRCDWR", "tRP",   "tRAS",   "tRC",    "tCCD_S", "tCCD_L", "tCCD_R",
          "tCCD_AB", "tRRD_S", "tRRD_L", "tFAW",  "tWTR_S", "tWTR_L", "tRTW",   "tWR",    "tRTP",
          "tRTP_AB", "tRFCab", "tRFCpb", "tREFI", "tCL",    "tCWL",   "tBL"}) {
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
    CHECK_THROWS_WITH(Scene({{"dram.nCWL", "20"}}).parameters.check(), Catch::Contains("dram.nCL = 19"));
    CHECK_THROWS_WITH(Scene({{"dram.nREFI", "500"}}).parameters.check(), Catch::Contains("dram.nREFI = 500"));
    CHECK_NOTHROW(Scene({{"dram.nREFI", "500"}, {"dram.refresh", "off"}}).parameters.check());
}

TEST_CASE("counts that addresses divide by must be powers of two") {
    CHECK_THROWS_AS(Scene({{"pim.channels", "12"}}), InputError);
    CHECK_THROWS_AS(Scene({{"dram.refresh", "sometimes"}}), InputError);
    CHECK_THROWS_AS(Scene({{"dram.tCK", "769"}}), InputError);
}

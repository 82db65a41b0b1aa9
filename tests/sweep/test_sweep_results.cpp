#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/sweep/sweep_results.h"
#include "platform/sweep/sweep_table.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using nlohmann::json;
using test::message_of;
using test::TemporaryDirectory;

namespace {

SweepPlan plan() {
    return {"a title",
            {{"pcie.lanes", {"4", "8"}}, {"variant", {"x,y"}}},
            {{"grid", "0", {{"pcie.lanes", "4"}, {"variant", "x,y"}}, {}},
             {"grid", "1", {{"pcie.lanes", "8"}, {"variant", "x,y"}}, {}},
             {"other", "2", {{"pcie.lanes", "8"}}, {}}}};
}

const PointOutcome done{0, {}, {}, {}, {}};

/// Of the plan's points: one done, one failed, one not ended.
json results(const TemporaryDirectory& folder) {
    std::filesystem::create_directories(folder.path("points/0"));
    folder.write("points/0/stats.json", R"({"schema": 1, "wall_s": 2.5, "decode": {"mean_step_ps": 12345678901,
        "step_ps": [1, 2]}, "data": "timing", "accuracy": {"relative_l2_exact": 0.1}})");
    return sweep_json(plan(), {{0, "points/0", done}, {1, "points/1", {2, "say \"a, b\"", {}, {}, {}}}}, folder.path());
}

}  // namespace

TEST_CASE("figures are every number and text and flag by its dotted key") {
    const json stats = json::parse(R"({"schema": 1, "version": "x", "wall_s": 1.5, "data": "timing",
        "decode": {"mean_step_ps": 5, "step_ps": [5], "breakdown_ps": {"host": 3}}, "firmware": {"passed": true},
        "nothing": null, "links": {"pcie.gpu_link.down": {"tlps": 1}}, "channels": {"pim.channel0": {"reads": 1}},
        "harts": {"hart0": {"instructions": 1}}, "energy": {"wall_s": 7}})");
    CHECK(figures_of(stats) == json::parse(R"({"data": "timing", "decode.mean_step_ps": 5,
        "decode.breakdown_ps.host": 3, "firmware.passed": true, "energy.wall_s": 7})"));
}

TEST_CASE("results hold the points that have ended and figures of those that are done") {
    const TemporaryDirectory folder;
    const json sweep = results(folder);
    CHECK(sweep["schema"] == 1);
    CHECK(sweep["title"] == "a title");
    CHECK(sweep["axes"][0] == json::parse(R"({"name": "pcie.lanes", "values": ["4", "8"]})"));
    REQUIRE(sweep["points"].size() == 2);
    CHECK(sweep["points"][0] == json::parse(R"({"index": 0, "set": "grid", "name": "0", "directory": "points/0",
        "axes": {"pcie.lanes": "4", "variant": "x,y"}, "status": "done", "exit_status": 0, "message": "",
        "figures": {"decode.mean_step_ps": 12345678901, "data": "timing", "accuracy.relative_l2_exact": 0.1}})"));
    CHECK(sweep["points"][1]["status"] == "failed");
    CHECK(sweep["points"][1]["exit_status"] == 2);
    CHECK(sweep["points"][1]["figures"].empty());
}

TEST_CASE("the CSV has a line for each point with all figures in order and quotes what must be") {
    const TemporaryDirectory folder;
    CHECK(sweep_csv(results(folder)) ==
          "index,set,name,pcie.lanes,variant,status,exit_status,message,accuracy.relative_l2_exact,data,"
          "decode.mean_step_ps\n"
          "0,grid,0,4,\"x,y\",done,0,,0.1,timing,12345678901\n"
          "1,grid,1,8,\"x,y\",failed,2,\"say \"\"a, b\"\"\",,,\n");
}

TEST_CASE("an axis that a point's set does not have is empty") {
    const TemporaryDirectory folder;
    const json sweep = sweep_json(plan(), {{2, "points/2", {1, "a\nb", {}, {}, {}}}}, folder.path());
    CHECK(sweep_csv(sweep) ==
          "index,set,name,pcie.lanes,variant,status,exit_status,message\n2,other,2,8,,failed,1,\"a\nb\"\n");
}

TEST_CASE("messages keep files' names and lose their folders") {
    CHECK(without_folders("/tmp/x y.cfg:3: '/a/b/c' found") == "x y.cfg:3: 'c' found");
    CHECK(without_folders("ends at 3 pJ/bit, 4 GB/s") == "ends at 3 pJ/bit, 4 GB/s");
    CHECK(without_folders("host.load=/a/b,/c/d/e@0x80") == "host.load=b,e@0x80");
    CHECK(without_folders("./.aqpim-partial-a1B2c3/stats.json: cannot be written") == "stats.json: cannot be written");
    CHECK(without_folders("configs/a.cfg:1: no") == "configs/a.cfg:1: no");
}

TEST_CASE("a point that is done and has no figures is an error that names the file") {
    const TemporaryDirectory folder;
    CHECK(message_of<InputError>([&] {
              sweep_json(plan(), {{0, "points/0", done}}, folder.path());
          }).starts_with(folder.path("points/0/stats.json")));
}

TEST_CASE("the table shows each point's main figures or a dash") {
    const TemporaryDirectory folder;
    CHECK(format_table(results(folder)) ==
          "point        step    tokens/s  energy/token  status\n"
          "0        12.35 ms           -             -  done\n"
          "1               -           -             -  failed\n");
}

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/sweep/plan_file.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

SweepPlan grid_plan(const std::string& batch = "1") {
    SweepPlan plan{"title", {{"pcie.lanes", {"4", "8"}}}, {}};
    for (const char* lanes : {"4", "8"}) {
        SweepPoint point{"grid", std::string("p") + lanes, {{"pcie.lanes", lanes}}, {}};
        point.layers = {{"/configs/a.cfg", {}, {}, {}},
                        {{}, "pcie.lanes", lanes, "--axis"},
                        {{}, "workload.batch", batch, "--set"}};
        plan.points.push_back(point);
    }
    return plan;
}

std::string difference(const SweepPlan& there, const SweepPlan& here) {
    return plan_difference(to_json(there), to_json(here));
}

}  // namespace

TEST_CASE("a plan that is kept again stays and another one is refused by what differs") {
    const TemporaryDirectory folder;
    keep_plan(grid_plan(), folder.path());
    const std::string first = folder.read("plan.json");
    keep_plan(grid_plan(), folder.path());
    CHECK(folder.read("plan.json") == first);
    CHECK(message_of<InputError>([&] { keep_plan(grid_plan("2"), folder.path()); }) ==
          folder.path("plan.json") +
              ": another sweep's: p4: --set workload.batch = 1 there, --set workload.batch = 2 here; give another "
              "--out, or --restart to begin anew");
    CHECK(folder.read("plan.json") == first);
}

TEST_CASE("plans differ in their axes or points or in what a point is made of") {
    CHECK(difference(grid_plan(), grid_plan()).empty());
    SweepPlan other = grid_plan();
    other.axes[0].values = {"4"};
    CHECK(difference(grid_plan(), other) == "pcie.lanes=4,8 there, pcie.lanes=4 here");
    other = grid_plan();
    other.axes.push_back({"variant", {"a"}});
    CHECK(difference(grid_plan(), other) == "nothing there, variant=a here");
    other = grid_plan();
    other.points[1].set = "second";
    CHECK(difference(grid_plan(), other) == "point p8 of set grid there, point p8 of set second here");
    other = grid_plan();
    other.points[1].layers[0].file = "/configs/b.cfg";
    CHECK(difference(grid_plan(), other) == "p8: /configs/a.cfg there, /configs/b.cfg here");
    other = grid_plan();
    other.points[0].layers.pop_back();
    CHECK(difference(grid_plan(), other) == "p4: --set workload.batch = 1 there, nothing here");
}

TEST_CASE("a plan file that no sweep has written is refused") {
    const TemporaryDirectory folder;
    for (const char* text : {"", "[]", "{}", "{\"schema\": 2}", "{\"schema\": 1, \"axes\": 3}",
                             "{\"schema\": 1, \"points\": [[]]}", "{\"schema\": 1, \"axes\": [{\"values\": [1]}]}"}) {
        folder.write("plan.json", text);
        CHECK(message_of<InputError>([&] { keep_plan(grid_plan(), folder.path()); }).find("plan.json: ") !=
              std::string::npos);
    }
}

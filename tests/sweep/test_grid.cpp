#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>

#include "models/common/error.h"
#include "platform/sweep/grid.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

GridRequest request(const std::vector<std::string>& axes) {
    GridRequest request;
    for (const std::string& axis : axes) {
        request.axes.push_back(parse_axis(axis));
    }
    return request;
}

std::string refusal(const std::vector<std::string>& axes) {
    return message_of<InputError>([&] { make_grid(request(axes)); });
}

std::vector<std::string> values_of(const SweepPoint& point) {
    std::vector<std::string> values;
    for (const AxisValue& value : point.axes) {
        values.push_back(value.value);
    }
    return values;
}

using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("a grid has every combination of its axes and the last axis changes fastest") {
    const SweepPlan plan = make_grid(request({"workload.prompt=64,128", "pcie.lanes=4,8,16"}));
    REQUIRE(plan.points.size() == 6);
    CHECK(values_of(plan.points[0]) == Values{"64", "4"});
    CHECK(values_of(plan.points[1]) == Values{"64", "8"});
    CHECK(values_of(plan.points[3]) == Values{"128", "4"});
    CHECK(values_of(plan.points[5]) == Values{"128", "16"});
    CHECK(plan.axes[1].name == "pcie.lanes");
    CHECK(plan.axes[1].values == Values{"4", "8", "16"});
}

TEST_CASE("configurations of an axis lie below all parameters and overrides above all") {
    const TemporaryDirectory folder;
    GridRequest grid = request({"workload.prompt=64", "variant=a.cfg,x/b.cfg+c.cfg"});
    grid.configs = {folder.write("base.cfg", "[pcie]\nlanes = 4\n")};
    grid.overrides = {{{}, "workload.batch", "2", "--set"}};
    const SweepPlan plan = make_grid(grid);
    REQUIRE(plan.points.size() == 2);
    const std::vector<ConfigurationLayer>& layers = plan.points[1].layers;
    REQUIRE(layers.size() == 5);
    CHECK(layers[0].file == folder.path("base.cfg"));
    CHECK(layers[1].file == (std::filesystem::current_path() / "x/b.cfg").string());
    CHECK(layers[2].file == (std::filesystem::current_path() / "c.cfg").string());
    CHECK(layers[3].key == "workload.prompt");
    CHECK(layers[3].origin == "--axis");
    CHECK(layers[4].key == "workload.batch");
    CHECK(values_of(plan.points[0]) == Values{"64", "a"});
    CHECK(values_of(plan.points[1]) == Values{"64", "b+c"});
    CHECK(plan.axes[1].values == Values{"a", "b+c"});
}

TEST_CASE("a path with dots in its name is still labelled by its stem") {
    CHECK(configuration_label("../configs/gpu.v2.cfg") == "gpu.v2");
    CHECK(is_parameter_axis("workload.prompt"));
    CHECK_FALSE(is_parameter_axis("variant"));
}

TEST_CASE("an axis that cannot be is refused with what is allowed") {
    CHECK(message_of<InputError>([] { parse_axis("workload.prompt"); }) ==
          "--axis: 'workload.prompt' found; allowed: KEY=VALUE1,VALUE2,...");
    CHECK(message_of<InputError>([] { parse_axis("=1"); }) == "--axis: '=1' found; allowed: KEY=VALUE1,VALUE2,...");
    CHECK(message_of<InputError>([] { parse_axis("a.b=1,,2"); }) == "--axis: a.b: '1,,2' found; no value may be empty");
    CHECK(message_of<InputError>([] { parse_axis("v=a.cfg+"); }) == "--axis: v: 'a.cfg+' found; no value may be empty");
    CHECK(refusal({"pcie.lane=4"}) == "--axis: unknown key 'pcie.lane'; did you mean 'pcie.lanes'?");
    CHECK(refusal({"pcie.lanes=4", "pcie.lanes=8"}) ==
          "--axis: pcie.lanes found twice; allowed: one axis of each name");
    CHECK(refusal({"pcie.lanes=4,8,4"}) == "--axis: pcie.lanes: '4' found twice; values that differ are allowed");
    CHECK(refusal({"v=a/x.cfg,b/x.cfg"}) == "--axis: v: 'x' found twice; values that differ are allowed");
}

TEST_CASE("an axis that an override would undo is refused") {
    GridRequest grid = request({"pcie.lanes=4,8"});
    grid.overrides = {{{}, "pcie.lanes", "16", "--set"}};
    CHECK(message_of<InputError>([&] { make_grid(grid); }) ==
          "--axis: pcie.lanes found, which --set sets to '16' in every point");
}

TEST_CASE("what no point could run with is refused before the first one") {
    GridRequest grid = request({"pcie.lanes=4,8"});
    grid.overrides = {{{}, "pcie.generation", "9", "--set"}};
    CHECK(message_of<InputError>([&] { make_grid(grid); }).starts_with("--set: pcie.generation: "));
    grid.overrides.clear();
    grid.configs = {"nowhere.cfg"};
    CHECK(message_of<InputError>([&] { make_grid(grid); }).starts_with("nowhere.cfg: cannot be read"));
}

TEST_CASE("a value that only some points have is left to them") {
    CHECK(make_grid(request({"pcie.lanes=4,3"})).points.size() == 2);
    CHECK(make_grid(request({"variant=nowhere.cfg"})).points.size() == 1);
}

TEST_CASE("more points than a sweep may have are refused") {
    std::string values = "1";
    for (int i = 2; i <= 400; ++i) {
        values += fmt::format(",{}", i);
    }
    CHECK(refusal({"workload.prompt=" + values, "sim.seed=" + values}) ==
          "--axis: more than 100000 points found; up to 100000 are allowed");
}

TEST_CASE("points are named by index and values in characters that any file system takes") {
    std::vector<SweepPoint> points(11);
    points[3].axes = {{"dram.address_hash", "bank^row[1:0]"}, {"variant", "gpu_host+loop"}};
    points[10].axes = {{"a.b", std::string(300, 'x')}, {"a.c", "\xc3\xa4/.."}};
    for (int i = 0; i < 20; ++i) {
        points[5].axes.push_back({"a.d", "twenty letters, more"});
    }
    name_points(points);
    CHECK(points[0].name == "00");
    CHECK(points[3].name == "03-bank-row-1-0--gpu_host+loop");
    CHECK(points[10].name == "10-xxxxxxxxxxxxxxxxxxxxxxxx----..");
    CHECK(points[5].name.size() == 100);
    std::set<std::string> names;
    for (const SweepPoint& point : points) {
        names.insert(point.name);
    }
    CHECK(names.size() == points.size());
}

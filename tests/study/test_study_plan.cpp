#include <fmt/format.h>

#include <catch2/catch.hpp>

#include <set>

#include "models/common/error.h"
#include "platform/study/study_plan.h"
#include "tests/study/study_scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

/// "base.cfg slow.cfg workload.steps=1"
std::string layers_text(const SweepPoint& point) {
    std::vector<std::string> words;
    for (const ConfigurationLayer& layer : point.layers) {
        words.push_back(layer.file.empty() ? fmt::format("{}={}", layer.key, layer.value)
                                           : layer.file.substr(layer.file.rfind('/') + 1));
    }
    return fmt::format("{}", fmt::join(words, " "));
}

/// "grid variant:slow"
std::string axes_text(const SweepPoint& point) {
    std::vector<std::string> words = {point.set};
    for (const AxisValue& axis : point.axes) {
        words.push_back(fmt::format("{}:{}", axis.axis, axis.value));
    }
    return fmt::format("{}", fmt::join(words, " "));
}

const std::string claims = R"("claims": [)" + gain_claim + "],";

}  // namespace

TEST_CASE("a study's plan has every combination of each set's axes, the last one running fastest") {
    const StudyScene scene;
    const SweepPlan plan = plan_of_study(scene.study());
    CHECK(plan.title == "Slow | fast");
    REQUIRE(plan.points.size() == 6);
    CHECK(axes_text(plan.points[0]) == "grid workload.prompt:100 variant:slow");
    CHECK(axes_text(plan.points[1]) == "grid workload.prompt:100 variant:fast+loop");
    CHECK(axes_text(plan.points[3]) == "grid workload.prompt:200 variant:fast+loop");
    CHECK(axes_text(plan.points[5]) == "alone part:L = 1");
    REQUIRE(plan.axes.size() == 3);
    CHECK(plan.axes[0].name == "workload.prompt");
    CHECK(plan.axes[1].values == std::vector<std::string>{"slow", "fast+loop"});
    CHECK(plan.axes[2].values == std::vector<std::string>{"as it is", "L = 1"});
}

TEST_CASE("a point's files come before its parameters and the nearer ones later") {
    const StudyScene scene;
    const SweepPlan plan = plan_of_study(scene.study());
    CHECK(layers_text(plan.points[3]) == "base.cfg fast.cfg loop.cfg workload.steps=1 workload.prompt=200");
    CHECK(layers_text(plan.points[5]) == "base.cfg fast.cfg workload.steps=1 pim.stacks=4 pim.lookups_per_slot=1");
    CHECK(plan.points[5].layers.back().origin == scene.path("study.json"));
}

TEST_CASE("what a tornado changes becomes a point of its own that runs once however often it is asked for") {
    const StudyScene scene;
    const std::string bar = R"({"label": "L", "ends": [{"label": "1",
        "denominator": {"change": {"configs": ["slow.cfg"], "set": {"pim.lookups_per_slot": 1}}}}]})";
    const std::string elsewhere =
        R"({"label": "variant", "ends": [{"label": "the same", "denominator": {"at": {"variant": "slow"}}}]})";
    const SweepPlan plan =
        plan_of_study(scene.study(claims + R"("tornados": [{"name": "t", "title": "", "claim": "gain", "bars": [)" +
                                  bar + "," + bar + "," + elsewhere + "]}],"));
    REQUIRE(plan.points.size() == 7);
    CHECK(axes_text(plan.points[6]) ==
          "grid workload.prompt:200 variant:fast+loop variation:slow, pim.lookups_per_slot=1");
    CHECK(layers_text(plan.points[6]) ==
          "base.cfg fast.cfg loop.cfg workload.steps=1 workload.prompt=200 slow.cfg pim.lookups_per_slot=1");
    CHECK(plan.axes.back().name == "variation");
}

TEST_CASE("both sides of a tornado's end may change") {
    const StudyScene scene;
    const SweepPlan plan =
        plan_of_study(scene.study(claims + R"("tornados": [{"name": "t", "title": "", "claim": "gain",
        "bars": [{"label": "", "ends": [{"label": "", "both": {"change": {"set": {"pim.stacks": 8}}}}]}]}],)"));
    REQUIRE(plan.points.size() == 8);
    CHECK(axes_text(plan.points[6]) == "grid workload.prompt:200 variant:slow variation:pim.stacks=8");
    CHECK(axes_text(plan.points[7]) == "grid workload.prompt:200 variant:fast+loop variation:pim.stacks=8");
}

TEST_CASE("every point of a plan has a name of its own") {
    const StudyScene scene;
    std::set<std::string> names;
    const SweepPlan plan = plan_of_study(scene.study());
    for (const SweepPoint& point : plan.points) {
        names.insert(point.name);
    }
    CHECK(names.size() == plan.points.size());
    CHECK(names.count("") == 0);
}

TEST_CASE("a parameter that there is not is refused before anything runs") {
    const StudyScene scene;
    const std::string file =
        scene.write("s.json", R"({"title": "", "sets": {"a": {"axes": [{"pim.stakcs": [1, 2]}]}}})");
    const Study study = read_study(file);
    CHECK(message_of<InputError>([&] { plan_of_study(study); }) ==
          file + ": unknown key 'pim.stakcs'; did you mean 'pim.stacks'?");
}

TEST_CASE("a set of more points than a sweep may have is refused") {
    const StudyScene scene;
    std::string values;
    for (int i = 0; i < 400; ++i) {
        values += fmt::format("{}{}", i == 0 ? "" : ",", i);
    }
    const std::string file = scene.write("s.json", R"({"title": "", "sets": {"a": {"axes": [{"workload.prompt": [)" +
                                                       values + R"(]}, {"workload.steps": [)" + values + "]}]}}}");
    const Study study = read_study(file);
    CHECK(message_of<InputError>([&] { plan_of_study(study); }).find("up to 100000 are allowed") != std::string::npos);
}

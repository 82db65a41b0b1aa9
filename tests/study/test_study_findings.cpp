#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "platform/study/study_findings.h"
#include "tests/study/study_scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

/// A claim on the slow variant at 200, of one row.
std::string claim_of(const std::string& kind, const std::string& figure, const std::string& over,
                     const std::string& expected = "") {
    const std::string denominator = over.empty() ? "" : R"("denominator": {"figure": ")" + over + "\"},";
    return R"("claims": [{"name": "c", "title": "C", "kind": ")" + kind + R"(",
        "both": {"set": "grid", "at": {"workload.prompt": "200", "variant": "slow"}},
        "numerator": {"figure": ")" +
           figure + "\"}," + denominator + R"("rows": [{"name": "r", "assumptions": "")" + expected + "}]}],";
}

struct Answer {
    std::string text;
    Verdict verdict;
    std::vector<std::string> missed;
};

Answer answer(const std::string& more, const nlohmann::json& sweep = example_sweep()) {
    const StudyScene scene;
    const Study study = scene.study(more);
    const StudyFindings findings = find_all(study, sweep);
    const RowFinding& row = findings.claims.at(0).at(0);
    return {found_text(row.value, study.claims[0].rows[0].quotient), row.verdict, missed_expectations(study, findings)};
}

}  // namespace

TEST_CASE("a ratio divides a figure of one point by that of another") {
    const StudyScene scene;
    const Study study = scene.study(R"("claims": [)" + gain_claim + "],");
    const StudyFindings findings = find_all(study, example_sweep());
    CHECK(*findings.claims[0][0].value.value == Approx(20.0 / 5));
    CHECK(*findings.claims[0][1].value.value == Approx(8.0 / 4));
    CHECK(*findings.claims[0][0].numerator.value == Approx(20e9));
}

TEST_CASE("a share is shown in percent and a figure with its unit") {
    CHECK(answer(claim_of("share", "decode.breakdown_ps.pcie", "decode.total_ps")).text == "90.0 %");
    CHECK(answer(claim_of("figure", "decode.breakdown_ps.pcie", "")).text == "18.00 ms");
    CHECK(answer(claim_of("ratio", "decode.total_ps", "decode.breakdown_ps.pcie")).text == "1.111x");
}

TEST_CASE("figures are added and subtracted and a star adds up what it matches") {
    CHECK(answer(claim_of("figure", "decode.total_ps - decode.breakdown_ps.pcie", "")).text == "2.000 ms");
    CHECK(answer(claim_of("figure", "gpu.kernels.*.busy_ps", "")).text == "1.500 ms");
    CHECK(answer(claim_of("figure", "decode.total_ps - gpu.kernels.*.busy_ps + decode.total_ps", "")).text ==
          "38.50 ms");
}

TEST_CASE("a star stands for one part of a key and no more") {
    CHECK(matches_key("a.*.c", "a.b.c"));
    CHECK_FALSE(matches_key("a.*", "a.b.c"));
    CHECK_FALSE(matches_key("a.*.c", "a.c"));
    CHECK_FALSE(matches_key("a.b", "a.bc"));
    CHECK_FALSE(matches_key("a.b.c", "a.b"));
}

TEST_CASE("what is not there is said with its reason") {
    CHECK(answer(claim_of("figure", "decode.none", "")).text == "not available: point p has no figure decode.none");
    CHECK(answer(claim_of("figure", "energy.lookup_charge", "")).text ==
          "not available: point p has no figure energy.lookup_charge");
    nlohmann::json sweep = example_sweep();
    sweep["points"][2] = failed_point("grid", place("200", "slow"), "--set: pim.stacks: '3' found");
    CHECK(answer(claim_of("figure", "decode.total_ps", ""), sweep).text ==
          "not available: point 7-broken failed: --set: pim.stacks: '3' found");
    sweep["points"].erase(2);
    CHECK(answer(claim_of("figure", "decode.total_ps", ""), sweep).text ==
          "not available: not run: set grid, workload.prompt 200, variant slow");
}

TEST_CASE("nothing is divided by zero") {
    const std::string zero = "decode.total_ps - decode.total_ps";
    CHECK(answer(claim_of("ratio", "decode.total_ps", zero)).text == "not available: what it is divided by is 0");
}

TEST_CASE("an expectation holds within its tolerance and is missed beyond it") {
    const auto verdict = [](const std::string& value, const std::string& tolerance) {
        return answer(claim_of("share", "decode.breakdown_ps.pcie", "decode.total_ps",
                               R"(, "expected": {"value": )" + value + tolerance + R"(, "source": "system.md §5"})"));
    };
    // 0.9 / 0.9375 is 4 % too little, 0.9 / 0.849 6 % too much.
    CHECK(verdict("0.9375", "").verdict == Verdict::holds);
    CHECK(verdict("0.9375", "").missed.empty());
    CHECK(verdict("0.849", "").verdict == Verdict::missed);
    CHECK(verdict("0.849", R"(, "tolerance": 0.1)").verdict == Verdict::holds);
    CHECK(verdict("0.9375", R"(, "tolerance": 0.03)").missed ==
          std::vector<std::string>{"c, r: 90.0 % found; expected: 93.8 % within 3 % (system.md §5)"});
}

TEST_CASE("an expectation of what is not available is missed") {
    const Answer given = answer(claim_of("figure", "none_ps", "", R"(, "expected": {"value": "1ms", "source": "s"})"));
    CHECK(given.verdict == Verdict::missed);
    CHECK(given.missed ==
          std::vector<std::string>{
              "c, r: not available: point p has no figure none_ps found; expected: 1.000 ms within 5 % (s)"});
}

TEST_CASE("a variation is another point than the one it varies") {
    const StudyScene scene;
    const Study study =
        scene.study(R"("claims": [)" + gain_claim + R"(], "tornados": [{"name": "t", "title": "", "claim": "gain",
        "bars": [{"label": "little", "ends": [{"label": "x", "numerator": {"change": {"set": {"pim.stacks": 8}}}}]},
                 {"label": "much", "ends": [{"label": "y", "numerator": {"change": {"set": {"pim.stacks": 2}}}},
                                            {"label": "z", "denominator": {"at": {"variant": "slow"}}}]},
                 {"label": "none", "ends": [{"label": "v", "denominator": {"change": {"set": {"pim.stacks": 1}}}}]}]}],)");
    nlohmann::json sweep = example_sweep();
    for (const auto& [stacks, step_ms] : {std::pair{"8", 15.0}, std::pair{"2", 40.0}}) {
        nlohmann::json axes = place("200", "slow");
        axes["variation"] = std::string("pim.stacks=") + stacks;
        sweep["points"].push_back(done_point("grid", axes, {{"decode.total_ps", step_ms * 1e9}}));
    }
    const TornadoFinding tornado = find_all(study, sweep).tornados.at(0);
    CHECK(*tornado.baseline.value == Approx(4));
    REQUIRE(tornado.bars.size() == 3);
    CHECK(tornado.bars[0].label == "much");
    CHECK(*tornado.bars[0].ends[0].value.value == Approx(40.0 / 5));
    CHECK(*tornado.bars[0].ends[1].value.value == Approx(1));
    CHECK(tornado.bars[0].swing == Approx(8));
    CHECK(tornado.bars[1].label == "little");
    CHECK(tornado.bars[1].swing == Approx(4.0 / 3));
    CHECK(tornado.bars[2].swing == 0);
    CHECK(tornado.bars[2].ends[0].value.missing.find("variation pim.stacks=1") != std::string::npos);
}

TEST_CASE("a table has a figure of every point of a set") {
    const StudyScene scene;
    const Study study = scene.study(R"("tables": [
        {"name": "steps", "title": "", "set": "grid", "rows": ["workload.prompt"], "column": "variant", "kind": "figure",
         "numerator": {"figure": "decode.total_ps"}},
        {"name": "gain", "title": "", "set": "grid", "rows": [], "column": "variant", "at": {"workload.prompt": 200},
         "kind": "ratio", "numerator": {"figure": "decode.total_ps", "at": {"variant": "slow"}},
         "denominator": {"figure": "decode.total_ps"}},
        {"name": "both", "title": "", "set": "grid", "rows": ["variant"], "at": {"workload.prompt": 200}, "columns": [
            {"name": "step", "kind": "figure", "numerator": {"figure": "decode.total_ps"}},
            {"name": "PCIe", "kind": "share", "numerator": {"figure": "decode.breakdown_ps.pcie"},
             "denominator": {"figure": "decode.total_ps"}}]}],)");
    const StudyFindings findings = find_all(study, example_sweep());
    REQUIRE(findings.tables[0].size() == 2);
    CHECK(*findings.tables[0][1][0].value == Approx(20e9));
    CHECK(*findings.tables[0][0][1].value == Approx(4e9));
    REQUIRE(findings.tables[1].size() == 1);
    CHECK(*findings.tables[1][0][0].value == Approx(1));
    CHECK(*findings.tables[1][0][1].value == Approx(4));
    REQUIRE(findings.tables[2].size() == 2);
    CHECK(*findings.tables[2][0][0].value == Approx(20e9));
    CHECK(*findings.tables[2][0][1].value == Approx(18.0 / 20));
    CHECK(*findings.tables[2][1][1].value == Approx(0));
}

TEST_CASE("what is no sweep.json is refused") {
    const StudyScene scene;
    const Study study = scene.study();
    for (const char* text : {"{}", "[]", R"({"points": [{}]})", R"({"points": [{"set": 1}]})"}) {
        CHECK(
            message_of<InputError>([&] { find_all(study, nlohmann::json::parse(text)); }).starts_with("sweep.json: "));
    }
}

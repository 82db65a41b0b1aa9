#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "platform/study/study_text.h"
#include "tests/study/study_scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

/// What is said of a study with these further keys, after the file's name.
std::string complaint(const StudyScene& scene, const std::string& more) {
    const std::string file = scene.write_study(more);
    const std::string message = message_of<InputError>([&] { read_study(file); });
    return message.starts_with(file + ": ") ? message.substr(file.size() + 2) : "file not named: " + message;
}

std::string claim_complaint(const StudyScene& scene, const std::string& claim) {
    return complaint(scene, R"("claims": [)" + claim + "],");
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a study is read with its sets and axes in the file's order and its claims") {
    const StudyScene scene;
    const Study study = scene.study(R"("claims": [)" + gain_claim + "],");
    CHECK(study.title == "Slow | fast");
    REQUIRE(study.sets.size() == 2);
    const StudySet& grid = study.sets[0];
    CHECK(grid.name == "grid");
    REQUIRE(grid.axes.size() == 2);
    CHECK(grid.axes[0].name == "workload.prompt");
    CHECK(grid.axes[0].values[1].label == "200");
    CHECK(grid.axes[1].values[1].label == "fast+loop");
    CHECK(grid.axes[1].values[1].change.configs == std::vector{scene.path("fast.cfg"), scene.path("loop.cfg")});
    CHECK(study.sets[1].axes[0].values[1].change.parameters.at("pim.lookups_per_slot") == "1");
    const ClaimRow& row = study.claims.at(0).rows.at(1);
    CHECK(row.quotient.numerator.point.at.at("workload.prompt") == "100");
    CHECK(row.quotient.numerator.point.at.at("variant") == "slow");
    CHECK(row.quotient.denominator->point.at.at("variant") == "fast+loop");
}

TEST_CASE("a study may have comments") {
    const StudyScene scene;
    CHECK_NOTHROW(scene.study("// why\n /* and how */"));
}

TEST_CASE("a study that is no JSON is refused with the line") {
    const StudyScene scene;
    const std::string file = scene.write("study.json", "{\n\"title\": }");
    const std::string message = message_of<InputError>([&] { read_study(file); });
    CHECK(message.starts_with(file + ": not JSON:"));
    CHECK(message.find("line 2") != std::string::npos);
    CHECK(message_of<InputError>([&] { read_study(scene.path("none.json")); }).find("none.json") != std::string::npos);
}

TEST_CASE("an unknown key of a study is refused with its place and what is allowed") {
    const StudyScene scene;
    CHECK(complaint(scene, R"("sweeps": 1,)") ==
          "unknown key 'sweeps'; allowed: title, sets, configs, set, claims, tornados, tables or pages");
    CHECK(claim_complaint(scene, with(gain_claim, "\"assumptions\": \"L = 16\"", "\"assumption\": 1")) ==
          "claims[0].rows[0]: unknown key 'assumption'; allowed: name, assumptions, numerator, denominator, both or "
          "expected");
    CHECK(claim_complaint(scene, R"({"name": "x"})") == "claims[0]: 'title' is missing");
}

TEST_CASE("a value of the wrong kind is refused with its place") {
    const StudyScene scene;
    CHECK(claim_complaint(scene, with(gain_claim, "\"ratio\"", "\"ratios\"")) ==
          "claims[0].kind: 'ratios' found; allowed: ratio, share or figure");
    CHECK(claim_complaint(scene, with(gain_claim, "\"gain\"", "\"gain x\"")) ==
          "claims[0].name: 'gain x' found; allowed: letters, digits, _ and -");
    CHECK(claim_complaint(scene, with(gain_claim, "8.33}", "\"8\"}")) ==
          "claims[0].paper.value: string found; allowed: a number");
    CHECK(complaint(scene, R"("claims": {},)") == "claims: object found; allowed: a list");
}

TEST_CASE("a point that no set has is refused with those that there are") {
    const StudyScene scene;
    CHECK(claim_complaint(scene, with(gain_claim, "\"variant\": \"slow\"", "\"variant\": \"sloe\"")) ==
          "claims[0].rows[0].numerator.at.variant: 'sloe' found; allowed: slow or fast+loop");
    CHECK(claim_complaint(scene, with(gain_claim, "{\"variant\": \"slow\"}", "{\"variants\": \"slow\"}")) ==
          "claims[0].rows[0].numerator.at: set 'grid' has no axis 'variants'; allowed: workload.prompt or variant");
    CHECK(claim_complaint(scene, with(gain_claim, "{\"variant\": \"slow\"}", "{}")) ==
          "claims[0].rows[0].numerator: 'at' does not say where on axis 'variant'; allowed: slow or fast+loop");
    CHECK(claim_complaint(scene, with(gain_claim, "\"set\": \"grid\"", "\"set\": \"grids\"")) ==
          "claims[0].rows[0].numerator.set: no set 'grids'; allowed: grid or alone");
}

TEST_CASE("a figure is keys with signs between and nothing else") {
    const StudyScene scene;
    for (const std::string wrong : {"", "a b", "a +", "+ a", "a + - b", "a * b", "a - b c"}) {
        INFO(wrong);
        CHECK(claim_complaint(scene, with(gain_claim, "decode.total_ps", wrong)) ==
              "claims[0].rows[0].numerator.figure: '" + wrong +
                  "' found; allowed: keys of stats.json with ' + ' or ' - ' between");
    }
    const Study study = scene.study(R"("claims": [)" + with(gain_claim, "decode.total_ps", "a - b.* + c") + "],");
    const auto& terms = study.claims[0].rows[0].quotient.numerator.terms;
    REQUIRE(terms.size() == 3);
    CHECK(terms[1].subtracted);
    CHECK(terms[1].key == "b.*");
    CHECK_FALSE(terms[2].subtracted);
}

TEST_CASE("a configuration that is not there is refused") {
    const StudyScene scene;
    scene.write_study();
    const std::string file = scene.write("other.json", R"({"title": "", "configs": ["nope.cfg"], "sets": {"a": {}}})");
    CHECK(message_of<InputError>([&] { read_study(file); }) ==
          file + ": configs[0]: 'nope.cfg' found; allowed: a file, relative to the study's folder");
}

TEST_CASE("axes are refused that no plan could be made of") {
    const StudyScene scene;
    const auto complaint_of_set = [&](const std::string& set) {
        const std::string file = scene.write("s.json", R"({"title": "", "sets": {"a": )" + set + "}}");
        return message_of<InputError>([&] { read_study(file); }).substr(file.size() + 2);
    };
    CHECK(complaint_of_set(R"({"axes": [{"a.b": ["1", 1]}]})") == "sets.a.axes[0].a.b[1]: '1' found a second time");
    CHECK(complaint_of_set(R"({"axes": [{"a.b": []}]})") == "sets.a.axes[0].a.b: an axis without values");
    CHECK(complaint_of_set(R"({"axes": [{"a.b": [1]}, {"a.b": [2]}]})") == "sets.a: axis 'a.b' found a second time");
    CHECK(complaint_of_set(R"({"axes": [{"a.b": [1], "c.d": [2]}]})") ==
          "sets.a.axes[0]: 2 keys found; allowed: one, the axis's name");
    CHECK(complaint_of_set(R"({"set": {"a.b": 1}, "axes": [{"a.b": [1]}]})") ==
          "sets.a: 'a.b' is an axis, and set too");
    CHECK(complaint_of_set(R"({"axes": [{"variation": ["slow.cfg"]}]})")
              .starts_with("sets.a.axes[0]: an axis 'variation'"));
}

TEST_CASE("an expectation takes units where the figure has one") {
    const StudyScene scene;
    const auto study_of = [&](const std::string& key, const std::string& value) {
        return R"("claims": [{"name": "c", "title": "", "kind": "figure",
            "numerator": {"set": "alone", "at": {"part": "L = 1"}, "figure": ")" +
               key + R"("}, "rows": [{"name": "r", "assumptions": "", "expected": {"value": )" + value +
               R"(, "source": "by hand"}}]}],)";
    };
    const auto expected = [&](const std::string& key, const std::string& value) {
        return scene.study(study_of(key, value)).claims[0].rows[0].expected->value;
    };
    CHECK(expected("decode.total_ps", "\"5.7ms\"") == 5.7e9);
    CHECK(expected("decode.token_energy_pj", "\"3nJ\"") == 3000);
    CHECK(expected("kv.bytes_fp16", "\"64GiB\"") == 68719476736);
    CHECK(expected("pim.attention_cycles", "3810") == 3810);
    CHECK(complaint(scene, study_of("pim.attention_cycles", "\"5ms\"")) ==
          "claims[0].rows[0].expected.value: '5ms' found; allowed: a number");
    CHECK(complaint(scene, study_of("decode.total_ps", "\"5\"")).starts_with("claims[0].rows[0].expected.value: "));
    CHECK(complaint(scene, study_of("decode.total_ps", "0")).starts_with("claims[0].rows[0].expected: value 0"));
}

TEST_CASE("a tornado of a claim or row that there is not is refused") {
    const StudyScene scene;
    const auto complaint_of = [&](const std::string& tornado) {
        return complaint(scene, R"("claims": [)" + gain_claim + R"(], "tornados": [)" + tornado + "],");
    };
    CHECK(complaint_of(R"({"name": "t", "title": "", "claim": "gian", "bars": []})") ==
          "tornados[0].claim: no claim 'gian'; allowed: gain");
    CHECK(complaint_of(R"({"name": "t", "title": "", "claim": "gain", "row": "x", "bars": []})") ==
          "tornados[0].row: claim 'gain' has no row 'x'; allowed: at 200 or at 100");
    CHECK(complaint_of(R"({"name": "t", "title": "", "claim": "gain", "bars": [{"label": "", "ends": []}]})") ==
          "tornados[0].bars[0].ends: 0 found; allowed: one or two");
}

TEST_CASE("two claims of one name are refused") {
    const StudyScene scene;
    CHECK(complaint(scene, R"("claims": [)" + gain_claim + "," + gain_claim + "],") ==
          "claims[1].name: 'gain' found a second time");
}

TEST_CASE("a page is written into the sweep's directory and nowhere else") {
    const StudyScene scene;
    scene.write("page.mustache", "");
    for (const std::string name : {"../x.md", "/x.md", "a/x.md", "", ".."}) {
        CHECK(complaint(scene, R"("pages": [{"file": ")" + name + R"(", "template": "page.mustache"}],)")
                  .starts_with("pages[0].file: "));
    }
}

TEST_CASE("figures are shown with four digits and the unit that fits") {
    CHECK(significant(0.174149) == "0.1741");
    CHECK(significant(8.33) == "8.330");
    CHECK(significant(134.96) == "135.0");
    CHECK(significant(27788.4) == "27788");
    CHECK(significant(0) == "0");
    CHECK(figure_text(29'910'000'000, unit_of("decode.mean_step_ps")) == "29.91 ms");
    CHECK(figure_text(184'336'177, unit_of("decode.breakdown_ps.pcie")) == "184.3 us");
    CHECK(figure_text(1.415e12, unit_of("energy_pj.pcie")) == "1.415 J");
    CHECK(figure_text(68719476736, unit_of("kv.bytes_fp16")) == "64.00 GiB");
    CHECK(figure_text(534.5, unit_of("decode.tokens_per_s")) == "534.5 tokens/s");
    CHECK(figure_text(3.35e12, unit_of("gpu.peak_bytes_per_s")) == "3.350 TB/s");
    CHECK(figure_text(3808, unit_of("pim.attention_cycles")) == "3808");
    CHECK(figure_text(928, unit_of("pim.attention_cycles")) == "928");
    CHECK(figure_text(0, unit_of("kv.bytes_spilled")) == "0 B");
    CHECK(figure_text(-1500, unit_of("x_ps")) == "-1.500 ns");
}

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "platform/study/study_page.h"
#include "tests/study/study_scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

const std::string tornado = R"({"name": "moves", "title": "What moves it", "claim": "gain", "bars": [
    {"label": "variant", "ends": [{"label": "slow too", "denominator": {"at": {"variant": "slow"}}}]},
    {"label": "never run", "ends": [{"label": "one", "numerator": {"change": {"set": {"pim.stacks": 1}}}}]}]})";

const std::string table = R"({"name": "steps", "title": "Steps", "set": "grid", "rows": ["workload.prompt"],
    "column": "variant", "kind": "figure", "numerator": {"figure": "decode.total_ps"}})";

std::string everything(const std::string& claim = gain_claim) {
    return R"("claims": [)" + claim + R"(], "tornados": [)" + tornado + R"(], "tables": [)" + table +
           R"(], "pages": [{"file": "page.md", "template": "page.mustache"}],)";
}

std::string rendered(const std::string& page, const std::string& more = everything(),
                     const nlohmann::json& sweep = example_sweep()) {
    const StudyScene scene;
    scene.write("page.mustache", page);
    return render_study(scene.study(more), sweep, "aqpim-vp sweep --study x.json").files.at(0).contents;
}

}  // namespace

TEST_CASE("a page has the title, the command and the number of points") {
    CHECK(rendered("# {{title}}\n`{{command}}` {{points}}\n") ==
          "# Slow \\| fast\n`aqpim-vp sweep --study x.json` 4\n");
}

TEST_CASE("a page shows a claim by its name with ours beside the paper's") {
    CHECK(
        rendered(
            "{{#claim.gain}}\n{{title}}: {{paper}}\n{{#rows}}\n| {{name}} | {{value}} | {{parts}} | {{assumptions}} |\n"
            "{{/rows}}\n{{/claim.gain}}\n") ==
        "Gain: 8.33x\n| at 200 | 4.000x | 20.00 ms / 5.000 ms | L = 16 |\n"
        "| at 100 | 2.000x | 8.000 ms / 4.000 ms | L = 16, short |\n");
    CHECK(rendered("{{#claims}}{{name}};{{/claims}}") == "gain;");
}

TEST_CASE("a page shows what was expected and the verdict where there is one") {
    std::string claim = gain_claim;
    const std::string row = R"("assumptions": "L = 16"})";
    claim.replace(claim.find(row), row.size(),
                  R"("assumptions": "L = 16", "expected": {"value": 5, "source": "by hand"}})");
    const std::string page =
        "{{#claims}}{{#rows}}{{name}}{{#expected}}: {{expected}}, {{deviation}}, {{source}}, {{verdict}}{{/expected}}\n"
        "{{/rows}}{{/claims}}{{checks_held}} of {{checks}}{{#missed}}\n{{.}}{{/missed}}";
    CHECK(rendered(page, everything(claim)) ==
          "at 200: 5.000x within 5 %, -20.0 %, by hand, missed\nat 100\n0 of 1\n"
          "gain, at 200: 4.000x found; expected: 5.000x within 5 % (by hand)");
}

TEST_CASE("a page shows a tornado as a table and links its picture") {
    CHECK(rendered(
              "{{#tornado.moves}}![{{title}}]({{picture}}) {{row}} {{baseline}}\n{{#bars}}{{label}} "
              "{{#swing}}{{swing}}{{/swing}}{{#ends}}, {{label}}: {{value}}{{/ends}}\n{{/bars}}{{/tornado.moves}}") ==
          "![What moves it](images/moves.svg) at 200 4.000x\nvariant 4.000x, slow too: 1.000x\n"
          "never run , one: not available: not run: set grid, workload.prompt 200, variant slow, variation "
          "pim.stacks=1\n");
}

TEST_CASE("a tornado's picture leaves out bars that are not available and shows the paper's figure") {
    const StudyScene scene;
    scene.write("page.mustache", "");
    const StudyPages pages = render_study(scene.study(everything()), example_sweep(), "");
    REQUIRE(pages.files.size() == 2);
    CHECK(pages.files[1].name == "images/moves.svg");
    const std::string& svg = pages.files[1].contents;
    CHECK(svg.find("slow too: 1.000x") != std::string::npos);
    CHECK(svg.find("the paper: 8.33x") != std::string::npos);
    CHECK(svg.find("never run") == std::string::npos);
}

TEST_CASE("a page shows a table over a set") {
    CHECK(rendered("{{#table.steps}}\n|{{#axes}} {{.}} |{{/axes}}{{#columns}} {{.}} |{{/columns}}\n{{#rows}}\n"
                   "|{{#labels}} {{.}} |{{/labels}}{{#cells}} {{.}} |{{/cells}}\n{{/rows}}\n{{/table.steps}}\n") ==
          "| workload.prompt | slow | fast+loop |\n| 100 | 8.000 ms | 4.000 ms |\n| 200 | 20.00 ms | 5.000 ms |\n");
}

TEST_CASE("a page names points that failed, and what hangs on them is not available") {
    nlohmann::json sweep = example_sweep();
    sweep["points"][3] = failed_point("grid", place("200", "fast+loop"), "code 2 | capacity");
    CHECK(rendered("{{#failed}}{{name}}: {{message}}\n{{/failed}}{{#claim.gain}}{{#rows}}{{value}} {{parts}}\n"
                   "{{/rows}}{{/claim.gain}}",
                   everything(), sweep) ==
          "7-broken: code 2 \\| capacity\nnot available: point 7-broken failed: code 2 \\| capacity 20.00 ms / not "
          "available\n2.000x 8.000 ms / 4.000 ms\n");
}

TEST_CASE("a template that names what there is not is refused") {
    const StudyScene scene;
    const std::string file = scene.write("page.mustache", "{{title}} {{#claim.gian}}x{{/claim.gian}}");
    CHECK(message_of<InputError>([&] { render_study(scene.study(everything()), example_sweep(), ""); }) ==
          file + ": unknown name 'claim.gian'; docs/sweep.md has those that there are");
    scene.write("page.mustache", "{{#claims}}");
    CHECK(message_of<InputError>([&] {
              render_study(scene.study(everything()), example_sweep(), "");
          }).starts_with(file + ": not a Mustache template"));
}

TEST_CASE("pages of HTML are escaped as HTML") {
    const StudyScene scene;
    scene.write("page.mustache", "{{command}}");
    const Study study = scene.study(R"("pages": [{"file": "a.html", "template": "page.mustache"}],)");
    CHECK(render_study(study, example_sweep(), "a < b | c").files.at(0).contents == "a &lt; b | c");
}

TEST_CASE("a study leaves its pages and pictures in the sweep's directory") {
    const StudyScene scene;
    scene.write("page.mustache", "{{points}}");
    const TemporaryDirectory out;
    CHECK(write_study(scene.study(everything()), example_sweep(), "", out.path()).empty());
    CHECK(out.files() == std::set<std::string>{"page.md", "images"});
    CHECK(out.read("images/moves.svg").starts_with("<svg"));
    CHECK(out.read("page.md") == "4");
}

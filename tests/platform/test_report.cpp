#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/results/report.h"
#include "platform/results/stats.h"
#include "platform/results/summary.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

/// Two decode steps of 1000 and 3000 ps, of which PCIe takes half.
RunResult example() {
    RunResult run;
    run.configuration_digest = "0123456789abcdef";
    run.simulated_ps = 5'000'000;
    run.wall_s = 1.5;
    run.prefill = {2000, {.gpu = 500, .pim_quantize = 1500}, {}};
    run.decode = {{1000, {.host = 250, .pcie = 500, .pim_attention = 250}, {}},
                  {3000, {.pcie = 1500, .pim_attention = 750, .overlapped = 250, .idle = 500}, {}}};
    run.pim_attention_cycles = 930;
    run.kv_bytes_fp16 = 4 << 20;
    run.kv_bytes_stored = 1 << 20;
    run.gpu.kernels = {{"linear", {2, 100, 50, 10}}};
    run.memory = {{"pim", {64, 0, 8, 1}}};
    run.kv_layers_spilled = 3;
    run.kv_bytes_spilled = 2 << 20;
    run.kv_bytes_packed = 768 << 10;
    run.energy_pj = {{"dram", 750}, {"pcie", 250}};
    run.errors = {{"gpu", 0}, {"pim", 2}};
    run.accuracy = Accuracy{0.0123, 0.0008, 0.998, 0.15, 0.16};
    run.links = {{"pcie.gpu_link.down", 10, 1000, 1240, 5000}};
    run.memory_errors = {{"bits_flipped", 5}, {"corrected", 3}, {"detected", 1}, {"undetected", 0}};
    run.channels = {{"pim.channel0", {{"activates", 3}, {"lookups", 7}}, {{"ACT", 3}}, {{"ACT", 2.5}}}};
    run.harts = {{"hart0", 12345}};
    run.firmware = {true, true, 0};
    return run;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// What a page holds for its script.
nlohmann::json data_of(const std::string& page) {
    const std::string begin = R"(<script type="application/json" id="data">)";
    const std::size_t start = page.find(begin) + begin.size();
    return nlohmann::json::parse(page.substr(start, page.find("</script>", start) - start));
}

/// What stands behind `label` in the summary.
std::string summary_line(const std::string& summary, const std::string& label) {
    const std::size_t begin = summary.find(label) + label.size();
    const std::size_t text = summary.find_first_not_of(' ', begin);
    return summary.substr(text, summary.find('\n', text) - text);
}

}  // namespace

TEST_CASE("stats.json has every figure under its documented key") {
    const nlohmann::json stats = to_json(example());
    CHECK(stats["schema"] == stats_schema);
    CHECK(stats["simulated_ps"] == 5'000'000);
    CHECK(stats["decode"]["step_ps"] == nlohmann::json{1000, 3000});
    const nlohmann::json sum = {{"host", 250},           {"pcie", 2000},      {"gpu", 0},   {"pim_quantize", 0},
                                {"pim_attention", 1000}, {"overlapped", 250}, {"idle", 500}};
    CHECK(stats["decode"]["breakdown_ps"] == sum);
    CHECK(stats["decode"]["step_breakdown_ps"].size() == 2);
    CHECK(stats["decode"]["step_breakdown_ps"][1]["pcie"] == 1500);
    CHECK(stats["prefill"]["ps"] == 2000);
    CHECK(stats["prefill"]["breakdown_ps"]["pim_quantize"] == 1500);
    CHECK(stats["pim"]["attention_cycles"] == 930);
    CHECK(stats["kv"] == nlohmann::json{{"bytes_fp16", 4194304},
                                        {"bytes_stored", 1048576},
                                        {"bytes_packed", 786432},
                                        {"layers_spilled", 3},
                                        {"bytes_spilled", 2097152},
                                        {"tokens_that_fit", 0}});
    CHECK(stats["energy_pj"] == nlohmann::json{{"dram", 750.0}, {"pcie", 250.0}});
    CHECK(stats["errors"] == nlohmann::json{{"gpu", 0}, {"pim", 2}});
    CHECK(stats["accuracy"]["relative_l2_exact"] == 0.0123);
    CHECK(stats["links"]["pcie.gpu_link.down"]["wire_bytes"] == 1240);
    CHECK(stats["channels"]["pim.channel0"]["activates"] == 3);
    CHECK(stats["channels"]["pim.channel0"]["lookups"] == 7);
    CHECK(stats["channels"]["pim.channel0"]["commands"] == nlohmann::json{{"ACT", 3}});
    CHECK(stats["channels"]["pim.channel0"]["energy_pj"] == nlohmann::json{{"ACT", 2.5}});
    CHECK(stats["memory_errors"]["corrected"] == 3);
    CHECK(stats["harts"]["hart0"]["instructions"] == 12345);
    CHECK(stats["firmware"] == nlohmann::json{{"exited", true}, {"passed", true}, {"code", 0}, {"resets", 0}});
}

TEST_CASE("docs/stats.md explains every key of stats.json") {
    std::ifstream in(AQPIM_SOURCE_DIR "/docs/stats.md");
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    nlohmann::json stats = to_json(example());
    stats["energy_pj"] = {{"COMPONENT", 1}};
    stats["channels"]["pim.channel0"]["commands"] = {{"COMMAND", 1}};
    stats["channels"]["pim.channel0"]["energy_pj"] = {{"COMMAND", 1}};
    stats["errors"] = {{"KIND", 1}};
    const nlohmann::json flat = stats.flatten();
    for (const auto& [pointer, value] : flat.items()) {
        std::string key = pointer.substr(pointer.rfind('/') + 1);
        if (key.find_first_not_of("0123456789") == std::string::npos) {  // an element of a list
            const std::string list = pointer.substr(0, pointer.rfind('/'));
            key = list.substr(list.rfind('/') + 1);
        }
        INFO(pointer);
        CHECK((contains(text, "`" + key + "`") || contains(text, "." + key + "`")));
    }
}

TEST_CASE("only wall_s depends on the machine") {
    RunResult slow = example();
    slow.wall_s = 99;
    nlohmann::json a = to_json(example());
    nlohmann::json b = to_json(slow);
    a.erase("wall_s");
    b.erase("wall_s");
    CHECK(a == b);
}

TEST_CASE("stats.json reads back, and another schema is refused") {
    const TemporaryDirectory directory;
    const std::string file = directory.path("stats.json");
    write_stats(example(), file);
    CHECK(read_stats(file) == to_json(example()));
    directory.write("stats.json", R"({"schema": 99})");
    CHECK(message_of<InputError>([&] { read_stats(file); }) == file + ": schema 99 found; this version reads 1");
    directory.write("stats.json", "{");
    CHECK(message_of<InputError>([&] { read_stats(file); }) == file + ": not the JSON object that a run writes");
}

TEST_CASE("the summary says where the time goes, how small the KV cache is, and how close the attention") {
    const std::string summary = format_summary(example(), "out/x");
    CHECK(summary_line(summary, "firmware") == "reported success after 5 us simulated (1.50 s wall)");
    CHECK(summary_line(summary, "decode step") == "2 ns on average over 2 steps (1 ns to 3 ns)");
    CHECK(summary_line(summary, "PCIe") == "1 ns   50.0 %");
    CHECK(summary_line(summary, "idle") == "250 ps   12.5 %");
    CHECK(summary_line(summary, "prefill") == "2 ns");
    CHECK(summary_line(summary, "KV cache") ==
          "4 MiB in fp16, 1 MiB stored: 4.00x smaller (768 KiB without padding to columns)");
    CHECK(contains(summary, "1.230e-02 relative L2 error"));
    CHECK(summary_line(summary, "errors") == "2 pim");
    CHECK(summary_line(summary, "results") == "out/x");
}

TEST_CASE("the summary of a firmware without phases is short") {
    RunResult run;
    run.firmware = {true, false, 7};
    CHECK(format_summary(run, "out/hello") ==
          "firmware        reported failure 7 after 0 ps simulated (0.00 s wall)\n"
          "errors          none\n"
          "results         out/hello\n");
}

TEST_CASE("quantities are shown in the unit that fits") {
    CHECK(time_text(0) == "0 ps");
    CHECK(time_text(999) == "999 ps");
    CHECK(time_text(1'234'567) == "1.235 us");
    CHECK(time_text(99'999'900'000'000) == "100 s");
    CHECK(bytes_text(1023) == "1023 B");
    CHECK(bytes_text(1536) == "1.5 KiB");
    CHECK(bytes_text(std::uint64_t{64} << 30) == "64 GiB");
    CHECK(energy_text(2.5e6) == "2.5 uJ");
    CHECK(share_text(1, 3) == "33.3 %");
    CHECK(share_text(0, 0) == "0.0 %");
}

TEST_CASE("a run's page has its figures and its timeline and every parameter with default and origin") {
    ParameterTable table;
    std::uint32_t lanes = 0;
    table.section("pcie").count(lanes, "lanes", 16U, {1, 16}, {"Lanes of each link", "open"});
    table.set("pcie.lanes", "8", "a.cfg:2");
    const nlohmann::json timeline = nlohmann::json::parse(
        R"({"schema": 1, "windows": [{"name": "run", "tracks": [{"path": "a", "busy": [0, 0.001, 0.064, 0.999, 1]}]}]})");
    const nlohmann::json data = data_of(render_report(to_json(example()), table, timeline, "x"));
    CHECK(data["title"] == "x");
    CHECK(data["stats"] == to_json(example()));
    CHECK(data["timeline"]["windows"][0]["name"] == "run");
    // 0, 1, 64, 999 = 15 * 64 + 39 and 1000 = 15 * 64 + 40 in the digits A-Z a-z 0-9.
    CHECK(data["timeline"]["windows"][0]["tracks"][0]["busy"] == "AAABBAPnPo");
    CHECK_THROWS_AS(render_report(to_json(example()), table, {{"windows", 5}, {"x", 1}}, "x"), InputError);
    REQUIRE(data["parameters"].size() == 1);
    CHECK(data["parameters"][0] == nlohmann::json{{"key", "pcie.lanes"},
                                                  {"value", "8"},
                                                  {"default", "16"},
                                                  {"help", "Lanes of each link"},
                                                  {"source", "open"},
                                                  {"origin", "a.cfg:2"}});
    CHECK(data_of(render_report(to_json(example()), table, nullptr, "x"))["timeline"].is_null());
}

TEST_CASE("a sweep's page has its sweep.json and a comparison has every run in order") {
    const nlohmann::json sweep = {{"schema", 1}, {"title", "Grid & more"}, {"points", {{{"index", 0}}}}};
    const std::string page = render_sweep_report(sweep);
    CHECK(data_of(page) == sweep);
    CHECK(contains(page, "<title>Grid &amp; more</title>"));

    const nlohmann::json parameters = {{{"key", "a.b"}, {"value", "1"}, {"help", "c"}}};
    const std::string comparison =
        render_comparison({{"b", to_json(example()), parameters}, {"a", nlohmann::json::object(), parameters}});
    CHECK(contains(comparison, "<title>Comparison of b, a</title>"));
    const nlohmann::json runs = data_of(comparison)["runs"];
    REQUIRE(runs.size() == 2);
    CHECK(runs[0]["title"] == "b");
    CHECK(runs[0]["stats"]["simulated_ps"] == 5'000'000);
    CHECK(runs[1]["title"] == "a");
    CHECK(runs[1]["parameters"] == parameters);
}

TEST_CASE("every page forbids itself the network and is far below a megabyte") {
    const ParameterTable table;
    for (const std::string& page : {render_report(to_json(example()), table, nullptr, "x"),
                                    render_sweep_report({{"schema", 1}}), render_comparison({})}) {
        CHECK(contains(page, "default-src 'none'"));
        for (const std::string external : {"<link rel=\"stylesheet", "<script src", "<img", "@import", "<iframe"}) {
            CHECK_FALSE(contains(page, external));
        }
        CHECK(page.size() < 900'000);
    }
}

TEST_CASE("what the user named cannot leave its place in a page") {
    const std::string hostile = "</script><!--<script>alert(1)</script> & @AQPIM_DATA@ @AQPIM_TITLE@";
    ParameterTable table;
    std::string note;
    table.section("workload").text(note, "note", "", {"A <note>", "open"});
    table.set("workload.note", hostile, "--set");
    const std::string page = render_report(to_json(example()), table, nullptr, hostile);
    const nlohmann::json data = data_of(page);
    CHECK(data["title"] == hostile);
    CHECK(data["parameters"][0]["value"] == hostile);
    CHECK_FALSE(contains(page, "<script>alert(1)"));
    CHECK(contains(page, "<title>&lt;/script&gt;&lt;!--&lt;script&gt;"));
}

TEST_CASE("a name that is no UTF-8 makes a page all the same") {
    const ParameterTable table;
    CHECK(data_of(render_report(to_json(example()), table, nullptr, "a\xff"))["title"] == "a\xEF\xBF\xBD");
}

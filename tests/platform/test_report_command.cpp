#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/results/report.h"
#include "platform/results/stats.h"
#include "sc_main/commands.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

nlohmann::json data_of(const std::string& page) {
    const std::string begin = R"(<script type="application/json" id="data">)";
    const std::size_t start = page.find(begin) + begin.size();
    return nlohmann::json::parse(page.substr(start, page.find("</script>", start) - start));
}

/// The directory `name` of a run that took `simulated_ps`.
std::string make_run(const TemporaryDirectory& directory, const std::string& name, Picoseconds simulated_ps) {
    std::filesystem::create_directories(directory.path(name));
    RunResult run;
    run.simulated_ps = simulated_ps;
    write_stats(run, directory.path(name + "/stats.json"));
    directory.write(name + "/config.cfg", "[sim]\nseed = 7\n");
    return directory.path(name);
}

std::string refusal(const Arguments& arguments) {
    return message_of<InputError>([&] { report_command(arguments); });
}

const nlohmann::json* parameter(const nlohmann::json& list, const std::string& key) {
    for (const nlohmann::json& entry : list) {
        if (entry["key"] == key) {
            return &entry;
        }
    }
    return nullptr;
}

}  // namespace

TEST_CASE("the report of a run is built from its directory with its timeline if there is one") {
    const TemporaryDirectory directory;
    const std::string run = make_run(directory, "a", 42);
    CHECK(report_command({run}) == 0);
    nlohmann::json data = data_of(directory.read("a/report.html"));
    CHECK(data["title"] == "a");
    CHECK(data["stats"]["simulated_ps"] == 42);
    CHECK(data["timeline"].is_null());
    const nlohmann::json* seed = parameter(data["parameters"], "sim.seed");
    REQUIRE(seed != nullptr);
    CHECK((*seed)["value"] == "7");

    directory.write("a/timeline.json", R"({"schema": 1, "windows": []})");
    CHECK(report_command({run}) == 0);
    CHECK(data_of(directory.read("a/report.html"))["timeline"]["windows"].empty());
}

TEST_CASE("the report of a directory with sweep.json is the sweep's") {
    const TemporaryDirectory directory;
    directory.write("sweep.json", R"({"schema": 1, "title": "grid", "points": []})");
    CHECK(report_command({directory.path()}) == 0);
    CHECK(data_of(directory.read("report.html"))["title"] == "grid");
}

TEST_CASE("several runs are compared in the order given and alike names are told apart by their paths") {
    const TemporaryDirectory directory;
    const std::string a = make_run(directory, "x/a", 1);
    const std::string b = make_run(directory, "b", 2);
    const std::string other = make_run(directory, "y/a", 3);
    const std::string page = directory.path("page.html");
    CHECK(report_command({b, a, "--out", page}) == 0);
    nlohmann::json runs = data_of(directory.read("page.html"))["runs"];
    REQUIRE(runs.size() == 2);
    CHECK(runs[0]["title"] == "b");
    CHECK(runs[0]["stats"]["simulated_ps"] == 2);
    CHECK(runs[1]["title"] == "a");
    CHECK(parameter(runs[1]["parameters"], "sim.seed") != nullptr);

    CHECK(report_command({a, other, "--out", page}) == 0);
    runs = data_of(directory.read("page.html"))["runs"];
    CHECK(runs[0]["title"] == a);
    CHECK(runs[1]["title"] == other);
}

TEST_CASE("report refuses what is neither a run nor a sweep and leaves no page") {
    const TemporaryDirectory directory;
    const std::string run = make_run(directory, "run", 1);
    std::filesystem::create_directories(directory.path("empty"));
    std::filesystem::create_directories(directory.path("sweep"));
    directory.write("sweep/sweep.json", R"({"schema": 1, "points": []})");
    const std::string page = directory.path("page.html");
    const auto contains = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    };
    CHECK(contains(refusal({directory.path("empty")}), "neither stats.json of a run nor sweep.json of a sweep found"));
    CHECK(contains(refusal({run, directory.path("empty"), "--out", page}), "empty: no results in it"));
    CHECK(contains(refusal({run, directory.path("sweep"), "--out", page}), "sweep: a sweep, which is not compared"));
    CHECK(contains(refusal({run, "--out", directory.path("no/page.html")}), "its folder does not exist"));
    directory.write("sweep/sweep.json", R"({"schema": 2})");
    CHECK(contains(refusal({directory.path("sweep")}), "sweep.json: not the JSON object of schema 1"));
    directory.write("run/timeline.json", "{");
    CHECK(contains(refusal({run}), "timeline.json: not the JSON object of schema 1"));
    CHECK_FALSE(std::filesystem::exists(page));
    CHECK(directory.files("empty").empty());
}

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/results/atomic_file.h"
#include "platform/results/config_file.h"
#include "platform/results/output_directory.h"
#include "platform/results/report.h"
#include "platform/results/stats.h"
#include "sc_main/commands.h"
#include "sc_main/output_options.h"

namespace aqpim {

namespace po = boost::program_options;
namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr std::string_view default_comparison = "out/comparison.html";
constexpr int json_schema = 1;  // of sweep.json and timeline.json

Command describe_report() {
    Command command{"report", "DIR...", po::options_description("Options")};
    command.options.add_options()("out", po::value<std::string>()->value_name("FILE"),
                                  "the page (default: DIR/report.html, or out/comparison.html of several runs)");
    add_help_option(command);
    return command;
}

bool is_sweep(const fs::path& directory) {
    return fs::exists(directory / "sweep.json");
}

/// Throws InputError when the file is not of the schema that this program writes.
json read_json(const fs::path& file) {
    json data = json::parse(read_text_file(file.string()), nullptr, false);
    if (!data.is_object() || data.value("schema", json()) != json_schema) {
        throw InputError(
            fmt::format("{}: not the JSON object of schema {} that aqpim-vp writes", file.string(), json_schema));
    }
    return data;
}

void refuse_without_results(const fs::path& directory) {
    if (!fs::exists(directory / "stats.json")) {
        throw InputError(fmt::format(
            "{}: no results in it: neither stats.json of a run nor sweep.json of a sweep found", directory.string()));
    }
}

std::string run_report(const fs::path& directory) {
    refuse_without_results(directory);
    const json stats = read_stats((directory / "stats.json").string());
    Configuration configuration;
    read_config_file(configuration.table, (directory / "config.cfg").string());
    const fs::path timeline = directory / "timeline.json";
    return render_report(stats, configuration.table, fs::exists(timeline) ? read_json(timeline) : json(),
                         run_name(directory.string()));
}

/// Runs are known by their directories' names, or by the whole paths where two have the same name.
std::vector<std::string> titles(const Arguments& directories) {
    Arguments names;
    for (const std::string& directory : directories) {
        names.push_back(run_name(directory));
    }
    Arguments sorted = names;
    std::sort(sorted.begin(), sorted.end());
    return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() ? names : directories;
}

ComparedRun compared_run(const fs::path& directory, const std::string& title) {
    if (is_sweep(directory)) {
        throw InputError(
            fmt::format("{0}: a sweep, which is not compared with others; allowed: runs, such as its "
                        "points {0}/points/NAME, or the sweep alone",
                        directory.lexically_normal().string()));
    }
    refuse_without_results(directory);
    Configuration configuration;
    read_config_file(configuration.table, (directory / "config.cfg").string());
    return {title, read_stats((directory / "stats.json").string()), parameters_json(configuration.table)};
}

std::string comparison(const Arguments& directories) {
    const std::vector<std::string> names = titles(directories);
    std::vector<ComparedRun> runs;
    for (std::size_t i = 0; i < directories.size(); ++i) {
        runs.push_back(compared_run(directories[i], names[i]));
    }
    return render_comparison(runs);
}

std::string page(const Arguments& directories) {
    if (directories.size() > 1) {
        return comparison(directories);
    }
    const fs::path directory(directories.front());
    return is_sweep(directory) ? render_sweep_report(read_json(directory / "sweep.json")) : run_report(directory);
}

std::string default_file(const Arguments& directories) {
    if (directories.size() == 1) {
        return (fs::path(directories.front()) / "report.html").string();
    }
    return std::string(default_comparison);
}

}  // namespace

int report_command(const Arguments& arguments) {
    const Command command = describe_report();
    const po::variables_map given = parse(command, arguments);
    if (given.count("help") != 0) {
        print_help(command);
        fmt::print(
            "\nOne DIR of a run or of a sweep: its report again, from the files in it. Several, of runs: a page that\n"
            "compares them; the first is the baseline until another is chosen in the page.\n");
        return 0;
    }
    const Arguments directories = positional_arguments(command, given);
    const std::string text = page(directories);
    const std::optional<std::string> out = output_file(given, "out", ".");
    const std::string file = out.value_or(default_file(directories));
    if (!out && directories.size() > 1) {
        std::error_code error;  // the write says what is wrong
        fs::create_directories(fs::path(file).parent_path(), error);
    }
    write_file_atomically(file, text);
    fmt::print("{}\n", file);
    return 0;
}

}  // namespace aqpim

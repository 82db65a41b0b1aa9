#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/token_functions.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "models/common/error.h"
#include "platform/study/study_plan.h"
#include "platform/sweep/grid.h"
#include "platform/sweep/local_executor.h"
#include "platform/sweep/slurm_executor.h"
#include "platform/sweep/sweep.h"
#include "platform/sweep/sweep_table.h"
#include "sc_main/commands.h"
#include "sc_main/interruption.h"
#include "sc_main/output_options.h"
#include "sc_main/sweep_study.h"
#include "sc_main/sweep_worker.h"

namespace aqpim {

namespace po = boost::program_options;

namespace {

enum ExitStatus { exit_success = 0, exit_failed_point = 1, exit_stopped = 3 };

constexpr unsigned most_jobs = 4096;

Command describe_sweep() {
    Command command{"sweep", "CONFIG...", po::options_description("Options")};
    const auto text = [](const char* argument) { return po::value<std::string>()->value_name(argument); };
    auto add = command.options.add_options();
    add("study", text("F"),
        "a study: what to run, and what to say about it (docs/sweep.md), instead of CONFIG and --axis");
    add("axis", po::value<Arguments>()->value_name("K=V1,V2,..."),
        "an axis; repeatable, all combinations are run. K with a dot is a parameter; without one it names an axis of "
        "configurations: V is a file, or files joined by '+', layered above CONFIG");
    add_set_option(command);
    add_parameter_options(command);
    add("out", text("DIR"), "where results go (default out/NAME-sweep); the same command goes on with what is there");
    add("jobs", po::value<unsigned>()->value_name("N"),
        "points that run at once (default: the cores of this machine; slurm: as many as the cluster lets run)");
    add("executor", text("local|slurm")->default_value("local"), "where points run: here, or as a Slurm job array");
    add("slurm-options", text("TEXT")->default_value(""), "options for sbatch: \"--partition=x --time=10\"");
    add("restart", po::bool_switch(), "remove what an earlier sweep left in DIR and begin anew");
    add("quiet", po::bool_switch(), "print errors only");
    add("progress", text("auto|on|off")->default_value("auto"),
        "how far the sweep is, on stderr; auto: on a terminal; on, without one: a line now and then");
    add_help_option(command);
    return command;
}

GridRequest grid_request(const po::variables_map& given) {
    GridRequest request;
    if (given.count("positional") != 0) {
        request.configs = given["positional"].as<Arguments>();
    }
    if (given.count("axis") == 0) {
        throw InputError("sweep: no --axis K=V1,V2,... given; see 'aqpim-vp sweep --help'");
    }
    for (const std::string& axis : given["axis"].as<Arguments>()) {
        request.axes.push_back(parse_axis(axis));
    }
    for (const Assignment& assignment : assignments(given)) {
        request.overrides.push_back({{}, assignment.key, assignment.value, assignment.origin});
    }
    const bool has_configs = std::any_of(request.axes.begin(), request.axes.end(),
                                         [](const SweepAxis& axis) { return !is_parameter_axis(axis.name); });
    if (request.configs.empty() && !has_configs) {
        throw InputError("sweep: no CONFIG... given; see 'aqpim-vp sweep --help'");
    }
    return request;
}

std::string out_directory(const po::variables_map& given, const Arguments& configs) {
    const std::string out = optional_text(given, "out").value_or(default_out_dir(configs) + "-sweep");
    refuse_empty("out", out);
    return out;
}

unsigned cores() {
    return std::max(1U, std::thread::hardware_concurrency());
}

/// 0 where it is not given.
unsigned jobs_at_once(const po::variables_map& given) {
    if (given.count("jobs") == 0) {
        return 0;
    }
    const auto jobs = given["jobs"].as<unsigned>();
    if (jobs == 0 || jobs > most_jobs) {
        throw InputError(fmt::format("--jobs: {} found; 1 to {} are allowed", jobs, most_jobs));
    }
    return jobs;
}

/// Words as a shell would take them, with quotes.
Arguments words(const po::variables_map& given, const std::string& option) {
    try {
        return po::split_unix(given[option].as<std::string>());
    } catch (const boost::escaped_list_error& error) {
        throw InputError(fmt::format("--{}: {}", option, error.what()));
    }
}

struct Where {
    std::unique_ptr<Executor> executor;
    unsigned worker_threads = 1;
};

Where executor_of(const po::variables_map& given, const std::string& out_dir) {
    const unsigned jobs = jobs_at_once(given);
    if (one_of(given, "executor", {"local", "slurm"}) == "slurm") {
        SlurmOptions options;
        options.folder = (std::filesystem::absolute(out_dir) / "slurm").lexically_normal().string();
        options.sbatch_arguments = words(given, "slurm-options");
        options.most_at_once = jobs;
        return {make_slurm_executor(options), 1};
    }
    const unsigned at_once = jobs == 0 ? cores() : jobs;
    return {make_local_executor(at_once), std::max(1U, cores() / at_once)};
}

ProgressDisplay progress_display(const po::variables_map& given) {
    const std::string mode = one_of(given, "progress", {"auto", "on", "off"});
    const bool is_terminal = isatty(STDERR_FILENO) != 0;
    if (mode == "off" || (mode == "auto" && (!is_terminal || given["quiet"].as<bool>()))) {
        return ProgressDisplay::off;
    }
    return is_terminal ? ProgressDisplay::line : ProgressDisplay::log;
}

/// Returns the exit status.
int tell_end(const SweepEnd& end, const SweepOptions& options, bool quiet) {
    const std::size_t failed = end.count("failed");
    if (!quiet) {
        fmt::print("{}{} of {} points done, {} failed\nresults {}\n", format_table(end.results), end.count("done"),
                   end.points, failed, options.out_dir);
        std::fflush(stdout);
    }
    for (const nlohmann::json& point : end.results.at("points")) {
        if (point.at("status") == "failed") {
            print_error(
                fmt::format("{}: {}", point.at("name").get<std::string>(), point.at("message").get<std::string>()));
        }
    }
    if (!end.trouble.empty()) {
        print_error(end.trouble);
    }
    if (end.is_interrupted) {
        print_error(fmt::format("interrupted: {} of {} points have not ended; the same command goes on with them",
                                end.points - end.results.at("points").size(), end.points));
    }
    if (end.is_interrupted || !end.trouble.empty()) {
        return exit_stopped;
    }
    return failed == 0 ? exit_success : exit_failed_point;
}

}  // namespace

int sweep_command(const Arguments& arguments) {
    if (is_sweep_worker(arguments)) {
        return sweep_worker(arguments);
    }
    const Command command = describe_sweep();
    const po::variables_map given = parse(command, arguments);
    if (given.count("help") != 0) {
        print_help(command);
        return 0;
    }
    std::optional<StudyRequest> study;
    GridRequest request;
    if (given.count("study") != 0) {
        study = study_request(given);
        request.configs = {study->study.file};
    } else {
        request = grid_request(given);
    }
    SweepOptions options;
    options.out_dir = out_directory(given, request.configs);
    options.restart = given["restart"].as<bool>();
    options.is_interrupted = was_interrupted;
    const ProgressDisplay display = progress_display(given);
    const Where where = executor_of(given, options.out_dir);
    options.worker_threads = where.worker_threads;
    const SweepPlan plan = study ? plan_of_study(study->study) : make_grid(request);

    end_in_order_when_interrupted();
    SweepProgress progress(std::cerr, display);
    const SweepEnd end = run_sweep(plan, *where.executor, progress, options);
    progress.erase();
    const bool quiet = given["quiet"].as<bool>();
    const int status = tell_end(end, options, quiet);
    const bool is_as_expected = !study || end.is_interrupted || tell_study(*study, end, options.out_dir, quiet);
    return is_as_expected ? status : std::max<int>(status, exit_failed_point);
}

}  // namespace aqpim

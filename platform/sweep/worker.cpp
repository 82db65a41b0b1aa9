#include "platform/sweep/worker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/results/config_file.h"
#include "platform/results/summary.h"
#include "platform/run.h"
#include "platform/sweep/point.h"
#include "platform/sweep/program.h"
#include "platform/sweep/run_log.h"

namespace aqpim {

namespace {

enum ExitStatus { exit_usage = 2, exit_stopped = 3 };

void enter(const std::string& directory) {
    if (chdir(directory.c_str()) != 0) {
        throw InputError(fmt::format("{}: cannot be entered: {}", directory, std::strerror(errno)));
    }
}

void refuse_change(const std::string& found, const std::string& wanted, const char* what) {
    if (found != wanted) {
        throw InputError(fmt::format("{} changed after the sweep began; the same command goes on with it", what));
    }
}

void run_configuration(Configuration& configuration, const WorkerRequest& request, PointOutcome& outcome) {
    refuse_change(this_program().digest, request.program_digest, "the program");
    read_config_file(configuration.table, "point.cfg");
    configuration.finish();
    outcome.configuration_digest = configuration_digest(configuration.table);
    outcome.point_digest = point_digest(configuration.table);
    refuse_change(outcome.point_digest, request.point_digest, "the configuration or a file that it names");
    if (configuration.sim.threads == 0) {
        // Not in the table: config.cfg must not depend on how many points run side by side.
        configuration.sim.threads = request.threads;
    }
    RunOptions options;
    options.out_dir = ".";
    options.quiet = true;
    options.is_interrupted = request.is_interrupted;
    const RunOutcome end = run(configuration, options);
    fmt::print("{}", format_summary(end.result, request.directory));
    outcome.exit_status = static_cast<int>(end.status);
    outcome.message = end.message;
}

PointOutcome attempt(const WorkerRequest& request) {
    PointOutcome outcome{exit_stopped, {}, {}, {}, request.program_digest};
    Configuration configuration;
    try {
        run_configuration(configuration, request, outcome);
    } catch (const InputError& error) {
        outcome.exit_status = exit_usage;
        outcome.message = error.what();
    } catch (const SimulationError& error) {
        outcome.message = error.what();
    } catch (const std::bad_alloc&) {
        outcome.message = "out of memory";
    } catch (const std::exception& error) {
        outcome.message = fmt::format("internal error: {}", error.what());
    }
    return outcome;
}

}  // namespace

int run_point(const WorkerRequest& request) {
    enter(request.directory);
    const RunLog log;
    log.redirect_output();
    const PointOutcome outcome = attempt(request);
    if (!outcome.message.empty()) {
        fmt::print(stderr, "aqpim-vp: {}\n", outcome.message);
    }
    std::fflush(nullptr);
    if (outcome.is_done() || !request.is_interrupted()) {
        write_outcome(outcome, ".");
    }
    return outcome.exit_status;
}

}  // namespace aqpim

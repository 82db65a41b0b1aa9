#pragma once

#include <functional>
#include <optional>
#include <string>

#include "models/common/clock.h"
#include "platform/results/stats.h"

namespace aqpim {

struct Configuration;

/// What `aqpim-vp run` is asked for beyond the configuration. Paths are as the user gave them.
struct RunOptions {
    std::string out_dir;
    std::optional<std::string> vcd;
    std::optional<std::string> trace;
    std::optional<std::string> dram_trace;
    std::optional<std::string> dump_pq;
    bool quiet = false;
    /// Called now and then while simulating. What it throws ends the run.
    std::function<void(Picoseconds now_ps, const std::string& phase)> on_progress;
    /// Called before something of the run goes to the terminal.
    std::function<void()> before_output;
};

/// The values are exit statuses.
enum class RunStatus { success = 0, failed = 1, stopped = 3 };

struct RunOutcome {
    RunStatus status;
    std::string message;  ///< one line, empty on success
    RunResult result;
};

/// Builds the platform from the configuration, simulates, writes the output directory. Throws InputError or
/// SimulationError.
RunOutcome run(Configuration& configuration, const RunOptions& options);

}  // namespace aqpim

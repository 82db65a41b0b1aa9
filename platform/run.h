#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/common/clock.h"
#include "platform/results/stats.h"
#include "platform/results/time_window.h"

namespace aqpim {

struct Configuration;

/// What `aqpim-vp run` is asked for beyond the configuration. Paths are as the user gave them.
struct RunOptions {
    std::string out_dir;
    std::optional<std::string> vcd;  ///< VCD, or FST where it ends in .fst
    std::optional<std::string> trace;
    std::optional<std::string> dram_trace;
    std::vector<std::string>
        signals;        ///< which tracks `vcd` and `trace` show, as patterns; none: the default selection
    TimeWindow window;  ///< of `vcd`, `trace` and `dram_trace`
    std::optional<std::string> instruction_coverage;
    std::optional<std::string> dump_pq;
    std::vector<std::string> instruction_traces;  ///< one for each hart, or none
    std::optional<std::uint16_t> gdb_port;        ///< 0: any free one
    bool quiet = false;
    /// Called now and then while simulating.
    std::function<void(Picoseconds now_ps, const std::string& phase)> on_progress;
    /// Asked now and then; true ends the run, as one that was stopped.
    std::function<bool()> is_interrupted;
    /// Called before something of the run goes to the terminal.
    std::function<void()> before_output;
};

/// The values are exit statuses.
enum class RunStatus { success = 0, failed = 1, stopped = 3 };

struct RunOutcome {
    RunStatus status;
    std::string message;  ///< one line; empty on success, unless traces that were asked for are empty
    RunResult result;
};

/// Builds the platform from the configuration, simulates, writes the output directory. Throws InputError or
/// SimulationError.
RunOutcome run(Configuration& configuration, const RunOptions& options);

}  // namespace aqpim

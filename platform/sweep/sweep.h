#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "platform/sweep/executor.h"
#include "platform/sweep/plan.h"
#include "platform/sweep/sweep_progress.h"

namespace aqpim {

struct SweepOptions {
    std::string out_dir;
    bool restart = false;         ///< remove what an earlier sweep left there
    unsigned worker_threads = 1;  ///< of each point, where its configuration leaves it open
    std::function<bool()> is_interrupted;
};

struct SweepEnd {
    nlohmann::json results;  ///< `sweep.json`, of the points that have ended
    std::size_t points = 0;  ///< of the plan
    bool is_interrupted = false;
    std::string trouble;  ///< why the results could not be written; else empty

    std::size_t count(const std::string& status) const;
};

/// Runs the plan's points that have not been done yet, by this program and with this configuration, and leaves
/// `plan.json`, `points/`, `sweep.json` and `sweep.csv` in the directory. Points whose configurations are equal run
/// once. Throws InputError when the directory is another plan's or cannot be written.
SweepEnd run_sweep(const SweepPlan& plan, Executor& executor, SweepProgress& progress, const SweepOptions& options);

}  // namespace aqpim

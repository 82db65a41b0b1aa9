#pragma once

#include <functional>
#include <string>

namespace aqpim {

/// One point of a sweep, to be run in this process.
struct WorkerRequest {
    std::string directory;  ///< of the point: has point.cfg
    std::string point_digest;
    std::string program_digest;
    unsigned threads = 1;  ///< where the configuration leaves it open
    std::function<bool()> is_interrupted;
};

/// Runs the point as `run` does, with its directory as the working directory and what it prints in run.log, and leaves
/// outcome.json, whatever the run's end; without one where it was interrupted. Returns the exit status. Throws
/// InputError when another process runs it, or its directory cannot be written.
int run_point(const WorkerRequest& request);

}  // namespace aqpim

#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace aqpim {

/// A process that runs one point and leaves `outcome.json` in its directory, whatever the run's end; without that file
/// the point has not ended.
struct PointJob {
    std::size_t index = 0;  ///< of the plan's points
    std::string directory;
    std::vector<std::string> command;  ///< absolute program, arguments
};

enum class PointState { running, ended };

/// How an executor tells what becomes of its jobs, and is told to stop.
struct ExecutorWatch {
    /// `how`: of a process that ended otherwise than by exiting, in words ("killed by signal 9"); else empty.
    std::function<void(std::size_t index, PointState state, const std::string& how)> on_state;
    /// Asked several times a second.
    std::function<bool()> is_interrupted;
};

/// Where the points of a sweep run.
class Executor {
 public:
    virtual ~Executor() = default;

    /// To be called before run(). Ends what a sweep that was killed has left running in this sweep's directory, but for
    /// these jobs (same directory and command). Returns the indices of those of them that run or wait to run: their
    /// directories are not to be touched, and run() waits for them. The others' outcomes are to be read after this
    /// call. Throws InputError when that cannot be told.
    virtual std::set<std::size_t> keep_running(const std::vector<PointJob>& /*jobs*/) { return {}; }

    /// Runs all of them and returns when all have ended, or, interrupted, when none runs any more. A job that ends
    /// badly does not stop the others. Throws InputError when jobs cannot be started at all.
    virtual void run(const std::vector<PointJob>& jobs, const ExecutorWatch& watch) = 0;
};

}  // namespace aqpim

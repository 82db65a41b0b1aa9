#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "platform/sweep/executor.h"

namespace aqpim {

/// How a sweep uses a Slurm cluster.
struct SlurmOptions {
    std::string folder;                              ///< scripts and logs: OUT/slurm; all nodes have to see it
    std::vector<std::string> sbatch_arguments;       ///< the user's: partition, time, memory
    std::size_t most_at_once = 0;                    ///< tasks that run at a time; 0: as many as the cluster gives
    std::chrono::milliseconds queue_interval{5000};  ///< how often the queue is asked for
    /// How long a result may be under way (network file systems) after its task has left the queue.
    std::chrono::milliseconds result_delay{20000};
};

/// Runs points as tasks of Slurm job arrays; one whose outcome.json is there already has ended. The executor throws
/// InputError, with Slurm's message, when there is no Slurm or it refuses the arrays.
std::unique_ptr<Executor> make_slurm_executor(const SlurmOptions& options);

}  // namespace aqpim

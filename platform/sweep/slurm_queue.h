#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace aqpim {

/// A task of a job array that Slurm's queue has: it waits, runs or is being cleaned up.
struct QueuedTask {
    std::string job;    ///< number of the array
    std::size_t index;  ///< in the array
    bool is_waiting;
    std::string name;  ///< of the array
};

/// The present user's array tasks whose name begins so. Throws InputError when Slurm does not answer.
std::vector<QueuedTask> queued_tasks(const std::string& name_prefix);

/// What a job array is submitted with.
struct ArraySubmission {
    std::string name;
    std::string script;                  ///< its file
    std::string folder;                  ///< of the logs
    std::string log;                     ///< their name, with %a for the task
    std::size_t tasks = 0;               ///< 0 ... tasks - 1
    std::size_t most_at_once = 0;        ///< 0: as many as the cluster gives
    std::vector<std::string> after;      ///< numbers of jobs that have to end first
    std::vector<std::string> arguments;  ///< the user's, for sbatch
};

/// Returns the array's number. Throws InputError with Slurm's message when it is refused.
std::string submit(const ArraySubmission& array);

/// Asks Slurm to end arrays ("12") or tasks ("12_3"); they are gone when the queue has them no more.
void cancel(const std::vector<std::string>& jobs);

/// How many tasks an array can have here. Throws InputError when Slurm does not answer.
std::size_t longest_array();

/// In words, how a task ended that has left the queue; empty if it exited by itself, nothing if Slurm has forgotten it.
std::optional<std::string> how_task_ended(const std::string& job, std::size_t task);

}  // namespace aqpim

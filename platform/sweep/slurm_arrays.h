#pragma once

#include <string>
#include <vector>

#include "platform/sweep/executor.h"

namespace aqpim {

/// One job array's name in Slurm and its files.
struct SlurmArray {
    std::string name;
    std::string script;  ///< the file
    std::string log;     ///< the file's name, with %a for the task
};

/// The job arrays of a sweep, as its folder keeps them: array-N.sh is what Slurm runs, array-N-TASK.log what it says of
/// a task. The script is there before the array is submitted, and the array's name in Slurm says whose it is: so a
/// sweep that was killed at any moment finds its arrays again.
class SlurmArrays {
 public:
    explicit SlurmArrays(const std::string& folder);

    const std::string& folder() const { return folder_; }
    /// What the names of this folder's arrays, and no others, begin with.
    const std::string& name_prefix() const { return name_prefix_; }

    /// Writes the script of one more array; makes the folder if missing. Throws InputError when it cannot.
    SlurmArray add(const std::vector<std::string>& tasks) const;
    /// What the tasks of an array of that name are, by index, in array_task()'s words; none where its script is gone.
    std::vector<std::string> tasks(const std::string& array_name) const;

 private:
    std::string folder_;
    std::string name_prefix_;
};

/// What a job's task does, for the shell: it becomes the job's command unless the point has ended before.
std::string array_task(const PointJob& job);

}  // namespace aqpim

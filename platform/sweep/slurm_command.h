#pragma once

#include <string>
#include <vector>

namespace aqpim {

/// What one of Slurm's commands said.
struct SlurmReply {
    bool succeeded = false;
    std::string output;
    std::string errors;  ///< of its stderr, in one line
};

/// Runs one of Slurm's commands (program and arguments) and waits for it. It is out of reach of the terminal's Ctrl-C.
/// Throws InputError when it cannot be started: Slurm is not installed here.
SlurmReply call_slurm(const std::vector<std::string>& command);

/// The same, where there is no going on without an answer: its output. Throws InputError with Slurm's message.
std::string ask_slurm(const std::vector<std::string>& command);

}  // namespace aqpim

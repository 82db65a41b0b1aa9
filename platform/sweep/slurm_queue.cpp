#include "platform/sweep/slurm_queue.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <charconv>
#include <regex>
#include <sstream>

#include "models/common/error.h"
#include "platform/sweep/slurm_command.h"

namespace aqpim {

namespace {

/// Nothing for a job that is no array ("N/A").
std::optional<std::size_t> number(const std::string& text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// What `pattern`'s group finds in the text.
std::optional<std::string> find(const std::string& text, const char* pattern) {
    std::smatch match;
    return std::regex_search(text, match, std::regex(pattern)) ? std::optional(match[1].str()) : std::nullopt;
}

/// In a pattern of Slurm's for files' names.
std::string literal(const std::string& path) {
    std::string pattern;
    for (const char letter : path) {
        pattern += letter == '%' ? "%%" : std::string(1, letter);
    }
    return pattern;
}

}  // namespace

std::vector<QueuedTask> queued_tasks(const std::string& name_prefix) {
    std::istringstream lines(
        ask_slurm({"squeue", "--noheader", "--array", fmt::format("--user={}", getuid()), "--format=%F %K %T %j"}));
    std::vector<QueuedTask> tasks;
    std::string job, task, state, name;
    while (lines >> job >> task >> state && std::getline(lines >> std::ws, name)) {
        const std::optional<std::size_t> index = number(task);
        if (index && name.starts_with(name_prefix)) {
            tasks.push_back({job, *index, state == "PENDING", name});
        }
    }
    return tasks;
}

std::string submit(const ArraySubmission& array) {
    std::vector<std::string> command{"sbatch"};
    command.insert(command.end(), array.arguments.begin(), array.arguments.end());
    const std::string throttle = array.most_at_once == 0 ? "" : fmt::format("%{}", array.most_at_once);
    command.insert(command.end(),
                   {"--parsable", fmt::format("--job-name={}", array.name),
                    fmt::format("--array=0-{}{}", array.tasks - 1, throttle), fmt::format("--chdir={}", array.folder),
                    fmt::format("--output={}/{}", literal(array.folder), array.log), "--open-mode=append"});
    if (!array.after.empty()) {
        command.push_back(fmt::format("--dependency=afterany:{}", fmt::join(array.after, ":")));
    }
    command.push_back(array.script);
    const std::string reply = ask_slurm(command);
    return find(reply, "^([0-9]+)").value_or(reply);
}

void cancel(const std::vector<std::string>& jobs) {
    if (!jobs.empty()) {
        std::vector<std::string> command{"scancel"};
        command.insert(command.end(), jobs.begin(), jobs.end());
        call_slurm(command);
    }
}

std::size_t longest_array() {
    const std::string reply = ask_slurm({"scontrol", "show", "config"});
    const std::size_t size = number(find(reply, "MaxArraySize *= *([0-9]+)").value_or("")).value_or(0);
    // 0 and 1 are how administrators switch job arrays off.
    if (size < 2) {
        throw InputError(fmt::format("Slurm's MaxArraySize is {}: --executor slurm needs job arrays", size));
    }
    return size;
}

std::optional<std::string> how_task_ended(const std::string& job, std::size_t task) {
    const SlurmReply reply = call_slurm({"scontrol", "--oneliner", "show", "job", fmt::format("{}_{}", job, task)});
    const std::optional<std::string> state = find(reply.output, " JobState=([A-Z_]+)");
    if (!reply.succeeded || !state) {
        return std::nullopt;
    }
    const std::string signal = find(reply.output, " ExitCode=[0-9]+:([0-9]+)").value_or("0");
    // The number with which slurmd says that it could not open the log file.
    if (signal == "53") {
        return "Slurm could not start it: the sweep's directory has to be on a file system that the cluster's nodes "
               "have";
    }
    if (*state != "COMPLETED" && *state != "FAILED") {
        return fmt::format("ended by Slurm: {}", *state);
    }
    return signal == "0" ? std::string() : fmt::format("killed by signal {}", signal);
}

}  // namespace aqpim

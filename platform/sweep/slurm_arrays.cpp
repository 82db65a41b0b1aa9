#include "platform/sweep/slurm_arrays.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"
#include "platform/sweep/digest.h"

namespace aqpim {

namespace {

constexpr std::string_view task_end = " ;;\n";

/// For the shell, whatever is in it.
std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char letter : text) {
        result += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return result + "'";
}

std::string script_file(const std::string& folder, std::string_view number) {
    return fmt::format("{}/array-{}.sh", folder, number);
}

std::string array_script(const std::vector<std::string>& tasks) {
    std::string script = fmt::format("#!/bin/sh\ncd {} || exit 1\ncase $SLURM_ARRAY_TASK_ID in\n",
                                     quoted(std::filesystem::current_path().string()));
    for (std::size_t index = 0; index < tasks.size(); ++index) {
        script += fmt::format("{}) {}{}", index, tasks[index], task_end);
    }
    // Slurm starts the tasks of a node that failed again: what had ended stays as it is.
    return script + "*) exit 1 ;;\nesac\n[ -e \"$directory/outcome.json\" ] && exit 0\nexec \"$@\"\n";
}

}  // namespace

SlurmArrays::SlurmArrays(const std::string& folder) : folder_(std::filesystem::weakly_canonical(folder).string()) {
    Digest digest;
    digest.add(folder_);
    name_prefix_ = fmt::format("aqpim-vp-{}-", digest.text());
}

SlurmArray SlurmArrays::add(const std::vector<std::string>& tasks) const {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) {
        throw InputError(fmt::format("{}: cannot be made: {}", folder_, error.message()));
    }
    std::size_t number = 1;
    while (std::filesystem::exists(script_file(folder_, fmt::to_string(number)))) {
        ++number;
    }
    const std::string script = script_file(folder_, fmt::to_string(number));
    write_file_atomically(script, array_script(tasks));
    return {fmt::format("{}{}", name_prefix_, number), script, fmt::format("array-{}-%a.log", number)};
}

std::vector<std::string> SlurmArrays::tasks(const std::string& array_name) const {
    const std::string script = script_file(folder_, std::string_view(array_name).substr(name_prefix_.size()));
    std::vector<std::string> found;
    if (!std::filesystem::exists(script)) {
        return found;
    }
    const std::string text = read_text_file(script);
    std::size_t end = 0;
    while (true) {
        const std::string label = fmt::format("\n{}) ", found.size());
        const std::size_t start = text.find(label, end);
        if (start == std::string::npos) {
            return found;
        }
        // A task's last letter is the line feed before the next one's label.
        end = text.find(task_end, start) + task_end.size() - 1;
        const std::size_t first = start + label.size();
        found.push_back(text.substr(first, end + 1 - task_end.size() - first));
    }
}

std::string array_task(const PointJob& job) {
    std::string text = fmt::format("directory={}; set --", quoted(job.directory));
    for (const std::string& argument : job.command) {
        text += fmt::format(" {}", quoted(argument));
    }
    return text;
}

}  // namespace aqpim

#pragma once

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <string>

#include "tests/platform/temporary_directory.h"

namespace aqpim::test {

/// Slurm's commands as scripts in PATH, which note how they were called and answer as files tell them. The cluster is
/// the test itself: it says what the queue shows, and runs a task where it wants one.
class FakeSlurm {
 public:
    FakeSlurm() {
        // Submitted arrays have numbers 1, 2, ...; one line for each task of theirs appears in the queue.
        command("sbatch",
                "if [ -e refusal ]; then cat refusal >&2; exit 1; fi\n"
                "number=$(($(cat submitted 2>/dev/null || echo 0) + 1)); echo $number >submitted\n"
                "for argument; do case $argument in --job-name=*) name=${argument#*=};;\n"
                "  --array=*) last=${argument##*-}; last=${last%\\%*};; esac; script=$argument; done\n"
                "cp \"$script\" script-$number; for task in $(seq 0 $last); do\n"
                "  echo \"$number $task PENDING $name\" >>queue; done\necho $number\n");
        command("squeue", "[ ! -e silence ] || exit 1\ncat queue 2>/dev/null\nexit 0\n");
        command("scancel", "for id; do grep -v \"^${id%_*} ${id#*_} \" queue >rest; mv rest queue; done\n");
        command("scontrol",
                "if [ \"$2\" = config ]; then echo \"MaxArraySize            = $(cat longest)\"; exit 0; fi\n"
                "cat ended\n");
        folder_.write("longest", "1001\n");
        setenv("PATH", fmt::format("{}:/usr/bin:/bin", folder_.path("bin")).c_str(), 1);
    }

    /// A file by which the commands are told, or tell.
    void write(const std::string& name, const std::string& contents) const { folder_.write(name, contents); }
    std::string read(const std::string& name) const { return folder_.read(name); }
    /// All calls of a command, one in a line.
    std::string calls(const std::string& name) const { return folder_.read("calls-" + name); }

    /// Does what a node does with a task. Returns what the shell returned.
    int start_task(const std::string& array, std::size_t task) const {
        const std::string line = fmt::format("SLURM_ARRAY_TASK_ID={} sh '{}'", task, folder_.path("script-" + array));
        return std::system(line.c_str());
    }

    /// Takes a task from the queue, as when it has ended.
    void forget_task(const std::string& array, std::size_t task) const {
        const std::string line = fmt::format("cd '{}'; scancel {}_{}", folder_.path(), array, task);
        if (std::system(line.c_str()) != 0) {
            throw std::runtime_error("the queue cannot be changed");
        }
    }

 private:
    void command(const std::string& name, const std::string& body) const {
        std::filesystem::create_directories(folder_.path("bin"));
        const std::string file = folder_.write(
            "bin/" + name, fmt::format("#!/bin/sh\ncd '{}'\necho \"$*\" >>calls-{}\n{}", folder_.path(), name, body));
        chmod(file.c_str(), 0755);
    }

    TemporaryDirectory folder_;
};

}  // namespace aqpim::test

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/sweep/slurm_executor.h"
#include "tests/sweep/fake_slurm.h"

namespace aqpim::test {

/// A sweep's directory and an executor over it, and what that told.
struct SlurmScene {
    explicit SlurmScene(const std::string& name = "out") : name(name) {
        options.folder = sweep.path(name + "/slurm");
        options.queue_interval = std::chrono::milliseconds(50);
        options.result_delay = std::chrono::milliseconds(300);
    }

    PointJob job(std::size_t index, const std::string& digest = "same") const {
        const std::string directory = sweep.path(fmt::format("{}/p{}", name, index));
        std::filesystem::create_directories(directory);
        return {index,
                directory,
                {"/bin/sh", "-c", "echo x >> \"$0/ran\"; echo {} > \"$0/outcome.json\"", directory, digest}};
    }

    std::vector<PointJob> jobs(std::size_t count) const {
        std::vector<PointJob> all;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back(job(i));
        }
        return all;
    }

    /// `step` is called several times a second until all have ended or it returns true: interrupted.
    void run(const std::vector<PointJob>& jobs, const std::function<bool()>& step) {
        bool is_interrupted = false;
        executor->run(jobs, {[this](std::size_t index, PointState state, const std::string& how) {
                                 (state == PointState::running ? running : ended)[index] = how;
                             },
                             [&] { return is_interrupted = is_interrupted || step(); }});
    }

    std::size_t times_run(std::size_t index) const {
        return sweep.read(fmt::format("{}/p{}/ran", name, index)).size() / 2;
    }

    TemporaryDirectory sweep;
    std::string name;
    FakeSlurm slurm;
    SlurmOptions options;
    std::unique_ptr<Executor> executor = nullptr;
    std::map<std::size_t, std::string> running, ended;

    void make_executor() { executor = make_slurm_executor(options); }
};

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace aqpim::test

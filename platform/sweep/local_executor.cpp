#include "platform/sweep/local_executor.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "models/common/error.h"

namespace aqpim {

namespace bp = boost::process;

namespace {

constexpr std::chrono::milliseconds poll_interval{20};
constexpr std::chrono::seconds patience{5};

struct RunningJob {
    std::size_t index;
    bp::child process;
};

/// In the child: it ends with its parent, and the terminal's signals go to the parent alone, which passes them on.
void tie_to_parent(pid_t parent) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);  // the parent ended before the call above
    }
}

bp::child start(const std::vector<std::string>& command) {
    const std::vector<std::string> arguments(command.begin() + 1, command.end());
    const pid_t parent = getpid();
    return bp::child(
        bp::exe = command.front(), bp::args = arguments, bp::std_in<bp::null, bp::std_out> bp::null,
        bp::std_err > bp::null, bp::extend::on_exec_setup = [parent](auto&) { tie_to_parent(parent); });
}

/// How it ended, where it did not exit.
std::string end_in_words(const bp::child& process) {
    const int status = process.native_exit_code();
    return WIFSIGNALED(status) ? fmt::format("killed by signal {}", WTERMSIG(status)) : "";
}

class LocalExecutor : public Executor {
 public:
    explicit LocalExecutor(unsigned jobs) : most_(jobs) {}

    void run(const std::vector<PointJob>& jobs, const ExecutorWatch& watch) override {
        std::size_t next = 0;
        while (next < jobs.size() || !running_.empty()) {
            if (watch.is_interrupted()) {
                end_all(watch);
                return;
            }
            while (next < jobs.size() && running_.size() < most_) {
                begin(jobs[next++], watch);
            }
            if (!collect(watch)) {
                std::this_thread::sleep_for(poll_interval);
            }
        }
    }

 private:
    void begin(const PointJob& job, const ExecutorWatch& watch) {
        try {
            running_.push_back({job.index, start(job.command)});
        } catch (const bp::process_error& error) {
            if (running_.empty()) {
                throw InputError(fmt::format("{}: cannot be started: {}", job.command.front(), error.what()));
            }
            watch.on_state(job.index, PointState::ended, fmt::format("could not be started: {}", error.what()));
            return;
        }
        watch.on_state(job.index, PointState::running, "");
    }

    /// Whether any has ended.
    bool collect(const ExecutorWatch& watch) {
        const auto has_ended = [&](RunningJob& job) {
            std::error_code error;
            if (job.process.running(error)) {
                return false;
            }
            watch.on_state(job.index, PointState::ended, end_in_words(job.process));
            return true;
        };
        return std::erase_if(running_, has_ended) != 0;
    }

    void signal_all(int signal) {
        for (const RunningJob& job : running_) {
            kill(job.process.id(), signal);
        }
    }

    void end_all(const ExecutorWatch& watch) {
        signal_all(SIGTERM);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!running_.empty() && std::chrono::steady_clock::now() < deadline) {
            collect(watch);
            std::this_thread::sleep_for(poll_interval);
        }
        signal_all(SIGKILL);
        for (RunningJob& job : running_) {
            std::error_code error;
            job.process.wait(error);
        }
        running_.clear();
    }

    std::size_t most_;
    std::vector<RunningJob> running_;
};

}  // namespace

std::unique_ptr<Executor> make_local_executor(unsigned jobs) {
    return std::make_unique<LocalExecutor>(jobs);
}

}  // namespace aqpim

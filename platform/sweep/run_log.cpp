#include "platform/sweep/run_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "models/common/error.h"

namespace aqpim {

namespace {

constexpr std::chrono::milliseconds poll_interval{20};
constexpr std::chrono::seconds patience{10};

/// File systems that cannot lock do not keep anybody from running.
bool is_locked_by_another(int file) {
    return flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

[[noreturn]] void refuse() {
    throw InputError(fmt::format("run.log: cannot be written: {}", std::strerror(errno)));
}

}  // namespace

RunLog::RunLog() : log_(open("run.log", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
    if (log_ < 0) {
        refuse();
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (is_locked_by_another(log_)) {
        if (std::chrono::steady_clock::now() > deadline) {
            close(log_);
            throw InputError("run.log: another process runs this point");
        }
        std::this_thread::sleep_for(poll_interval);
    }
    if (ftruncate(log_, 0) != 0) {
        close(log_);
        refuse();
    }
}

RunLog::~RunLog() {
    close(log_);
}

void RunLog::redirect_output() const {
    if (dup2(log_, STDOUT_FILENO) < 0 || dup2(log_, STDERR_FILENO) < 0) {
        refuse();
    }
}

}  // namespace aqpim

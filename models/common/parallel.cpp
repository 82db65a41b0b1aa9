#include "models/common/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace aqpim {

namespace {

std::atomic<unsigned> wanted_threads = 0;
thread_local bool within_body = false;

std::size_t thread_count(std::size_t bodies) {
    const unsigned wanted = wanted_threads.load();
    const unsigned threads = wanted != 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
    return std::min<std::size_t>(threads, bodies);
}

/// The indices of one call, handed out in ascending order: whatever is below an index that threw has been handed out
/// before it and is completed, so the lowest index that throws is always the same.
class Indices {
 public:
    Indices(std::size_t count, const std::function<void(std::size_t)>& body) : count_(count), body_(body) {}

    void work() {
        within_body = true;
        for (std::size_t index = next_++; index < count_ && !failed_; index = next_++) {
            try {
                body_(index);
            } catch (...) {
                note_failure(index);
            }
        }
        within_body = false;
    }

    void rethrow() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

 private:
    void note_failure(std::size_t index) {
        const std::lock_guard lock(mutex_);
        if (index < failed_index_) {
            failed_index_ = index;
            failure_ = std::current_exception();
        }
        failed_ = true;
    }

    std::size_t count_;
    const std::function<void(std::size_t)>& body_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<bool> failed_ = false;
    std::mutex mutex_;
    std::size_t failed_index_ = std::numeric_limits<std::size_t>::max();
    std::exception_ptr failure_;
};

}  // namespace

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
    const std::size_t threads = within_body ? 1 : thread_count(count);
    if (threads <= 1) {
        for (std::size_t index = 0; index < count; ++index) {
            body(index);
        }
        return;
    }
    Indices indices(count, body);
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < threads; ++i) {
            others.emplace_back([&indices] { indices.work(); });
        }
        indices.work();
    }
    indices.rethrow();
}

void set_parallel_threads(unsigned threads) {
    wanted_threads = threads;
}

}  // namespace aqpim

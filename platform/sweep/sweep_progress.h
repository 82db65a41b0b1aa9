#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <ostream>
#include <string>

namespace aqpim {

/// How far a sweep has come.
struct SweepCounts {
    std::size_t points = 0;
    std::size_t done = 0;
    std::size_t failed = 0;
    std::size_t running = 0;

    std::size_t left() const { return points - done - failed - running; }
};

/// "12 done, 2 running, 1 failed, 17 left, about 3 min 20 s to go"; without the estimate where there is none.
std::string progress_text(const SweepCounts& counts, std::chrono::seconds to_go);

enum class ProgressDisplay {
    off,
    line,  ///< one, drawn again and again: on a terminal
    log    ///< a line now and then
};

/// Tells how far a sweep has come.
class SweepProgress {
 public:
    using Clock = std::chrono::steady_clock;

    SweepProgress(std::ostream& out, ProgressDisplay display) : out_(out), display_(display) {}
    ~SweepProgress() { erase(); }
    SweepProgress(const SweepProgress&) = delete;
    SweepProgress& operator=(const SweepProgress&) = delete;

    /// Of points that need not run.
    void begin(const SweepCounts& counts) { counts_ = counts; }
    void started(std::size_t index, Clock::time_point now);
    void ended(std::size_t index, bool is_done, Clock::time_point now);
    /// A point ended without an outcome: it is left.
    void lost(std::size_t index);

    /// To be called several times a second: draws if it is time to.
    void show(Clock::time_point now);
    void erase();
    /// As long as the points that ran took on average, with as many side by side as there were; 0 if none has ended.
    std::chrono::seconds to_go(Clock::time_point now) const;
    const SweepCounts& counts() const { return counts_; }

 private:
    std::ostream& out_;
    ProgressDisplay display_;
    SweepCounts counts_;
    std::map<std::size_t, Clock::time_point> begins_;  // of those that run
    Clock::duration sum_{0};                           // of those that ended
    std::size_t timed_ = 0;
    std::size_t side_by_side_ = 1;
    Clock::time_point next_{};
    std::string shown_;
};

}  // namespace aqpim

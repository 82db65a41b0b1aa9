#include "platform/sweep/sweep_progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace aqpim {

namespace {

constexpr std::string_view erase_line = "\r\x1b[K";  // ECMA-48: carriage return, erase to the end of the line
constexpr std::chrono::milliseconds redraw_interval{200};
constexpr std::chrono::seconds log_interval{5};

std::string duration_text(std::chrono::seconds duration) {
    constexpr long minute = 60;
    constexpr long hour = 3600;
    const long seconds = duration.count();
    if (seconds < minute) {
        return fmt::format("{} s", seconds);
    }
    if (seconds < hour) {
        return fmt::format("{} min {} s", seconds / minute, seconds % minute);
    }
    return fmt::format("{} h {} min", seconds / hour, seconds % hour / minute);
}

}  // namespace

std::string progress_text(const SweepCounts& counts, std::chrono::seconds to_go) {
    const std::string text = fmt::format("{} done, {} running, {} failed, {} left", counts.done, counts.running,
                                         counts.failed, counts.left());
    return to_go.count() == 0 ? text : fmt::format("{}, about {} to go", text, duration_text(to_go));
}

void SweepProgress::started(std::size_t index, Clock::time_point now) {
    begins_[index] = now;
    counts_.running = begins_.size();
    side_by_side_ = std::max(side_by_side_, begins_.size());
}

void SweepProgress::ended(std::size_t index, bool is_done, Clock::time_point now) {
    if (const auto begin = begins_.find(index); begin != begins_.end()) {
        sum_ += now - begin->second;
        ++timed_;
    }
    lost(index);
    ++(is_done ? counts_.done : counts_.failed);
}

void SweepProgress::lost(std::size_t index) {
    begins_.erase(index);
    counts_.running = begins_.size();
}

std::chrono::seconds SweepProgress::to_go(Clock::time_point now) const {
    if (timed_ == 0) {
        return std::chrono::seconds(0);
    }
    const Clock::duration mean = sum_ / timed_;
    Clock::duration work = mean * counts_.left();
    for (const auto& [index, begin] : begins_) {
        work += std::max(Clock::duration(0), mean - (now - begin));
    }
    return std::chrono::ceil<std::chrono::seconds>(work / side_by_side_);
}

void SweepProgress::show(Clock::time_point now) {
    if (display_ == ProgressDisplay::off || now < next_) {
        return;
    }
    const bool is_line = display_ == ProgressDisplay::line;
    next_ = now + (is_line ? Clock::duration(redraw_interval) : Clock::duration(log_interval));
    const std::string text = progress_text(counts_, to_go(now));
    if (text == shown_) {
        return;
    }
    shown_ = text;
    out_ << (is_line ? fmt::format("{}{}", erase_line, text) : fmt::format("{}\n", text)) << std::flush;
}

void SweepProgress::erase() {
    if (display_ == ProgressDisplay::line && !shown_.empty()) {
        out_ << erase_line << std::flush;
        shown_.clear();
    }
}

}  // namespace aqpim

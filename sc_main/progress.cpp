#include "sc_main/progress.h"

#include <fmt/format.h>

#include <ostream>

#include "platform/results/summary.h"

namespace aqpim {

namespace {
constexpr std::string_view erase_line = "\r\x1b[K";  // ECMA-48: carriage return, erase to the end of the line
constexpr std::chrono::milliseconds redraw_interval{200};
}  // namespace

void ProgressLine::update(Picoseconds now_ps, const std::string& phase, std::chrono::steady_clock::duration elapsed) {
    if (elapsed < next_) {
        return;
    }
    next_ = elapsed + redraw_interval;
    const double seconds = std::chrono::duration<double>(elapsed).count();
    const auto rate_ps = static_cast<Picoseconds>(static_cast<double>(now_ps) / seconds);
    out_ << erase_line
         << fmt::format("{} simulated, {}, {} in a second of wall time", time_text(now_ps), phase, time_text(rate_ps))
         << std::flush;
    shown_ = true;
}

void ProgressLine::erase() {
    if (shown_) {
        out_ << erase_line << std::flush;
        shown_ = false;
    }
}

}  // namespace aqpim

#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

#include "models/common/clock.h"

namespace aqpim {

/// One line on a terminal that tells how far a run has come, once it has lasted two seconds; erased at the end.
class ProgressLine {
 public:
    explicit ProgressLine(std::ostream& out) : out_(out) {}
    ~ProgressLine() { erase(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// `elapsed`: wall time since the run began. Draws five times a second at most.
    void update(Picoseconds now_ps, const std::string& phase, std::chrono::steady_clock::duration elapsed);
    void erase();

 private:
    std::ostream& out_;
    std::chrono::steady_clock::duration next_ = std::chrono::seconds(2);
    bool shown_ = false;
};

}  // namespace aqpim

#pragma once

#include <limits>
#include <string>

#include "models/common/clock.h"

namespace aqpim {

/// The stretch of simulated time [start_ps, end_ps) that waveforms and traces show.
struct TimeWindow {
    static constexpr Picoseconds never_ps = std::numeric_limits<Picoseconds>::max();

    Picoseconds start_ps = 0;
    Picoseconds end_ps = never_ps;
    std::string phase;  ///< where not empty: the first phase of this name that firmware marks ("decode 0"), instead

    bool contains(Picoseconds time_ps) const { return time_ps >= start_ps && time_ps < end_ps; }
};

/// Reads "10ms..20ms", where either time may be left out, or a phase: "prefill", "decode 0", "decode0". Throws
/// InputError.
TimeWindow parse_time_window(const std::string& text);

}  // namespace aqpim

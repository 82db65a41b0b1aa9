#pragma once

#include <cstdint>
#include <string>

#include "models/common/clock.h"
#include "platform/results/stats.h"

namespace aqpim {

/// What `run` prints at its end: outcome, where the time of a decode step and of prefill goes, KV bytes, accuracy,
/// energy, errors, and where the results are.
std::string format_summary(const RunResult& result, const std::string& out_dir);

/// Quantities for people: four significant digits and the unit that fits.
std::string time_text(Picoseconds ps);              ///< "12.34 us"
std::string bytes_text(std::uint64_t bytes);        ///< "1.25 MiB"
std::string energy_text(double pj);                 ///< "3.21 uJ"
std::string share_text(double part, double whole);  ///< "12.3 %"

}  // namespace aqpim

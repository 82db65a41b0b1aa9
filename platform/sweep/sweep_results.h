#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "platform/sweep/plan.h"
#include "platform/sweep/point.h"

namespace aqpim {

/// A point that has ended.
struct EndedPoint {
    std::size_t index = 0;  ///< of the plan's points
    std::string directory;  ///< relative to the sweep's; of another point where that ran the same configuration
    PointOutcome outcome;
};

/// Every number, text and flag of a `stats.json` by its dotted key; without lists, without `wall_s`, `schema` and
/// `version`, and without what links, channels and harts did one by one.
nlohmann::json figures_of(const nlohmann::json& stats);

/// `message` without the folders of the files that it names, which differ between machines.
std::string without_folders(const std::string& message);

/// `sweep.json` (docs/sweep.md). Figures are those of the points that are done, read from `directory`. Throws
/// InputError when one's `stats.json` cannot be read.
nlohmann::json sweep_json(const SweepPlan& plan, const std::vector<EndedPoint>& ended, const std::string& directory);

/// `sweep.csv`: a line for each point of a `sweep.json`, quoted as RFC 4180 says, lines ended by LF. Nothing in it
/// depends on the machine, on time, on where files are or on which point ended first.
std::string sweep_csv(const nlohmann::json& sweep);

}  // namespace aqpim

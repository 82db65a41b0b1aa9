#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "platform/sweep/plan.h"

namespace aqpim {

/// As many points as one sweep may have: more would run for weeks.
inline constexpr std::size_t most_points = 100'000;

/// What the command line asks for.
struct GridRequest {
    std::vector<std::string> configs;  ///< files, layered
    /// Of parameters; or, named without a dot, of configurations, whose values are files or files joined by '+'.
    std::vector<SweepAxis> axes;
    std::vector<ConfigurationLayer> overrides;  ///< above all axes
};

/// K=V1,V2,... as `--axis` takes it. Throws InputError.
SweepAxis parse_axis(const std::string& text);

/// Whether its values are parameters' values, not configurations.
bool is_parameter_axis(const std::string& name);

/// How a value of an axis of configurations is shown: "gpu+loop" for "variants/gpu.cfg+loop.cfg".
std::string configuration_label(const std::string& files);

/// Every combination of the axes' values, the last axis changing fastest. Configurations of axes lie above `configs`,
/// parameters above all configurations. Throws InputError for what no point could run with: an axis, value or key given
/// twice, an unknown key, common configurations that cannot be read. A value that only some points have is left to
/// them.
SweepPlan make_grid(const GridRequest& request);

/// Gives points their names: index and values, at most 100 characters of [A-Za-z0-9._+=-], no two alike.
void name_points(std::vector<SweepPoint>& points);

}  // namespace aqpim

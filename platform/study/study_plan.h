#pragma once

#include <string>
#include <vector>

#include "platform/study/study.h"
#include "platform/sweep/plan.h"

namespace aqpim {

/// The axis on which variations of points lie, which are in the plan beside their sets' own points.
inline constexpr std::string_view variation_axis = "variation";

/// All points of the sets, and after them those variations that claims, tornados and tables look at. Layers of a point:
/// the study's files, its set's, those of its axes' values; then, the later the stronger, parameters of the study, of
/// the set, of axes of changes, of axes of parameters; then the variation's files and its parameters. Throws InputError
/// for more points than a sweep may have, and for parameters that there are not.
SweepPlan plan_of_study(const Study& study);

/// Where a point that is referred to lies in the plan, and in `sweep.json`: its set, and its place on each axis.
std::vector<AxisValue> axes_of(const Study& study, const PointReference& reference);

}  // namespace aqpim

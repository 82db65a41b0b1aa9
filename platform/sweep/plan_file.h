#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "platform/sweep/plan.h"

namespace aqpim {

/// `plan.json`: what a directory's sweep is to run, {schema, title, axes, points: [{set, name, axes, layers}]}.
nlohmann::json to_json(const SweepPlan& plan);

/// In which point two plans differ, in words; empty if they run the same.
std::string plan_difference(const nlohmann::json& there, const nlohmann::json& here);

/// Makes `plan.json` of `directory` this plan's. Throws InputError, naming what differs, when it is another plan's.
void keep_plan(const SweepPlan& plan, const std::string& directory);

}  // namespace aqpim

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "models/common/parameter.h"

namespace aqpim {

/// `report.html`: one page without external resources, from a run's `stats.json` (as to_json or read_stats give it) and
/// its configuration. Throws InputError when `stats` lacks a figure.
std::string render_report(const nlohmann::json& stats, const ParameterTable& table, const std::string& title);

}  // namespace aqpim

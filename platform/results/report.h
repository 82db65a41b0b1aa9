#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/common/parameter.h"

namespace aqpim {

/// The pages below are each one HTML file without external resources (report/README.md). What a run has no figures of
/// is left out of them.

/// `report.html` of a run: from its `stats.json` (as to_json or read_stats give it), its configuration, and its
/// `timeline.json`, or null. Throws InputError when that is not as a run writes it.
std::string render_report(const nlohmann::json& stats, const ParameterTable& table, const nlohmann::json& timeline,
                          const std::string& title);

/// `report.html` of a sweep: from its `sweep.json`.
std::string render_sweep_report(const nlohmann::json& sweep);

/// A run that is compared with others.
struct ComparedRun {
    std::string title;
    nlohmann::json stats;
    nlohmann::json config;  ///< as parameters_json gives it
};

/// Runs side by side; the first is what the others are held against at first.
std::string render_comparison(const std::vector<ComparedRun>& runs);

/// All parameters as the pages take them, in the order of declaration: a list of {key, value, default, help, source,
/// origin}, all texts.
nlohmann::json parameters_json(const ParameterTable& table);

}  // namespace aqpim

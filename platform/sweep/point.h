#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/common/parameter.h"
#include "platform/configuration.h"
#include "platform/sweep/plan.h"

namespace aqpim {

/// What became of a point: `outcome.json`, the last file that is written of it.
struct PointOutcome {
    int exit_status = 0;  ///< as `run`'s
    std::string message;  ///< empty where it is 0
    std::string configuration_digest;
    std::string point_digest;    ///< as point_digest() has it
    std::string program_digest;  ///< of the program that ran it

    bool is_done() const { return exit_status == 0; }
};

/// Sets parameters as the layers say, and presets. Throws InputError, also for values that are not allowed together.
void resolve(Configuration& configuration, const std::vector<ConfigurationLayer>& layers);

/// Names what a run depends on: all values, and of the files that they name place, size and time of the last change.
std::string point_digest(const ParameterTable& table);

/// None if the directory has none, or one that is not whole.
std::optional<PointOutcome> read_outcome(const std::string& directory);

/// Throws InputError when it cannot be written.
void write_outcome(const PointOutcome& outcome, const std::string& directory);

}  // namespace aqpim

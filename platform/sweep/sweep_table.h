#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace aqpim {

/// The main figures of a `sweep.json`'s first points, for a terminal.
std::string format_table(const nlohmann::json& sweep);

}  // namespace aqpim

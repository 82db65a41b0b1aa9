#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/dram/command_trace.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// Replays a trace against JEDEC's rules, written from the standard and not from the model's table: bank states and,
/// for each command, its distance to everything before it that it has to keep away from. Returns what it finds, one
/// line each; `timing` as DramParameters::jedec_timing_ps gives it.
std::vector<std::string> jedec_violations(const std::vector<TracedCommand>& trace,
                                          const std::map<std::string, Picoseconds>& timing,
                                          const Organization& organization);

}  // namespace aqpim::dram

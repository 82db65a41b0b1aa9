#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/dram/constraints.h"
#include "models/dram/organization.h"
#include "models/dram/timing.h"

namespace aqpim::dram {

/// A speed grade of a standard. Everything in cycles but what the density decides (tRFCab, tRFCpb).
struct SpeedPreset {
    std::string_view name;  ///< "6400"
    TimingParameters timing;
    std::string_view source;
};

/// A density of a standard: how one channel is divided, and what a refresh takes. `organization.channels` is not used.
struct DensityPreset {
    std::string_view name;  ///< "8Gb"
    Organization organization;
    Picoseconds tRFCab_ps;
    Picoseconds tRFCpb_ps;  ///< 0: the standard refreshes no single bank
    std::string_view source;
};

/// A DRAM standard: its presets (the first of each is the default) and its timing table. The commands are those of
/// command.h; a standard that lacks one never has it issued. A new standard is a file in models/dram/standards, a line
/// in standard_files.h and a name in `standards()`.
struct Standard {
    std::string_view name;  ///< "HBM3"
    /// HBM: row and column commands have a bus each; otherwise they share one.
    bool split_command_bus;
    std::vector<SpeedPreset> speeds;
    std::vector<DensityPreset> densities;
    /// The rules of the standard, in ticks.
    ConstraintTable (*constraints)(const TimingParameters& timing);
};

inline constexpr std::string_view default_preset = "default";

/// All standards; the first is the platform's default.
const std::vector<Standard>& standards();
/// Throws InputError, naming those that exist, for an unknown name.
const Standard& find_standard(std::string_view name);
/// `default_preset` names the first.
const SpeedPreset& find_speed(const Standard& standard, std::string_view name);
const DensityPreset& find_density(const Standard& standard, std::string_view name);

}  // namespace aqpim::dram

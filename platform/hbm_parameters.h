#pragma once

#include <cstdint>
#include <string>

#include "models/common/parameter.h"
#include "models/dram/dram_parameters.h"

namespace aqpim {

/// The GPU's memory as DRAM (`gpu.memory_model = dram`): presets of the DRAM model, and how much of it there is.
struct HbmParameters {
    std::string standard;
    std::string speed;
    std::string density;
    std::uint32_t stacks = 0;
    std::uint32_t channels_per_stack = 0;

    void declare(ParameterSection hbm);

    /// All parameters of the DRAM, its channels' controllers as section `memory` has them. Throws InputError for an
    /// unknown preset, or what the preset has no room for.
    dram::DramParameters dram(const dram::ControllerParameters& controller) const;
};

/// What all data buses carry when bursts follow each other as closely as the standard allows: channels x
/// pseudo-channels x burst / tCCD_S, in bytes per second.
std::uint64_t peak_bandwidth(const dram::DramParameters& dram);

}  // namespace aqpim

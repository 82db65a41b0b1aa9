#include "models/dram/standard.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/common/error.h"
#include "models/dram/standards/standard_files.h"

namespace aqpim::dram {

namespace {

template <class Preset>
const Preset& find_preset(const Standard& standard, const std::vector<Preset>& presets, std::string_view name,
                          std::string_view what) {
    if (name == default_preset) {
        return presets.front();
    }
    const auto found =
        std::find_if(presets.begin(), presets.end(), [=](const Preset& preset) { return preset.name == name; });
    if (found == presets.end()) {
        std::string names(default_preset);
        for (const Preset& preset : presets) {
            names += fmt::format(", {}", preset.name);
        }
        throw InputError(fmt::format("{} has no {} '{}'; allowed: {}", standard.name, what, name, names));
    }
    return *found;
}

}  // namespace

const std::vector<Standard>& standards() {
    static const std::vector<Standard> all = {hbm3(), hbm2(), gddr6(), lpddr5(), ddr4(), ddr5()};
    return all;
}

const Standard& find_standard(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Standard& standard : standards()) {
        if (standard.name == name) {
            return standard;
        }
        names.push_back(standard.name);
    }
    throw InputError(fmt::format("there is no DRAM standard '{}'; allowed: {}", name, fmt::join(names, ", ")));
}

const SpeedPreset& find_speed(const Standard& standard, std::string_view name) {
    return find_preset(standard, standard.speeds, name, "speed");
}

const DensityPreset& find_density(const Standard& standard, std::string_view name) {
    return find_preset(standard, standard.densities, name, "density");
}

}  // namespace aqpim::dram

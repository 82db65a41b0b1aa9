#include "platform/hbm_parameters.h"

#include <fmt/format.h>

#include <vector>

namespace aqpim {

void HbmParameters::declare(ParameterSection hbm) {
    std::vector<std::string> names;
    for (const dram::Standard& known : dram::standards()) {
        names.emplace_back(known.name);
    }
    hbm.choice(standard, "standard", names.front(), names,
               {"DRAM standard of the GPU's memory with gpu.memory_model = dram", "H100 data sheet: HBM3"});
    hbm.text(speed, "speed", std::string(dram::default_preset),
             {"speed preset, as dram.speed takes it", "one HBM3 stack of 670.4 GB/s, system.md §4"});
    hbm.text(density, "density", std::string(dram::default_preset),
             {"density preset, as dram.density takes it", "HBM3: 16 GiB in a stack, system.md §4"});
    hbm.power_of_two(
        stacks, "stacks", 1, {1, 16},
        {"stacks; gpu.memory and gpu.bandwidth follow from them", "as gpu.memory: one of the H100's five"});
    hbm.power_of_two(channels_per_stack, "channels", 16, {1, 64}, {"channels of a stack", "JESD238: 16"});
}

dram::DramParameters HbmParameters::dram(const dram::ControllerParameters& controller) const {
    ParameterTable table;
    dram::DramParameters dram;
    dram.declare_dram(table.section("dram"));
    dram.declare_pim(table.section("pim"));
    table.set("dram.standard", standard, "hbm.standard");
    table.set("dram.speed", speed, "hbm.speed");
    table.set("dram.density", density, "hbm.density");
    table.set("pim.stacks", fmt::to_string(stacks), "hbm.stacks");
    table.set("pim.channels", fmt::to_string(channels_per_stack), "hbm.channels");
    dram.apply_presets(table);
    dram.controller = controller;
    return dram;
}

std::uint64_t peak_bandwidth(const dram::DramParameters& dram) {
    const dram::Organization organization = dram.organization();
    const std::uint32_t bytes = organization.channels * organization.pseudo_channels * organization.burst_bytes;
    constexpr double ps_per_s = 1e12;
    return static_cast<std::uint64_t>(bytes * ps_per_s / (dram.timing.nCCDS * dram.timing.tCK.period_ps()));
}

}  // namespace aqpim

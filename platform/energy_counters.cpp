#include "platform/energy_counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace aqpim {

namespace {

double bits(std::uint64_t bytes) {
    constexpr double bits_per_byte = 8;
    return static_cast<double>(bytes) * bits_per_byte;
}

}  // namespace

double& Energy::operator[](std::string_view component) {
    const auto* const found = std::find(energy_components.begin(), energy_components.end(), component);
    if (found == energy_components.end()) {
        throw std::logic_error(fmt::format("{} is no component of the energy", component));
    }
    return pj_[static_cast<std::size_t>(found - energy_components.begin())];
}

Energy& Energy::operator+=(const Energy& other) {
    std::transform(pj_.begin(), pj_.end(), other.pj_.begin(), pj_.begin(), std::plus<>());
    return *this;
}

Energy& Energy::operator-=(const Energy& other) {
    std::transform(pj_.begin(), pj_.end(), other.pj_.begin(), pj_.begin(), std::minus<>());
    return *this;
}

double Energy::total() const {
    return std::accumulate(pj_.begin(), pj_.end(), 0.0);
}

std::map<std::string, double> Energy::by_component() const {
    std::map<std::string, double> result;
    for (std::size_t i = 0; i < pj_.size(); ++i) {
        result.emplace(energy_components[i], pj_[i]);
    }
    return result;
}

EnergyCounters::EnergyCounters(const Configuration& configuration, const Platform& platform)
    : platform_(platform),
      parameters_(configuration.transfer_energy),
      memory_(configuration.dram_energy, configuration.dram.organization(), configuration.dram.timing),
      pim_is_in_gpu_(configuration.pim_is_in_gpu()) {}

Energy EnergyCounters::until(Picoseconds now_ps) const {
    Energy energy;
    add_pim_memories(energy, now_ps);
    add_gpus(energy, now_ps);
    add_links(energy);
    add_host(energy);
    return energy;
}

void EnergyCounters::add_pim_memories(Energy& energy, Picoseconds now_ps) const {
    for (const PimNode& node : platform_.pims) {
        const dram::Organization& organization = node.memory.organization();
        const dram::Counters counters = node.memory.counters_until(now_ps);
        for (const dram::EnergyCharge& charge : memory_.charges(counters, now_ps, organization.channels)) {
            energy[fmt::format("pim_{}", charge.component)] += charge.pj;
        }
        if (pim_is_in_gpu_) {
            const std::uint64_t bytes = (counters.reads + counters.writes) * organization.burst_bytes;
            energy["chip_to_chip"] += bits(bytes) * parameters_.chip_to_chip_pj_per_bit;
        }
    }
}

void EnergyCounters::add_gpus(Energy& energy, Picoseconds now_ps) const {
    constexpr double operations_per_mac = 2;
    constexpr double fj_per_pj = 1000;  // fJ = mW x ps
    for (const GpuNode& node : platform_.gpus) {
        const ComputeUnit& unit = node.gpu.compute_unit();
        energy["gpu_compute"] += unit.flop() / operations_per_mac * parameters_.gpu_mac_pj;
        energy["gpu_memory"] += bits(node.memory.bytes_moved() + unit.bytes()) * parameters_.gpu_memory_pj_per_bit;
        energy["gpu_idle"] += static_cast<double>(now_ps) * parameters_.gpu_idle_mw / fj_per_pj;
    }
}

void EnergyCounters::add_links(Energy& energy) const {
    for (const PcieLink* const link : platform_.links()) {
        const std::uint64_t bytes = link->down().wire_bytes + link->up().wire_bytes;
        energy["pcie"] += bits(bytes) * parameters_.pcie_pj_per_bit;
    }
}

void EnergyCounters::add_host(Energy& energy) const {
    for (const auto& hart : platform_.harts) {
        energy["host_cpu"] += static_cast<double>(hart->instructions()) * parameters_.host_instruction_pj;
    }
    const std::uint64_t bytes = platform_.ram.bytes_read() + platform_.ram.bytes_written();
    energy["host_memory"] += bits(bytes) * parameters_.host_memory_pj_per_bit;
}

}  // namespace aqpim

#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "models/common/clock.h"
#include "models/dram/energy.h"
#include "platform/configuration.h"
#include "platform/platform.h"

namespace aqpim {

/// What energy is counted by, under the names of `energy_pj` in `stats.json` (docs/stats.md).
inline constexpr std::array<std::string_view, 16> energy_components = {
    "pim_activate", "pim_host_access", "pim_refresh", "pim_background", "pim_pim_access", "pim_mac",
    "pim_lookup",   "pim_move",        "pim_softmax", "chip_to_chip",   "pcie",           "gpu_compute",
    "gpu_memory",   "gpu_idle",        "host_cpu",    "host_memory"};

/// Energy by component, in pJ.
class Energy {
 public:
    /// Throws std::logic_error for a name that is none of `energy_components`.
    double& operator[](std::string_view component);
    Energy& operator+=(const Energy& other);
    Energy& operator-=(const Energy& other);
    double total() const;
    std::map<std::string, double> by_component() const;

 private:
    std::array<double, energy_components.size()> pj_{};
};

/// What a platform has used since it was switched on, from what its models count. Most is counted, and so charged, when
/// it is issued: a command of the PIM memory, a TLP, an access to a memory. A GPU kernel is charged when it ends, and
/// what an idle channel of the PIM memory has refreshed when it is next used.
class EnergyCounters {
 public:
    /// The platform outlives this object's use.
    EnergyCounters(const Configuration& configuration, const Platform& platform);

    /// Up to `now_ps`, which is the kernel's time or a little ahead of it.
    Energy until(Picoseconds now_ps) const;

 private:
    void add_pim_memories(Energy& energy, Picoseconds now_ps) const;
    void add_gpus(Energy& energy, Picoseconds now_ps) const;
    void add_links(Energy& energy) const;
    void add_host(Energy& energy) const;

    const Platform& platform_;
    TransferEnergyParameters parameters_;
    dram::EnergyModel memory_;
    bool pim_is_in_gpu_;
};

}  // namespace aqpim

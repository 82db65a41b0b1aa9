#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/common/parameter.h"
#include "models/dram/organization.h"
#include "models/dram/timing.h"

namespace aqpim::dram {

/// When all-bank refreshes are issued.
enum class RefreshPolicy : std::uint8_t {
    off,
    row_boundary,  ///< as soon as the channel is idle, or opens or closes a row; at most eight are postponed (JESD238)
    immediate,     ///< when due; an all-bank sweep is interrupted, its row opened again
};

/// All parameters of a PIM memory: organisation, timing, policies.
struct DramParameters {
    std::uint32_t stacks = 0;
    std::uint32_t channels_per_stack = 0;
    std::uint32_t pseudo_channels = 0;
    std::uint32_t ranks = 0;
    std::uint32_t bank_groups = 0;
    std::uint32_t banks = 0;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    TimingParameters timing;
    std::string refresh;
    std::string address_map;
    Picoseconds controller_latency = 0;
    std::uint32_t mac_spacing = 0;  ///< cycles
    std::string activate_all;
    bool moves_share_bus = false;

    void declare_dram(ParameterSection dram);
    void declare_pim(ParameterSection pim);

    /// Throws InputError where single values are allowed but do not go together.
    void check() const;

    Organization organization() const;
    RefreshPolicy refresh_policy() const;
    /// For `dram.timing` of the resolved configuration.
    std::map<std::string, Picoseconds> jedec_timing_ps() const { return timing.jedec_ps(mac_spacing); }
};

}  // namespace aqpim::dram

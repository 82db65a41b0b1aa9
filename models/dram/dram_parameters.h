#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/common/parameter.h"
#include "models/dram/faults.h"
#include "models/dram/organization.h"
#include "models/dram/standard.h"
#include "models/dram/timing.h"

namespace aqpim::dram {

enum class RefreshKind : std::uint8_t { off, all_bank, per_bank };
enum class SchedulerKind : std::uint8_t { fr_fcfs, fcfs };
enum class PagePolicyKind : std::uint8_t { open, closed, timeout };
enum class Fidelity : std::uint8_t { fast, detailed };

/// The controller of a channel: section `memory`.
struct ControllerParameters {
    std::string fidelity;
    std::string scheduler;
    std::uint32_t age_cap = 0;  ///< cycles; 0: none
    std::string page_policy;
    std::uint32_t page_timeout = 0;  ///< cycles
    std::uint32_t read_queue = 0;    ///< entries
    std::uint32_t write_queue = 0;
    double write_high = 0;  ///< share of the write queue at which it is drained
    double write_low = 0;   ///< share at which draining ends
    bool dmi = false;

    void declare(ParameterSection memory);
    /// Throws InputError where single values are allowed but do not go together.
    void check() const;

    Fidelity fidelity_kind() const;
    SchedulerKind scheduler_kind() const;
    PagePolicyKind page_policy_kind() const;
};

/// All parameters of a DRAM: standard, organisation, timing, refresh, addresses; and what of PIM its timing depends on.
///
/// `dram.speed` and `dram.density` name presets of `dram.standard`; apply_presets() puts their figures in where none is
/// given.
struct DramParameters {
    std::string standard;
    std::string speed;
    std::string density;
    std::uint32_t stacks = 0;
    std::uint32_t channels_per_stack = 0;
    std::uint32_t pseudo_channels = 0;
    std::uint32_t ranks = 0;
    std::uint32_t bank_groups = 0;
    std::uint32_t banks = 0;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint32_t burst_bytes = 0;
    TimingParameters timing;
    std::string refresh;
    std::uint32_t refresh_postpone = 0;  ///< refreshes
    std::string address_map;
    std::string address_hash;
    Picoseconds controller_latency = 0;
    FaultParameters faults;
    ControllerParameters controller;

    std::uint32_t mac_spacing = 0;  ///< cycles
    std::string activate_all;
    bool moves_share_bus = false;
    std::uint32_t mode_change = 0;  ///< cycles

    void declare_dram(ParameterSection dram);
    void declare_memory(ParameterSection memory) { controller.declare(memory); }
    void declare_pim(ParameterSection pim);

    /// Sets every parameter of section `dram` that nobody has given to its figure in the presets, with the preset as
    /// its origin. To be called when all files and options have been read. Throws InputError for an unknown preset.
    void apply_presets(ParameterTable& table) const;

    /// Throws InputError where single values are allowed but do not go together.
    void check() const;

    Organization organization() const;
    RefreshKind refresh_kind() const;
    const Standard& standard_table() const { return find_standard(standard); }
    /// The standard's rules and those of PIM, in ticks.
    ConstraintTable constraints() const;
    /// For `dram.timing` of the resolved configuration.
    std::map<std::string, Picoseconds> jedec_timing_ps() const { return timing.jedec_ps(mac_spacing); }
};

}  // namespace aqpim::dram

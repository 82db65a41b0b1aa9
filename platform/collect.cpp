#include "platform/collect.h"

#include <fmt/format.h>

#include <utility>

#include "aqpim/trace_port.h"
#include "models/dram/energy.h"
#include "platform/device_figures.h"
#include "platform/kv_bytes.h"
#include "platform/results/config_file.h"
#include "platform/unit_placement.h"

namespace aqpim {

namespace {

bool is_shown(const Phase& phase) {
    return phase.phase == AQPIM_PHASE_SETUP || phase.phase == AQPIM_PHASE_PREFILL || phase.phase == AQPIM_PHASE_DECODE;
}

/// Times and energy.
void collect_phases(RunResult& result, const TracePort& trace_port, ActivityLog& activity, const EnergyMeter& energy) {
    std::vector<std::size_t> shown;
    for (std::size_t place = 0; place < trace_port.phases().size(); ++place) {
        const Phase& phase = trace_port.phases()[place];
        if (!is_shown(phase)) {
            continue;
        }
        shown.push_back(place);
        const PhaseTime time{phase.end_ps - phase.start_ps, activity.breakdown(phase.start_ps, phase.end_ps),
                             energy.of_phase(place).by_component()};
        if (phase.phase == AQPIM_PHASE_DECODE) {
            result.decode.push_back(time);
        } else {
            (phase.phase == AQPIM_PHASE_SETUP ? result.setup : result.prefill) = time;
        }
    }
    result.energy_pj = energy.total().by_component();
    result.other_energy_pj = energy.outside(shown).by_component();
}

void add_link(RunResult& result, const PcieLink& link) {
    const auto add = [&](const char* direction, const LinkCounters& counters) {
        result.links.push_back({fmt::format("pcie.{}.{}", link.basename(), direction), counters.tlps,
                                counters.payload_bytes, counters.wire_bytes, counters.busy_ps, counters.replays,
                                counters.starved_ps});
    };
    add("down", link.down());
    add("up", link.up());
}

std::map<std::string, std::uint64_t> channel_counts(const dram::Counters& counters) {
    return {{"activates", counters.activates},
            {"reads", counters.reads},
            {"writes", counters.writes},
            {"row_hits", counters.row_hits},
            {"row_misses", counters.row_misses},
            {"row_conflicts", counters.row_conflicts},
            {"refreshes", counters.refreshes},
            {"pim_columns", counters.pim_columns},
            {"lookup_slots", counters.lookup_slots},
            {"lookups", counters.lookups},
            {"moved_bits", counters.moved_bits},
            {"macs", counters.macs}};
}

/// Those that were issued, by their names in the command trace.
std::map<std::string, std::uint64_t> command_counts(const dram::Counters& counters) {
    std::map<std::string, std::uint64_t> counts;
    for (const dram::CommandInfo& command : dram::commands) {
        if (const std::uint64_t issued = counters.commands[dram::index_of(command.command)]; issued != 0) {
            counts[std::string(command.name)] += issued;
        }
    }
    return counts;
}

/// What each channel of a PIM memory did, and its energy.
void collect_channels(RunResult& result, const dram::EnergyModel& energy, const PimNode& node) {
    for (std::uint32_t index = 0; index < node.memory.organization().channels; ++index) {
        const Ticks end = node.memory.clock().first_tick_at(result.simulated_ps);
        const dram::Counters counters = node.memory.channels().counters_until(index, end);
        std::map<std::string, double> by_command =
            dram::energy_by_command(energy.charges(counters, result.simulated_ps));
        std::erase_if(by_command, [](const auto& entry) { return entry.second == 0; });
        result.channels.push_back({fmt::format("{}.channel{}", node.pim.basename(), index), channel_counts(counters),
                                   command_counts(counters), std::move(by_command)});
    }
}

void collect_pim_memories(RunResult& result, const Configuration& configuration, const Platform& platform) {
    const dram::EnergyModel energy(configuration.dram_energy, configuration.dram.organization(),
                                   configuration.dram.timing);
    for (const PimNode& node : platform.pims) {
        collect_channels(result, energy, node);
        const dram::MemoryErrors& errors = node.memory.memory_errors();
        result.memory_errors["bits_flipped"] += errors.bits_flipped;
        result.memory_errors["corrected"] += errors.corrected;
        result.memory_errors["detected"] += errors.detected;
        result.memory_errors["undetected"] += errors.undetected;
    }
}

/// Whether the job ended because a memory is too small for it.
bool lacks_capacity(const aqpim_job& job, const FirmwareOutcome& firmware) {
    constexpr std::uint64_t capacity_code = 2;  // of the decode program
    const bool says_so = firmware.exited && !firmware.passed && firmware.code == capacity_code;
    return job.magic == AQPIM_JOB_MAGIC && (job.result.tokens_that_fit != 0 || says_so);
}

/// Which memory was too small; empty if none was.
std::string shortage_of(const aqpim_job& job, const Platform& platform) {
    const auto text = [&](const char* memory, std::uint64_t bytes) {
        return fmt::format("{} of {} B is too small: {} B are needed", memory, bytes, job.result.bytes_wanted);
    };
    switch (job.result.short_memory) {
        case AQPIM_MEMORY_PIM:
            return text("the PIM memory", platform.job_pim().memory.organization().capacity_bytes());
        case AQPIM_MEMORY_GPU:
            return text("the GPU's memory", platform.job_gpu().memory.size());
        case AQPIM_MEMORY_HOST:
            return text("RAM for the KV cache", job.host_kv_bytes);
        default:
            return {};
    }
}

/// What the job says of itself, if the firmware knows of it.
void collect_job(RunResult& result, const Platform& platform, const Loader& loader) {
    const aqpim_job job = loader.job();
    result.errors["firmware"] = job.result.errors;
    result.errors["capacity"] = lacks_capacity(job, result.firmware) ? 1 : 0;
    result.memory = memory_figures(platform, job.magic == AQPIM_JOB_MAGIC ? &job : nullptr);
    if (job.magic != AQPIM_JOB_MAGIC) {
        return;
    }
    result.batch = job.batch;
    if (job.kv == AQPIM_KV_PIM) {
        result.pim_bank_utilisation = UnitPlacement(platform.job_pim().memory.organization(), job).bank_utilisation();
    }
    result.kv_tokens_that_fit = job.result.tokens_that_fit;
    result.kv_bytes_stored = job.result.kv_bytes_stored;
    result.shortage = shortage_of(job, platform);
    result.kv_layers_spilled = job.result.layers_spilled;
    result.kv_bytes_spilled = job.result.kv_bytes_spilled;
    if (result.kv_bytes_stored + result.kv_bytes_spilled != 0) {
        const std::vector<aqpim_job_sequence> sequences = loader.sequences();
        result.kv_bytes_fp16 = kv_bytes_fp16(job, sequences);
        result.kv_bytes_packed = kv_bytes_packed(job, sequences);
    }
}

/// The sum of `count` over the PCIe devices.
std::uint64_t sum_over_endpoints(const Platform& platform, std::uint64_t (PcieDevice::*count)() const) {
    std::uint64_t sum = 0;
    for (const GpuNode& node : platform.gpus) {
        sum += (node.endpoint.*count)();
    }
    for (const PimNode& node : platform.pims) {
        sum += node.endpoint ? ((*node.endpoint).*count)() : 0;
    }
    return sum;
}

std::uint64_t unsupported_requests(const Platform& platform) {
    return platform.root_complex.unsupported_requests() + platform.pcie_switch.unsupported_requests() +
           (platform.pim_switch ? platform.pim_switch->unsupported_requests() : 0) +
           sum_over_endpoints(platform, &PcieDevice::unsupported_requests);
}

/// Of what is behind PCIe.
void collect_device_errors(RunResult& result, const Platform& platform) {
    result.errors["pcie_unsupported_requests"] = unsupported_requests(platform);
    result.errors["pcie_failed_requests"] = sum_over_endpoints(platform, &PcieDevice::failed_requests);
    std::uint64_t& gpu_descriptors = result.errors["gpu_descriptors"];
    for (const GpuNode& node : platform.gpus) {
        gpu_descriptors += node.gpu.errors();
    }
    std::uint64_t& pim_descriptors = result.errors["pim_descriptors"];
    std::uint64_t& violations = result.errors["memory_protocol"];
    for (const PimNode& node : platform.pims) {
        pim_descriptors += node.pim.errors();
        violations += node.memory_checker ? node.memory_checker->violations().count() : 0;
    }
}

}  // namespace

RunResult collect(const Configuration& configuration, const Platform& platform, const Loader& loader,
                  ActivityLog& activity, const EnergyMeter& energy) {
    RunResult result;
    result.configuration_digest = configuration_digest(configuration.table);
    result.data = configuration.sim.data;
    result.simulated_ps = to_ps(sc_core::sc_time_stamp());
    collect_phases(result, platform.trace_port, activity, energy);
    result.lookup_charge = configuration.dram_energy.lookup_charge;
    result.gpu = gpu_figures(configuration, platform);
    result.pim = pim_figures(configuration, platform, activity);
    result.pim_attention_cycles = platform.job_pim().pim.attention_cycles();

    for (const PcieLink* const link : platform.links()) {
        add_link(result, *link);
    }
    collect_pim_memories(result, configuration, platform);
    std::uint64_t bus_errors = 0;
    for (const auto& hart : platform.harts) {
        result.harts.push_back({hart->basename(), hart->instructions()});
        bus_errors += hart->bus_errors();
    }
    result.errors = {{"bus_errors", bus_errors},
                     {"bad_messages", platform.msi_frame.bad_messages()},
                     {"bad_finisher_commands", platform.finisher.bad_commands()},
                     {"bad_trace_marks", platform.trace_port.bad_ends()}};
    collect_device_errors(result, platform);
    result.firmware = platform.outcome();
    collect_job(result, platform, loader);
    return result;
}

}  // namespace aqpim

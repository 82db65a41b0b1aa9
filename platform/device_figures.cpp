#include "platform/device_figures.h"

#include <algorithm>

namespace aqpim {

namespace {

/// All banks of the memory, in 1/s: what happens once a slot of so many cycles in each.
double slots_per_s(const dram::DramParameters& dram, std::uint32_t slot_cycles) {
    constexpr double ps_per_s = 1e12;
    const dram::Organization organization = dram.organization();
    const double slot_ps = dram.timing.tCK.period_ps() * slot_cycles;
    return ps_per_s / slot_ps * organization.banks_per_channel() * organization.channels;
}

}  // namespace

GpuStats gpu_figures(const Configuration& configuration, const Platform& platform) {
    const GpuParameters& gpu = configuration.gpu;
    GpuStats stats;
    for (const auto& [kind, totals] : platform.job_gpu().gpu.compute_unit().totals()) {
        stats.kernels[std::string(kind)] = {totals.count, static_cast<std::uint64_t>(totals.flop), totals.bytes,
                                            totals.time_ps};
    }
    stats.peak_flops_per_s = gpu.peak_flop_per_second * gpu.sustained_compute;
    stats.peak_bytes_per_s = static_cast<double>(gpu.memory_bandwidth) * gpu.sustained_bandwidth;
    return stats;
}

PimStats pim_figures(const Configuration& configuration, const Platform& platform, const ActivityLog& activity) {
    const dram::DramParameters& dram = configuration.dram;
    const PimParameters& pim = configuration.pim;
    const dram::Counters counters = platform.job_pim().memory.counters();
    PimStats stats;
    stats.macs = counters.macs;
    stats.column_bytes = (counters.pim_columns + counters.lookup_slots) * dram.burst_bytes;
    stats.busy_ps = activity.busy_ps({Activity::pim_quantize, Activity::pim_attention});
    const double macs_per_slot = pim.lanes * (pim.gqa_reuse ? pim.queries_per_slot : 1.0);
    stats.peak_macs_per_s = slots_per_s(dram, dram.mac_spacing) * macs_per_slot;
    stats.peak_column_bytes_per_s = slots_per_s(dram, std::min(dram.mac_spacing, dram.timing.nCCDL)) * dram.burst_bytes;
    return stats;
}

std::map<std::string, MemoryUse> memory_figures(const Platform& platform, const aqpim_job* job) {
    MemoryUse gpu{platform.job_gpu().memory.size(), 0, 0, 0};
    MemoryUse pim{platform.job_pim().memory.organization().capacity_bytes(), 0, 0, 0};
    MemoryUse host{platform.ram.size(), 0, 0, 0};
    if (job != nullptr) {
        gpu.weights = job->weights_bytes;
        gpu.buffers = job->result.gpu_buffer_bytes;
        pim.weights = job->pim_weights_bytes;
        pim.buffers = job->result.pim_buffer_bytes;
        MemoryUse& kept = job->kv == AQPIM_KV_PIM ? pim : job->kv == AQPIM_KV_GPU ? gpu : host;
        kept.kv += job->result.kv_bytes_stored;
        host.kv += job->result.kv_bytes_spilled;
    }
    return {{"gpu", gpu}, {"pim", pim}, {"host", host}};
}

}  // namespace aqpim

#pragma once

#include <cstdint>

#include "models/common/parameter.h"

namespace aqpim {

/// The GPU as a roofline with copy engines (system.md §4: one H100).
struct GpuParameters {
    std::uint64_t memory_bytes = 0;
    Picoseconds memory_latency_ps = 0;
    std::uint64_t memory_bandwidth = 0;  ///< B/s
    double peak_flop_per_second = 0;
    double sustained_bandwidth = 0;  ///< share of the memory's bandwidth that a kernel reaches
    double sustained_compute = 0;    ///< share of the peak
    Picoseconds kernel_overhead_ps = 0;
    std::uint64_t copy_burst_bytes = 0;
    std::uint32_t copy_outstanding = 0;  ///< bursts in flight
    std::uint32_t queue_prefetch = 0;    ///< descriptors fetched at once
    bool functional = true;              ///< else kernels take their time, and compute nothing; set by the platform

    void declare(ParameterSection gpu) {
        gpu.size(memory_bytes, "memory", "16GiB", {"the GPU's own memory", "one HBM3 stack of the five, system.md §4"});
        gpu.bandwidth(memory_bandwidth, "bandwidth", "670.4GB/s",
                      {"of the GPU's own memory", "one HBM3 stack, system.md §4"});
        gpu.time(memory_latency_ps, "latency", "100ns",
                 {"of one access to the GPU's own memory", "open: a closed-row HBM3 access with its controller"});
        gpu.compute(peak_flop_per_second, "peak", "989.4TFLOP/s", {"fp16 peak rate", "H100 data sheet, system.md §4"});
        gpu.real(sustained_compute, "sustained_compute", 0.8, {0.01, 1.0},
                 {"share of the peak rate that kernels reach", "system.md §4"});
        gpu.real(sustained_bandwidth, "sustained_bandwidth", 0.85, {0.01, 1.0},
                 {"share of the memory's bandwidth that kernels reach", "system.md §4"});
        gpu.time(kernel_overhead_ps, "kernel_overhead", "5us",
                 {"launch of one kernel", "open: system.md §4 gives 6.87 us to 8.29 us for whole small kernels"});
        gpu.size(copy_burst_bytes, "copy_burst", "4KiB", {"bytes the copy engine asks for at once", "open"});
        gpu.count(copy_outstanding, "copy_outstanding", 32, {1, 1024}, {"copy bursts in flight", "open"});
        gpu.count(queue_prefetch, "queue_prefetch", 4, {1, 64}, {"descriptors fetched at once", "open"});
    }
};

}  // namespace aqpim

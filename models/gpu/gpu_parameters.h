#pragma once

#include <cstdint>

#include "aqpim/gpu.h"
#include "models/common/parameter.h"

namespace aqpim {

/// The GPU as a roofline with copy engines (system.md §4: one H100).
struct GpuParameters {
    std::uint32_t copy_engines = 0;
    std::uint32_t streams = 0;
    std::uint64_t memory_bytes = 0;
    Picoseconds memory_latency_ps = 0;
    std::uint64_t memory_bandwidth = 0;  ///< B/s
    double peak_flop_per_second = 0;
    double sustained_bandwidth = 0;  ///< share of the memory's bandwidth that a kernel reaches
    double sustained_compute = 0;    ///< share of the peak
    Picoseconds kernel_overhead_ps = 0;
    Picoseconds norm_time_ps = 0;
    Picoseconds activation_time_ps = 0;
    std::uint64_t copy_burst_bytes = 0;
    std::uint32_t copy_outstanding = 0;  ///< bursts in flight of one engine
    Picoseconds semaphore_poll_ps = 0;
    std::uint32_t queue_prefetch = 0;  ///< descriptors fetched ahead
    bool functional = true;    ///< else kernels and copies take their time, and move nothing; set by the platform
    bool grow_bursts = false;  ///< large copies in fewer, larger bursts; set by the platform

    void declare(ParameterSection gpu) {
        gpu.count(copy_engines, "copy_engines", 2, {1, AQPIM_GPU_MOST_COPY_ENGINES},
                  {"copy engines, each with a queue", "open: an H100 has several"});
        gpu.count(streams, "streams", 2, {1, AQPIM_GPU_MOST_STREAMS},
                  {"queues of kernels, which share the compute unit", "open"});
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
                 {"from a kernel's descriptor to its start at the earliest: hidden behind the kernels before it",
                  "open: system.md §4 gives 6.87 us to 8.29 us for whole small kernels"});
        gpu.time(norm_time_ps, "norm_time", "6.87us",
                 {"of one whole norm kernel, its launch included", "system.md §4"});
        gpu.time(activation_time_ps, "activation_time", "8.29us",
                 {"of one whole activation kernel, its launch included", "system.md §4"});
        gpu.size(copy_burst_bytes, "copy_burst", "4KiB", {"bytes a copy engine asks for at once", "open"});
        gpu.count(copy_outstanding, "copy_outstanding", 32, {1, 1024}, {"bursts in flight of one copy engine", "open"});
        gpu.time(semaphore_poll_ps, "semaphore_poll", "1us",
                 {"from one read of a semaphore that is waited for to the next", "open"});
        gpu.count(queue_prefetch, "queue_prefetch", 4, {1, 64}, {"descriptors fetched ahead, of each queue", "open"});
    }
};

}  // namespace aqpim

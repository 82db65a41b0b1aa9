#include "models/gpu/roofline.h"

#include <algorithm>
#include <cmath>

namespace aqpim {

KernelTime roofline(const GpuParameters& gpu, const KernelWork& work) {
    constexpr double ps_per_second = 1e12;
    constexpr double longest_ps = 0x1p62;  // slower memories than any that exist, so that the count has room
    const double compute = static_cast<double>(work.flop) / (gpu.peak_flop_per_second * gpu.sustained_compute);
    const double memory =
        static_cast<double>(work.bytes) / (static_cast<double>(gpu.memory_bandwidth) * gpu.sustained_bandwidth);
    const double time_ps = std::ceil(std::max(compute, memory) * ps_per_second);
    return {static_cast<Picoseconds>(std::min(time_ps, longest_ps)),
            compute > memory ? KernelBound::compute : KernelBound::memory};
}

}  // namespace aqpim

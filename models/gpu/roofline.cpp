#include "models/gpu/roofline.h"

#include <algorithm>
#include <cmath>

namespace aqpim {

Picoseconds roofline_ps(const GpuParameters& gpu, double flop, double bytes) {
    constexpr double ps_per_second = 1e12;
    const double compute = flop / (gpu.peak_flop_per_second * gpu.sustained_compute);
    const double memory = bytes / (static_cast<double>(gpu.memory_bandwidth) * gpu.sustained_bandwidth);
    return gpu.kernel_overhead_ps + static_cast<Picoseconds>(std::ceil(std::max(compute, memory) * ps_per_second));
}

}  // namespace aqpim

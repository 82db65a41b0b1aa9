#pragma once

#include <cstdint>

#include "models/gpu/gpu_parameters.h"

namespace aqpim {

/// What a kernel does: operations, and bytes of GPU memory that it reads and writes.
struct KernelWork {
    std::uint64_t flop = 0;
    std::uint64_t bytes = 0;
};

/// What a kernel's time follows from: the peak rate, the memory's bandwidth, or neither.
enum class KernelBound : std::uint8_t { compute, memory, fixed };

struct KernelTime {
    Picoseconds time_ps = 0;
    KernelBound bound = KernelBound::fixed;
};

/// Time of a kernel from its start to its end: the larger of operations and bytes at their sustained rates (Williams et
/// al., "Roofline", CACM 2009). Its launch is not in it.
KernelTime roofline(const GpuParameters& gpu, const KernelWork& work);

}  // namespace aqpim

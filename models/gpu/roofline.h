#pragma once

#include "models/gpu/gpu_parameters.h"

namespace aqpim {

/// Time of a kernel that does `flop` operations on `bytes` of GPU memory: the larger of the two at their sustained
/// rates, and the launch overhead (Williams et al., "Roofline", CACM 2009).
Picoseconds roofline_ps(const GpuParameters& gpu, double flop, double bytes);

}  // namespace aqpim

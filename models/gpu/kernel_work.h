#pragma once

#include <optional>

#include "aqpim/gpu.h"
#include "models/gpu/roofline.h"

namespace aqpim {

/// A kernel's operations and bytes, from its descriptor (firmware/include/aqpim/gpu.h). Nothing if a field is out of
/// its range, or if operations or bytes exceed `most_work`.
std::optional<KernelWork> work_of(const aqpim_gpu_kernel& kernel);
std::optional<KernelWork> work_of(const aqpim_gpu_pack& pack);
std::optional<KernelWork> work_of(const aqpim_gpu_importance& importance);
std::optional<KernelWork> work_of(const aqpim_gpu_matmul& matmul);
std::optional<KernelWork> work_of(const aqpim_gpu_attention& attention);

inline constexpr std::uint64_t most_work = std::uint64_t{1} << 60;

}  // namespace aqpim

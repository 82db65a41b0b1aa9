#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/gpu.h"
#include "models/gpu/kernel_memory.h"

namespace aqpim {

/// What the kernels that produce data do to the GPU's memory. The descriptors' fields are in range (work_of); accesses
/// outside the memory are thrown as KernelAddressError.
void pack(KernelMemory& memory, const aqpim_gpu_pack& descriptor);
void weigh_importance(KernelMemory& memory, const aqpim_gpu_importance& descriptor);

/// `tokens`: as token_counts() gives them. On all cores; the result does not depend on how many there are.
void attend(KernelMemory& memory, const aqpim_gpu_attention& descriptor, const std::vector<std::uint32_t>& tokens);

/// Tokens of each sequence. Empty if one has none or more than `most_tokens`, or their sum is not `total_tokens`.
std::vector<std::uint32_t> token_counts(const KernelMemory& memory, const aqpim_gpu_attention& descriptor);

}  // namespace aqpim

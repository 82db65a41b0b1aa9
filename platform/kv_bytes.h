#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/job.h"
#include "platform/workload.h"

namespace aqpim {

/// Keys and values of all tokens at the end of the job, in 16 bits.
std::uint64_t kv_bytes_fp16(const aqpim_job& job, const std::vector<aqpim_job_sequence>& sequences);

/// What codebooks, codes, parameters of uniform quantization and uncompressed tokens of the layers that are kept where
/// the job asks for it take without padding to whole columns of every bank.
std::uint64_t kv_bytes_packed(const aqpim_job& job, const std::vector<aqpim_job_sequence>& sequences);

/// The first layers, whose cache is where the job asks for it; the others' has overflowed into RAM.
std::uint32_t kept_layers(const aqpim_job& job);

/// What firmware needs of RAM to keep the cache there in 16 bits: layer after layer, K and V on whole pages of 4 KiB
/// each, every sequence with room for the longest.
std::uint64_t host_kv_bytes(const Shape& shape);

}  // namespace aqpim

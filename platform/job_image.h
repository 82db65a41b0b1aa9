#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/job.h"
#include "platform/configuration.h"
#include "platform/inputs.h"

namespace aqpim {

/// A job as it is handed to the firmware (aqpim/job.h), but for what lies in RAM, of which `host_kv_bytes` is what is
/// needed, and the contents of the GPU's memory that go with it.
struct JobImage {
    struct Buffer {
        std::uint64_t address = 0;
        std::vector<std::uint16_t> words;
    };

    aqpim_job job{};
    std::vector<Buffer> buffers;
    std::vector<aqpim_job_sequence> sequences;
};

/// Lays out `inputs` in `gpu_memory_bytes` of the GPU's memory. With sim.data = timing there are no buffers, and
/// layers, steps and sequences share one place. Throws InputError when the memory is too small.
JobImage make_job(const Configuration& configuration, const Inputs& inputs, std::uint64_t gpu_memory_bytes);

/// How the job's tensors, and what stands in the PIM memory, are stored.
inline Arithmetic stored_arithmetic(const aqpim_job& job) {
    return (job.flags & AQPIM_JOB_BF16) != 0 ? Arithmetic::bf16 : Arithmetic::fp16_fp32;
}

/// Values of the job's gpu_queries or gpu_output: float32 [batch, steps, layers, heads, head_dim].
Tensor outputs_of(const aqpim_job& job, const std::vector<std::uint16_t>& words);
/// Of gpu_output, in 16-bit words.
std::size_t output_words(const aqpim_job& job);

}  // namespace aqpim

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aqpim/job.h"
#include "models/common/sparse_memory.h"
#include "models/dram/organization.h"
#include "platform/channel_order.h"

namespace aqpim {

/// The code of a token that is kept uncompressed.
inline constexpr std::uint16_t uncoded = 65535;

/// What a job has left: its tables in RAM (aqpim/job.h), and the PIM memory they describe.
struct JobRemains {
    const aqpim_job& job;
    const std::vector<aqpim_job_object>& objects;
    const std::vector<aqpim_job_sequence>& sequences;
    SparseMemory& store;
    const dram::Organization& organization;

    std::uint32_t tokens(std::size_t sequence) const { return sequences[sequence].prompt + job.steps; }
};

/// One side (keys or values) of the quantized cache, as it lies in the PIM memory at the end of a run. `tokens` and
/// `windows` are those of the sequence that has most.
struct PqContents {
    std::size_t tokens = 0;
    std::size_t windows = 0;
    std::vector<float> codebook;        ///< [batch][layers][kv_heads][windows][subvectors][centroids][dims], else 0
    std::vector<std::uint16_t> codes;   ///< [batch][layers][kv_heads][tokens][subvectors], else `uncoded`
    std::vector<std::uint16_t> window;  ///< [batch][tokens]: the window that a token's codes refer to
    /// Of uniform quantization, instead of these: [batch][layers][kv_heads][tokens][head_dim], what the codes stand
    /// for, NaN where a token has none.
    std::vector<float> vectors;
};

/// Reads what the tables point at. Empty where they name no place of this memory, or a code names no centroid; with
/// fp16 there is no codebook.
PqContents read_pq_contents(const JobRemains& remains, bool is_value);
/// The same for uniform quantization: keys per channel, values per token.
PqContents read_uniform_contents(const JobRemains& remains, bool is_value);

/// Files of `--dump-pq` (interfaces of the command line: docs/formats.md) for one side, "k" or "v"; `path` gives each
/// file's place by its name. Without `order` channels are where the tensors have them.
void write_pq_dump(const PqContents& contents, const aqpim_job& job, const std::optional<ChannelOrder>& order,
                   const std::string& side, const std::function<std::string(const std::string&)>& path);

}  // namespace aqpim

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aqpim/job.h"
#include "models/common/sparse_memory.h"
#include "models/dram/organization.h"

namespace aqpim {

/// The code of a token that is kept uncompressed.
inline constexpr std::uint16_t uncoded = 65535;

/// One side (keys or values) of the quantized cache, as it lies in the PIM memory at the end of a run.
struct PqContents {
    std::vector<float> codebook;       ///< [layers][kv_heads][1 window][subvectors][centroids][dims]
    std::vector<std::uint16_t> codes;  ///< [layers][kv_heads][tokens][subvectors], `uncoded` where a token has none
};

/// Reads what the table of `objects` (aqpim/job.h) points at. Empty where the table names no place of this memory.
PqContents read_pq_contents(SparseMemory& store, const dram::Organization& organization, const aqpim_job& job,
                            const std::vector<aqpim_job_object>& objects, bool values);

/// Files of `--dump-pq` (interfaces of the command line: docs/formats.md) for one side, "k" or "v"; `path` gives each
/// file's place by its name.
void write_pq_dump(const PqContents& contents, const aqpim_job& job, const std::string& side,
                   const std::function<std::string(const std::string&)>& path);

}  // namespace aqpim

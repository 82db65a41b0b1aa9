#pragma once

#include <vector>

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/common/sparse_memory.h"
#include "models/pim/arithmetic.h"

namespace aqpim {

/// What the commands on uniformly quantized and on uncompressed tokens compute on the contents of the memory.
/// Descriptors have been checked (DescriptorCheck); `sequences` is what the device read from the command's table, one
/// entry for each of its sequences.

/// Scales, zeros and codes of each unit's first `coded` elements. Keys of a sequence without elements get scales of 0.
void compute_quantize(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_quantize& quantize,
                      const std::vector<aqpim_pim_sequence>& sequences, Arithmetic arithmetic);

/// Codes by the channels' scales that QUANTIZE has left, or, with AQPIM_PIM_FLAG_PER_TOKEN, by the token's own.
void compute_append_uniform(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_append& append,
                            const std::vector<aqpim_pim_sequence>& sequences, Arithmetic arithmetic);

/// ATTEND_FP16, which knows no coded tokens, and ATTEND_UNIFORM. A sequence without tokens gets zeros.
void compute_attend_whole(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_attend_whole& attend,
                          const std::vector<aqpim_pim_sequence>& sequences, Arithmetic arithmetic);

}  // namespace aqpim

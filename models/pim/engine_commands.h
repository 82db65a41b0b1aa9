#pragma once

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/common/sparse_memory.h"

namespace aqpim {

/// What each macro command computes on the contents of the memory. Descriptors have been checked (DescriptorCheck).
void compute_cluster(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_cluster& cluster);
void compute_append(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_append& append);
void compute_attend(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_attend& attend);
void compute_attend_fp16(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_attend_fp16& attend);

}  // namespace aqpim

#pragma once

#include <vector>

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/common/sparse_memory.h"
#include "models/pim/arithmetic.h"
#include "models/pim/code_columns.h"

namespace aqpim {

/// What the commands on codes compute on the contents of the memory. Descriptors have been checked (DescriptorCheck);
/// `sequences` is what the device read from the command's table. Units are worked on side by side on all cores, which
/// changes no result.
struct CommandData {
    SparseMemory& store;
    const aqpim_layout& layout;
    const std::vector<aqpim_pim_sequence>& sequences;
    Arithmetic arithmetic;
};
void compute_cluster(const CommandData& data, const aqpim_pim_cluster& cluster, const CodeColumns& codes);
void compute_append(const CommandData& data, const aqpim_pim_append& append, const CodeColumns& codes);
void compute_attend(const CommandData& data, const aqpim_pim_attend& attend, const CodeColumns& key_codes,
                    const CodeColumns& value_codes);

/// Elements of window [first, first + elements) that a sequence of `coded` has.
std::uint32_t elements_in_window(const aqpim_pim_cluster& cluster, std::uint32_t coded);

}  // namespace aqpim

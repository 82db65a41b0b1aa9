#pragma once

#include <vector>

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/dram/organization.h"
#include "models/pim/code_columns.h"
#include "models/pim/pim_parameters.h"

namespace aqpim {

/// Checks a descriptor, and then what its tables say, against what the device can hold: AQPIM_DONE if it may run.
/// AQPIM_BAD_FIELD for a field out of its range, AQPIM_ADDRESS_ERROR for an object beyond the memory or codes beyond
/// their pages, AQPIM_UNSUPPORTED for more than a row or a register file holds.
class DescriptorCheck {
 public:
    using Sequences = std::vector<aqpim_pim_sequence>;

    DescriptorCheck(const dram::Organization& organization, const PimParameters& pim)
        : organization_(organization), pim_(pim) {}

    aqpim_completion_status operator()(const aqpim_pim_cluster& cluster) const;
    aqpim_completion_status operator()(const aqpim_pim_append& append) const;
    aqpim_completion_status operator()(const aqpim_pim_attend& attend) const;
    aqpim_completion_status operator()(const aqpim_pim_attend_whole& attend) const;
    aqpim_completion_status operator()(const aqpim_pim_quantize& quantize) const;

    aqpim_completion_status operator()(const aqpim_pim_cluster& cluster, const Sequences& sequences,
                                       const CodeColumns& codes) const;
    aqpim_completion_status operator()(const aqpim_pim_append& append, const Sequences& sequences,
                                       const CodeColumns& codes) const;
    aqpim_completion_status operator()(const aqpim_pim_attend& attend, const Sequences& sequences,
                                       const CodeColumns& key_codes, const CodeColumns& value_codes) const;
    aqpim_completion_status operator()(const aqpim_pim_attend_whole& attend, const Sequences& sequences) const;
    aqpim_completion_status operator()(const aqpim_pim_quantize& quantize, const Sequences& sequences) const;

    /// fp16 values of which one row holds a table, and the accumulators a histogram.
    std::uint32_t most_centroids() const;

 private:
    bool shape_fits(const aqpim_pim_shape& shape, std::uint32_t sequences) const;
    /// Of a command that uses a codebook.
    aqpim_completion_status check_coded_shape(const aqpim_pim_shape& shape, std::uint32_t sequences) const;
    /// Of a command whose vectors are whole: a group is one or more channels, a vector divides into whole columns.
    aqpim_completion_status check_whole_shape(const aqpim_pim_shape& shape, std::uint32_t sequences) const;
    /// The same, of a command on uniformly quantized tokens.
    aqpim_completion_status check_uniform_shape(const aqpim_pim_shape& shape, std::uint32_t sequences) const;
    aqpim_layout layout_of(const aqpim_pim_shape& shape) const;
    bool table_fits(std::uint64_t table, std::uint32_t sequences) const;
    bool pages_fit(const aqpim_pim_pages& pages) const;
    /// Column ranges {first, count} and linear ranges {address, bytes}.
    bool columns_fit(std::uint64_t first, std::uint64_t count) const;
    bool bytes_fit(std::uint64_t address, std::uint64_t bytes) const;
    bool initial_fits(const aqpim_pim_cluster& cluster, const aqpim_layout& layout) const;
    bool uniform_fits(const aqpim_layout& layout, std::uint64_t codes, std::uint64_t parameters, std::uint32_t elements,
                      std::uint32_t levels, bool per_token) const;

    dram::Organization organization_;
    const PimParameters& pim_;
};

}  // namespace aqpim

#pragma once

#include "aqpim/pim.h"
#include "models/dram/organization.h"

namespace aqpim {

/// Checks a descriptor against what the device can hold: AQPIM_DONE if it may run. AQPIM_BAD_FIELD for a field out of
/// its range, AQPIM_ADDRESS_ERROR for an object beyond the memory, AQPIM_UNSUPPORTED for more centroids than a row
/// holds.
class DescriptorCheck {
 public:
    explicit DescriptorCheck(const dram::Organization& organization) : organization_(organization) {}

    aqpim_completion_status operator()(const aqpim_pim_cluster& cluster) const;
    aqpim_completion_status operator()(const aqpim_pim_append& append) const;
    aqpim_completion_status operator()(const aqpim_pim_attend& attend) const;
    aqpim_completion_status operator()(const aqpim_pim_attend_fp16& attend) const;

    /// fp16 values of which one row holds a table.
    std::uint32_t most_centroids() const { return organization_.row_bytes() / 2; }

 private:
    bool shape_fits(const aqpim_pim_shape& shape) const;
    aqpim_completion_status check_coded_shape(const aqpim_pim_shape& shape) const;
    /// Column ranges {first, count} and linear ranges {address, bytes}.
    bool columns_fit(std::uint64_t first, std::uint64_t count) const;
    bool bytes_fit(std::uint64_t address, std::uint64_t bytes) const;

    dram::Organization organization_;
};

}  // namespace aqpim

#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/pim.h"
#include "models/common/sparse_memory.h"

namespace aqpim {

/// The columns of an object's codes, page by page, as its table of extents (aqpim/pim.h) names them.
class CodeColumns {
 public:
    CodeColumns() = default;
    /// Reads the table; what lies beyond the memory's `columns` is left out, and nothing is read of a table that is
    /// longer than that.
    CodeColumns(const SparseMemory& store, const aqpim_pim_pages& pages, std::uint64_t columns);
    /// One extent: for objects that lie in one piece.
    CodeColumns(std::uint32_t column, std::uint32_t columns) : extents_{{column, columns}} {}

    std::uint64_t size() const;
    /// The column at place `index` < size() of the object.
    std::uint32_t at(std::uint64_t index) const;
    const std::vector<aqpim_pim_extent>& extents() const { return extents_; }

 private:
    std::vector<aqpim_pim_extent> extents_;
};

}  // namespace aqpim

#include "models/pim/code_columns.h"

#include <algorithm>
#include <stdexcept>

namespace aqpim {

CodeColumns::CodeColumns(const SparseMemory& store, const aqpim_pim_pages& pages, std::uint64_t columns) {
    const std::uint64_t count = std::min<std::uint64_t>(pages.count, columns);
    for (std::uint64_t index = 0; index < count; ++index) {
        aqpim_pim_extent extent;
        store.read(pages.extents + index * sizeof extent, reinterpret_cast<std::uint8_t*>(&extent), sizeof extent);
        const std::uint64_t first = std::min<std::uint64_t>(extent.column, columns);
        extent.columns = static_cast<std::uint32_t>(std::min<std::uint64_t>(extent.columns, columns - first));
        extents_.push_back(extent);
    }
}

std::uint64_t CodeColumns::size() const {
    std::uint64_t columns = 0;
    for (const aqpim_pim_extent& extent : extents_) {
        columns += extent.columns;
    }
    return columns;
}

std::uint32_t CodeColumns::at(std::uint64_t index) const {
    for (const aqpim_pim_extent& extent : extents_) {
        if (index < extent.columns) {
            return extent.column + static_cast<std::uint32_t>(index);
        }
        index -= extent.columns;
    }
    throw std::out_of_range("codes beyond their pages");
}

}  // namespace aqpim

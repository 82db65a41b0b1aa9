#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/pim_layout.h"
#include "models/common/sparse_memory.h"
#include "models/pim/code_columns.h"

namespace aqpim {

/// Words one after the other at an address, as the interface brings and fetches them.
std::vector<std::uint16_t> read_words(const SparseMemory& store, std::uint64_t address, std::size_t count);

/// The objects of one unit in the banks of its group, by the layout of aqpim/pim_layout.h: what the engines find in the
/// rows of their banks. Values are 16-bit words: how they encode numbers is the caller's matter.
class HeadData {
 public:
    HeadData(SparseMemory& store, const aqpim_layout& layout, std::uint32_t subvectors, std::uint32_t group);

    std::uint32_t dims() const { return layout_.subvector_bytes / 2; }

    /// Subvector `i` of elements `first` to `first + elements - 1` of the object at `column`: [elements][dims].
    std::vector<std::uint16_t> read_vectors(std::uint32_t column, std::uint32_t i, std::uint32_t first,
                                            std::uint32_t elements) const;
    void write_vectors(std::uint32_t column, std::uint32_t i, std::uint32_t first,
                       const std::vector<std::uint16_t>& values);

    /// Subvector `i`'s centroids of the codebook at `column`: [centroids][dims].
    std::vector<std::uint16_t> read_codebook(std::uint32_t column, std::uint32_t i, std::uint32_t centroids) const;
    void write_codebook(std::uint32_t column, std::uint32_t i, const std::vector<std::uint16_t>& centroids);

    /// Packed codes of subvector `i` of elements `first` and on.
    std::vector<std::uint16_t> read_codes(const CodeColumns& columns, std::uint32_t i, std::uint32_t first,
                                          std::uint32_t elements, std::uint32_t centroids) const;
    void write_codes(const CodeColumns& columns, std::uint32_t i, std::uint32_t first,
                     const std::vector<std::uint16_t>& codes, std::uint32_t centroids);

 private:
    template <class Visit>
    void for_each_table_run(std::uint32_t column, std::uint32_t i, std::uint32_t centroids, std::uint32_t dim,
                            std::uint32_t split, Visit visit) const;
    std::uint64_t address(std::uint64_t column, std::uint32_t i, std::uint32_t split, std::uint32_t byte) const;

    SparseMemory& store_;
    aqpim_layout layout_;
    std::uint32_t subvectors_;
    std::uint32_t group_;
};

}  // namespace aqpim

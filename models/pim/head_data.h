#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/pim_layout.h"
#include "models/common/sparse_memory.h"

namespace aqpim {

/// The objects of one KV head in the banks of its channel group, by the layout of aqpim/pim_layout.h: what the engines
/// find in the rows of their banks. fp16 values are held in floats.
class HeadData {
 public:
    HeadData(SparseMemory& store, const aqpim_layout& layout, std::uint32_t subvectors, std::uint32_t head);

    std::uint32_t dims() const { return layout_.subvector_bytes / 2; }

    /// Subvector `i` of elements 0 to `elements` - 1 of the object at `column`: [elements][dims].
    std::vector<float> read_vectors(std::uint32_t column, std::uint32_t i, std::uint32_t elements) const;
    void write_vectors(std::uint32_t column, std::uint32_t i, const std::vector<float>& values);
    /// Subvector `i` of one element: [dims].
    std::vector<float> read_vector(std::uint32_t column, std::uint32_t i, std::uint32_t element) const;
    void write_vector(std::uint32_t column, std::uint32_t i, std::uint32_t element, const std::vector<float>& values);

    /// Packed codes of subvector `i`.
    std::vector<std::uint16_t> read_codes(std::uint32_t column, std::uint32_t i, std::uint32_t elements,
                                          std::uint32_t centroids) const;
    void write_codes(std::uint32_t column, std::uint32_t i, const std::vector<std::uint16_t>& codes,
                     std::uint32_t centroids);
    void write_code(std::uint32_t column, std::uint32_t i, std::uint32_t element, std::uint16_t code,
                    std::uint32_t centroids);

 private:
    /// Bytes of one bank's share of subvector `i`, in split `split`.
    std::vector<std::uint8_t> read_share(std::uint32_t column, std::uint32_t i, std::uint32_t split,
                                         std::uint32_t bytes) const;
    void write_share(std::uint32_t column, std::uint32_t i, std::uint32_t split, std::uint64_t first_byte,
                     const std::uint8_t* data, std::uint32_t bytes);
    std::uint64_t address(std::uint32_t column, std::uint32_t i, std::uint32_t split, std::uint64_t byte) const;

    SparseMemory& store_;
    aqpim_layout layout_;
    std::uint32_t subvectors_;
    std::uint32_t head_;
};

}  // namespace aqpim

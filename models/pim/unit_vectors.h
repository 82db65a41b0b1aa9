#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/common/sparse_memory.h"
#include "models/pim/head_data.h"
#include "models/pim/uniform_quantizer.h"

namespace aqpim {

/// The objects of one unit as whole vectors of head_dim, collected from the banks of its subvectors: uncompressed
/// vectors, uniform codes and their parameters (aqpim/pim_layout.h). Uniform codes take whole 16-bit words of each
/// subvector.
class UnitVectors {
 public:
    UnitVectors(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_shape& shape, std::uint32_t group,
                Arithmetic arithmetic)
        : store_(store), layout_(layout), shape_(shape), group_(group), arithmetic_(arithmetic) {}

    /// A vector in `blocks` objects, `stride` columns apart, of equally many dimensions each.
    struct Place {
        std::uint32_t column;
        std::uint32_t blocks = 1;
        std::uint32_t stride = 0;
    };

    /// [elements][head_dim]
    std::vector<float> read(const Place& place, std::uint32_t first, std::uint32_t elements) const;
    void write(const Place& place, std::uint32_t first, const std::vector<float>& values);

    /// Codes of elements 0 to `elements` - 1: [elements][head_dim].
    std::vector<std::uint8_t> read_codes(std::uint32_t column, std::uint32_t elements) const;
    void write_codes(std::uint32_t column, std::uint32_t first, const std::vector<std::uint8_t>& codes);

    /// Of each channel: [head_dim].
    std::vector<UniformParameters> read_channel_parameters(std::uint32_t column) const;
    void write_channel_parameters(std::uint32_t column, const std::vector<UniformParameters>& parameters);

    /// Of elements 0 to `elements` - 1.
    std::vector<UniformParameters> read_token_parameters(std::uint32_t column, std::uint32_t elements) const;
    void write_token_parameters(std::uint32_t column, std::uint32_t first,
                                const std::vector<UniformParameters>& parameters);

 private:
    HeadData packed_codes() const;
    HeadData token_parameters() const;
    template <typename Visit>
    void for_each_part(const Place& place, const Visit& visit) const;
    template <typename Visit>
    void for_each_code(const Visit& visit) const;

    SparseMemory& store_;
    aqpim_layout layout_;
    aqpim_pim_shape shape_;
    std::uint32_t group_;
    Arithmetic arithmetic_;
};

}  // namespace aqpim

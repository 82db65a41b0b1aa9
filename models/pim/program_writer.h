#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "models/pim/programs.h"

namespace aqpim {

inline constexpr std::uint32_t half_bytes = 2;
inline constexpr std::uint32_t float_bytes = 4;

inline std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

/// Counts that the busiest channel of a group sees.
struct Counts {
    std::uint32_t banks;       ///< that hold a share of some subvector
    std::uint32_t splits;      ///< token shares in this channel
    std::uint32_t subvectors;  ///< different ones in this channel
    std::uint32_t dims;        ///< of a subvector
    std::uint32_t slots;

    Counts(const aqpim_layout& layout, std::uint32_t m)
        : banks(std::min<std::uint32_t>(
              layout.banks_per_channel,
              aqpim_ceil_div(std::min(layout.splits * m, layout.banks), layout.group_channels))),
          splits(aqpim_ceil_div(banks, m)),
          subvectors(std::min(m, banks * layout.slots)),
          dims(layout.subvector_bytes / half_bytes),
          slots(layout.slots) {}
};

/// What the three programs share: a builder, the counts and the moves.
class ProgramWriter {
 public:
    ProgramWriter(const ProgramContext& context, const aqpim_pim_shape& shape)
        : pim_(context.pim),
          layout_(context.layout),
          shape_(shape),
          counts_(context.layout, shape.subvectors),
          builder_(context.columns_per_row, context.layout.group_channels) {}

 protected:
    /// Elements in the busiest bank.
    std::uint32_t local(std::uint32_t elements) const { return aqpim_ceil_div(elements, layout_.splits); }
    std::uint32_t columns(std::uint64_t bytes) const {
        return static_cast<std::uint32_t>(ceil_div(bytes, AQPIM_BURST_BYTES));
    }
    std::uint64_t outputs(std::uint64_t results) const { return ceil_div(results, pim_.outputs_per_move); }

    void move_to_buffer(std::string_view name, std::uint64_t moves) {
        builder_.stage(name, PimUnit::moves);
        builder_.add(dram::Command::PIM_MV_BA, moves);
    }
    void move_to_banks(std::string_view name, std::uint64_t moves) {
        builder_.stage(name, PimUnit::moves);
        builder_.add(dram::Command::PIM_MV_BF, moves);
    }
    /// Writes `moves` bursts into the row of `column` in the banks.
    void store(std::string_view name, std::uint32_t column, std::uint64_t moves) {
        builder_.stage(name, PimUnit::moves);
        builder_.in_row(dram::Command::PIM_MV_BF_ROW, column, moves);
    }

    const PimParameters& pim_;
    aqpim_layout layout_;
    aqpim_pim_shape shape_;
    Counts counts_;
    ProgramBuilder builder_;
};

}  // namespace aqpim

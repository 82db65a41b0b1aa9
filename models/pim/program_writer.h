#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "models/pim/programs.h"

namespace aqpim {

inline constexpr std::uint32_t half_bytes = 2;
inline constexpr std::uint32_t half_bits = 16;
inline constexpr std::uint32_t float_bytes = 4;

inline std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

/// Counts that the busiest channel of a group sees, over the groups that share it.
struct Counts {
    std::uint32_t groups;      ///< that share the channel
    std::uint32_t banks;       ///< that hold a share of some subvector
    std::uint32_t splits;      ///< token shares
    std::uint32_t subvectors;  ///< different ones
    std::uint32_t dims;        ///< of a subvector
    std::uint32_t slots;

    Counts(const aqpim_layout& layout, std::uint32_t m)
        : groups(aqpim_groups_in_channel(&layout)),
          banks(groups * std::min(layout.banks_per_channel, aqpim_ceil_div(std::min(layout.splits * m, layout.banks),
                                                                           aqpim_channels_of_group(&layout)))),
          splits(groups * aqpim_ceil_div(banks / groups, m)),
          subvectors(groups * std::min(m, banks / groups * layout.slots)),
          dims(layout.subvector_bytes / half_bytes),
          slots(layout.slots) {}
};

/// Writes a program step by step.
class ProgramWriter {
 public:
    using Step = std::size_t;  ///< its index
    using After = std::vector<Step>;

    ProgramWriter(const ProgramContext& context, const aqpim_pim_shape& shape)
        : pim_(context.pim),
          layout_(context.layout),
          columns_per_row_(context.columns_per_row),
          shape_(shape),
          counts_(context.layout, shape.subvectors) {}

 protected:
    Step add(std::string_view name, PimUnit unit, std::vector<dram::PimCommand> commands, After after = {}) {
        program_.push_back({name, unit, std::move(commands), std::move(after)});
        return program_.size() - 1;
    }
    /// `count` bursts that touch no row; the step is there even for none.
    Step move(std::string_view name, dram::Command command, std::uint64_t count, After after = {}) {
        std::vector<dram::PimCommand> commands;
        if (count != 0) {
            commands.push_back({command, static_cast<std::uint32_t>(count)});
        }
        return add(name, PimUnit::moves, std::move(commands), std::move(after));
    }
    Step move_to_buffer(std::string_view name, std::uint64_t results, After after) {
        return move(name, dram::Command::PIM_MV_BA, ceil_div(results, pim_.outputs_per_move), std::move(after));
    }
    /// The step before waits for its predecessors on every channel of its group.
    Step join(Step step) {
        program_[step].joins_group = true;
        return step;
    }

    /// `times` commands on each of `columns` columns of every bank from column index `first`, row by row.
    void sweep(std::vector<dram::PimCommand>& commands, dram::Command command, std::uint32_t first,
               std::uint32_t columns, std::uint64_t times = 1) const {
        while (columns != 0) {
            const std::uint32_t in_row = first % columns_per_row_;
            const std::uint32_t run = std::min(columns, columns_per_row_ - in_row);
            commands.push_back({command, static_cast<std::uint32_t>(run * times), first / columns_per_row_, in_row});
            first += run;
            columns -= run;
        }
    }
    Step sweep(std::string_view name, dram::Command command, std::uint32_t first, std::uint32_t columns, After after,
               std::uint64_t times = 1) {
        std::vector<dram::PimCommand> commands;
        sweep(commands, command, first, columns, times);
        return add(name, PimUnit::bank_engines, std::move(commands), std::move(after));
    }

    /// MAC slots on one column for `queries` query heads that share it.
    std::uint64_t slots_for(std::uint32_t queries) const { return ceil_div(queries, pim_.queries_per_slot); }

    /// Elements in the busiest bank.
    std::uint32_t local(std::uint32_t elements) const { return aqpim_ceil_div(elements, layout_.splits); }
    static std::uint32_t columns(std::uint64_t bytes) {
        return static_cast<std::uint32_t>(ceil_div(bytes, AQPIM_BURST_BYTES));
    }

    const PimParameters& pim_;
    aqpim_layout layout_;
    std::uint32_t columns_per_row_;
    aqpim_pim_shape shape_;
    Counts counts_;
    LaneProgram program_;
};

}  // namespace aqpim

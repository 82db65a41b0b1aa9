#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/pim/group_run.h"
#include "models/pim/programs.h"

namespace aqpim {

inline std::uint64_t bytes_of(const std::vector<aqpim_pim_sequence>& sequences) {
    return sequences.size() * sizeof(aqpim_pim_sequence);
}

/// The groups of a command: those that share channels, or one, go together.
struct Placement {
    const aqpim_layout& layout;
    std::uint32_t heads;
    std::uint32_t sequences;

    std::uint32_t programs() const { return aqpim_ceil_div(heads * sequences, in_channel()); }
    std::uint32_t in_channel() const { return aqpim_groups_in_channel(&layout); }
    std::uint32_t channels() const { return aqpim_channels_of_group(&layout); }
    /// Calls `visit` with the sequence of each group of program `index`.
    template <class Visit>
    void for_each_sequence(std::uint32_t index, Visit visit) const {
        const std::uint32_t end = std::min((index + 1) * in_channel(), heads * sequences);
        for (std::uint32_t group = index * in_channel(); group < end; ++group) {
            visit(group % sequences);
        }
    }
};

inline UnitLength longest_of(const Placement& placement, std::uint32_t index,
                             const std::vector<aqpim_pim_sequence>& sequences) {
    UnitLength longest{0, 0, 1};
    placement.for_each_sequence(index, [&](std::uint32_t s) {
        longest.coded = std::max(longest.coded, sequences[s].coded);
        longest.uncoded = std::max(longest.uncoded, sequences[s].uncoded);
        longest.windows = std::max(longest.windows, sequences[s].windows);
    });
    return longest;
}

/// Where the first of a program's groups that stores a vector stores it, and where the first that encodes one puts its
/// code: `column_of_slot` and `column_of_element` say it of each.
template <class ColumnOfSlot, class ColumnOfElement>
AppendWork append_work(const Placement& placement, std::uint32_t index,
                       const std::vector<aqpim_pim_sequence>& sequences, ColumnOfSlot column_of_slot,
                       ColumnOfElement column_of_element) {
    AppendWork work{};
    placement.for_each_sequence(index, [&](std::uint32_t s) {
        if (sequences[s].slot != AQPIM_PIM_NONE && !work.stores) {
            work.stores = true;
            work.column_uncoded = column_of_slot(sequences[s].slot / placement.layout.splits);
        }
        if (sequences[s].element != AQPIM_PIM_NONE && !work.encodes) {
            work.encodes = true;
            work.column_code = column_of_element(sequences[s].element / placement.layout.splits);
        }
    });
    return work;
}

/// A program for each group, or for each channel that groups share.
template <class Work, class WorkOf, class Make>
std::vector<GroupProgram> group_programs(const Placement& placement, ProgramSet<Work>& programs, WorkOf work_of,
                                         Make make) {
    std::vector<GroupProgram> groups;
    for (std::uint32_t index = 0; index < placement.programs(); ++index) {
        const Work work = work_of(index);
        groups.push_back({programs.get(work, make), index * placement.channels(), placement.channels()});
    }
    return groups;
}

}  // namespace aqpim

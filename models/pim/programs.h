#pragma once

#include <vector>

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/pim/code_columns.h"
#include "models/pim/lane_program.h"
#include "models/pim/pim_parameters.h"

namespace aqpim {

/// What a command program depends on beside its descriptor.
struct ProgramContext {
    const PimParameters& pim;
    aqpim_layout layout;
    std::uint32_t columns_per_row;
    std::uint32_t bank_groups;  ///< of a rank
};

/// Tokens of one unit.
struct UnitLength {
    std::uint32_t coded;
    std::uint32_t uncoded;
    std::uint32_t windows = 1;  ///< of its codes
    bool operator==(const UnitLength&) const = default;
};

/// The commands that each macro command (firmware/include/aqpim/pim.h) makes on the channels of one group, by the order
/// of system.md §3. Groups that share a channel run one program, which serves the longest of them: commands address all
/// banks of a channel. Where the paper leaves the steps open, docs/pim.md says what was assumed.

/// `elements`: of the window that the longest unit has.
LaneProgram cluster_program(const ProgramContext& context, const aqpim_pim_cluster& cluster, const CodeColumns& codes,
                            std::uint32_t elements);

/// What happens in a channel's groups: whether any of them stores a vector, or encodes one.
struct AppendWork {
    bool stores;
    bool encodes;
    std::uint32_t column_uncoded;  ///< of the slot written, in the first of them that stores
    std::uint32_t column_code;     ///< of the code written
    bool operator==(const AppendWork&) const = default;
};
LaneProgram append_program(const ProgramContext& context, const aqpim_pim_append& append, const AppendWork& work);

LaneProgram attend_program(const ProgramContext& context, const aqpim_pim_attend& attend, const CodeColumns& key_codes,
                           const CodeColumns& value_codes, const UnitLength& longest);

/// `units`: what a group serves one after the other, in the order of sets.
LaneProgram attend_whole_program(const ProgramContext& context, const aqpim_pim_attend_whole& attend,
                                 const std::vector<UnitLength>& units);
/// `elements`: of the longest unit.
LaneProgram quantize_program(const ProgramContext& context, const aqpim_pim_quantize& quantize, std::uint32_t elements);
/// APPEND with AQPIM_PIM_FLAG_UNIFORM.
LaneProgram append_uniform_program(const ProgramContext& context, const aqpim_pim_append& append,
                                   const AppendWork& work);

}  // namespace aqpim

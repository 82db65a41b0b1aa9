#pragma once

#include "aqpim/pim.h"
#include "aqpim/pim_layout.h"
#include "models/pim/lane_program.h"
#include "models/pim/pim_parameters.h"
#include "models/pim/program_builder.h"

namespace aqpim {

/// What a command program depends on beside its descriptor. Every channel of every group runs the same program.
struct ProgramContext {
    const PimParameters& pim;
    aqpim_layout layout;
    std::uint32_t columns_per_row;
    std::uint32_t bank_groups;  ///< of a rank
};

/// The commands that each macro command (firmware/include/aqpim/pim.h) makes on a channel, by the order of system.md
/// §3. Where the paper leaves the steps open, docs/pim.md says what was assumed.
PimProgram cluster_program(const ProgramContext& context, const aqpim_pim_cluster& cluster);
PimProgram append_program(const ProgramContext& context, const aqpim_pim_append& append);
PimProgram attend_program(const ProgramContext& context, const aqpim_pim_attend& attend);
LaneProgram attend_fp16_program(const ProgramContext& context, const aqpim_pim_attend_fp16& attend);

}  // namespace aqpim

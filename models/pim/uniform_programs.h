#pragma once

#include "models/pim/programs.h"

namespace aqpim {

/// APPEND with AQPIM_PIM_FLAG_UNIFORM on the channels of one group. `value_block_stride`: columns between the blocks of
/// an uncompressed value.
LaneProgram append_uniform_program(const ProgramContext& context, const aqpim_pim_append& append,
                                   const AppendWork& work, std::uint32_t value_block_stride);

}  // namespace aqpim

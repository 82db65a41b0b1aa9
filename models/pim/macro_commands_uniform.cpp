#include "models/pim/pim_device.h"
#include "models/pim/placement.h"
#include "models/pim/uniform_commands.h"

namespace aqpim {

aqpim_completion_status PimDevice::execute_append_uniform(const aqpim_pim_append& append, const Sequences& sequences) {
    if (const auto status = check_(append, sequences, {}); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(append.shape);
    const Placement placement{program_context.layout, append.shape.heads, append.sequences};
    const aqpim_layout& layout = program_context.layout;
    const aqpim_layout packed = aqpim_uniform_layout(&layout, append.shape.centroids);
    const bool per_token = (append.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    const std::uint32_t blocks =
        per_token ? aqpim_fp16_value_blocks(append.shape.head_dim, append.shape.subvectors) : 1;
    const auto slot_column = [&](std::uint32_t local) {
        return append.column_uncoded + local * layout.subvector_bytes / blocks / AQPIM_BURST_BYTES;
    };
    const auto code_column = [&](std::uint32_t local) {
        return append.column_codes + local * packed.subvector_bytes / AQPIM_BURST_BYTES;
    };
    ProgramSet<AppendWork> programs;
    const auto groups = group_programs(
        placement, programs,
        [&](std::uint32_t index) { return append_work(placement, index, sequences, slot_column, code_column); },
        [&](const AppendWork& work) { return append_uniform_program(program_context, append, work); });
    run("APPEND", groups, Activity::pim_quantize, bytes_of(sequences));
    if (parameters_.functional) {
        compute_append_uniform(memory_.store(), program_context.layout, append, sequences, arithmetic_);
    }
    return AQPIM_DONE;
}

aqpim_completion_status PimDevice::execute_quantize(const aqpim_pim_quantize& quantize) {
    if (const auto status = check_(quantize); status != AQPIM_DONE) {
        return status;
    }
    const Sequences sequences = read_sequences(quantize.table, quantize.sequences);
    if (const auto status = check_(quantize, sequences); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(quantize.shape);
    const Placement placement{program_context.layout, quantize.shape.heads, quantize.sequences};
    ProgramSet<std::uint32_t> programs;
    const auto groups = group_programs(
        placement, programs, [&](std::uint32_t index) { return longest_of(placement, index, sequences).coded; },
        [&](std::uint32_t elements) { return quantize_program(program_context, quantize, elements); });
    run("QUANTIZE", groups, Activity::pim_quantize, bytes_of(sequences));
    if (parameters_.functional) {
        compute_quantize(memory_.store(), program_context.layout, quantize, sequences, arithmetic_);
    }
    return AQPIM_DONE;
}

}  // namespace aqpim

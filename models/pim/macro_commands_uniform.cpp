#include "models/pim/pim_device.h"
#include "models/pim/placement.h"
#include "models/pim/uniform_commands.h"
#include "models/pim/uniform_programs.h"

namespace aqpim {

namespace {

AppendWork append_work(const Placement& placement, std::uint32_t index, const aqpim_pim_append& append,
                       const std::vector<aqpim_pim_sequence>& sequences) {
    const aqpim_layout& layout = placement.layout;
    const aqpim_layout packed = aqpim_uniform_layout(&layout, append.shape.centroids);
    const std::uint32_t blocks = (append.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0
                                     ? aqpim_fp16_value_blocks(append.shape.head_dim, append.shape.subvectors)
                                     : 1;
    AppendWork work{};
    placement.for_each_sequence(index, [&](std::uint32_t s) {
        if (sequences[s].slot != AQPIM_PIM_NONE && !work.stores) {
            const std::uint32_t byte = sequences[s].slot / layout.splits * layout.subvector_bytes / blocks;
            work.stores = true;
            work.column_uncoded = append.column_uncoded + byte / AQPIM_BURST_BYTES;
        }
        if (sequences[s].element != AQPIM_PIM_NONE && !work.encodes) {
            const std::uint32_t byte = sequences[s].element / layout.splits * packed.subvector_bytes;
            work.encodes = true;
            work.column_code = append.column_codes + byte / AQPIM_BURST_BYTES;
        }
    });
    return work;
}

}  // namespace

aqpim_completion_status PimDevice::execute_append_uniform(const aqpim_pim_append& append, const Sequences& sequences) {
    if (const auto status = check_(append, sequences, {}); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(append.shape);
    const Placement placement{program_context.layout, append.shape.heads, append.sequences};
    ProgramSet<AppendWork> programs;
    const auto groups = group_programs(
        placement, programs, [&](std::uint32_t index) { return append_work(placement, index, append, sequences); },
        [&](const AppendWork& work) {
            return append_uniform_program(program_context, append, work, append.value_block_stride);
        });
    run("APPEND", groups, Activity::pim_quantize, bytes_of(sequences));
    if (parameters_.functional) {
        compute_append_uniform(memory_.store(), program_context.layout, append, sequences,
                               {append.column_codes, append.value_block_stride}, arithmetic_);
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
    ProgramSet<UnitLength> programs;
    const auto groups = group_programs(
        placement, programs, [&](std::uint32_t index) { return longest_of(placement, index, sequences); },
        [&](const UnitLength& unit) { return quantize_program(program_context, quantize, {unit}); });
    run("QUANTIZE", groups, Activity::pim_quantize, bytes_of(sequences));
    if (parameters_.functional) {
        compute_quantize(memory_.store(), program_context.layout, quantize, sequences, arithmetic_);
    }
    return AQPIM_DONE;
}

}  // namespace aqpim

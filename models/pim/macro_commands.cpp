#include <algorithm>
#include <array>

#include "models/pim/code_windows.h"
#include "models/pim/engine_commands.h"
#include "models/pim/pim_device.h"
#include "models/pim/placement.h"
#include "models/pim/uniform_commands.h"

namespace aqpim {

namespace {

std::uint64_t bytes_of(const aqpim_pim_pages& pages) {
    return pages.count * sizeof(aqpim_pim_extent);
}

}  // namespace

aqpim_completion_status PimDevice::execute_cluster(const aqpim_pim_cluster& cluster) {
    if (const auto status = check_(cluster); status != AQPIM_DONE) {
        return status;
    }
    const Sequences sequences = read_sequences(cluster.table, cluster.sequences);
    const CodeColumns codes = read_pages(cluster.codes);
    if (const auto status = check_(cluster, sequences, codes); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(cluster.shape);
    const Placement placement{program_context.layout, cluster.shape.heads, cluster.sequences};
    ProgramSet<std::uint32_t> programs;
    const auto groups = group_programs(
        placement, programs,
        [&](std::uint32_t index) { return elements_in_window(cluster, longest_of(placement, index, sequences).coded); },
        [&](std::uint32_t elements) { return cluster_program(program_context, cluster, codes, elements); });
    run("CLUSTER", groups, Activity::pim_quantize, bytes_of(sequences) + bytes_of(cluster.codes));
    if (parameters_.functional) {
        compute_cluster({memory_.store(), program_context.layout, sequences, arithmetic_}, cluster, codes);
    }
    return AQPIM_DONE;
}

aqpim_completion_status PimDevice::execute_append(const aqpim_pim_append& append) {
    if (const auto status = check_(append); status != AQPIM_DONE) {
        return status;
    }
    const Sequences sequences = read_sequences(append.table, append.sequences);
    if ((append.header.flags & AQPIM_PIM_FLAG_UNIFORM) != 0) {
        return execute_append_uniform(append, sequences);
    }
    const CodeColumns codes = read_pages(append.codes);
    if (const auto status = check_(append, sequences, codes); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(append.shape);
    const Placement placement{program_context.layout, append.shape.heads, append.sequences};
    const aqpim_layout& layout = program_context.layout;
    const auto slot_column = [&](std::uint32_t local) {
        return append.column_uncoded + local * layout.subvector_bytes / AQPIM_BURST_BYTES * layout.slots;
    };
    const auto code_column = [&](std::uint32_t local) {
        return codes.at(local / aqpim_codes_per_column(append.shape.centroids) * layout.slots);
    };
    ProgramSet<AppendWork> programs;
    const auto groups = group_programs(
        placement, programs,
        [&](std::uint32_t index) { return append_work(placement, index, sequences, slot_column, code_column); },
        [&](const AppendWork& work) { return append_program(program_context, append, work); });
    run("APPEND", groups, Activity::pim_quantize, bytes_of(sequences) + bytes_of(append.codes));
    if (parameters_.functional) {
        compute_append({memory_.store(), program_context.layout, sequences, arithmetic_}, append, codes);
    }
    return AQPIM_DONE;
}

aqpim_completion_status PimDevice::execute_attend(const aqpim_pim_attend& attend) {
    if (const auto status = check_(attend); status != AQPIM_DONE) {
        return status;
    }
    const Sequences sequences = read_sequences(attend.table, attend.sequences);
    const CodeColumns key_codes = read_pages(attend.key_codes);
    const CodeColumns value_codes = read_pages(attend.value_codes);
    if (const auto status = check_(attend, sequences, key_codes, value_codes); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(attend.shape);
    const Placement placement{program_context.layout, attend.shape.heads, attend.sequences};
    ProgramSet<UnitLength> programs;
    const auto groups = group_programs(
        placement, programs, [&](std::uint32_t index) { return longest_of(placement, index, sequences); },
        [&](const UnitLength& longest) {
            return attend_program(program_context, attend, key_codes, value_codes, longest);
        });
    record_attention(run("ATTEND", groups, Activity::pim_attention,
                         bytes_of(sequences) + bytes_of(attend.key_codes) + bytes_of(attend.value_codes)));
    if (parameters_.functional) {
        compute_attend({memory_.store(), program_context.layout, sequences, arithmetic_}, attend, key_codes,
                       value_codes);
    }
    return AQPIM_DONE;
}

aqpim_completion_status PimDevice::execute_attend_whole(const aqpim_pim_attend_whole& attend) {
    if (const auto status = check_(attend); status != AQPIM_DONE) {
        return status;
    }
    const Sequences sequences = read_sequences(attend.table, attend.sequences);
    if (const auto status = check_(attend, sequences); status != AQPIM_DONE) {
        return status;
    }
    const ProgramContext program_context = context(attend.shape);
    const Placement placement{program_context.layout, attend.shape.heads, attend.sequences};
    ProgramSet<std::vector<UnitLength>> programs;
    const auto units_of = [&](std::uint32_t index) {
        const std::uint32_t head = index / attend.sequences;
        const aqpim_pim_sequence& sequence = sequences[index % attend.sequences];
        const std::uint32_t sets =
            (std::max<std::uint32_t>(attend.kv_heads, head) - head + attend.shape.heads - 1) / attend.shape.heads;
        return std::vector<UnitLength>(sets, {sequence.coded, sequence.uncoded});
    };
    const auto groups = group_programs(placement, programs, units_of, [&](const std::vector<UnitLength>& units) {
        return attend_whole_program(program_context, attend, units);
    });
    const bool coded = attend.header.opcode == AQPIM_PIM_ATTEND_UNIFORM;
    record_attention(
        run(coded ? "ATTEND_UNIFORM" : "ATTEND_FP16", groups, Activity::pim_attention, bytes_of(sequences)));
    if (parameters_.functional) {
        compute_attend_whole(memory_.store(), program_context.layout, attend, sequences, arithmetic_);
    }
    return AQPIM_DONE;
}

}  // namespace aqpim

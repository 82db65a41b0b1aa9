#include "models/pim/descriptors.h"

#include "models/pim/descriptor_limits.h"

namespace aqpim {

using namespace limits;

aqpim_completion_status DescriptorCheck::check_whole_shape(const aqpim_pim_shape& shape,
                                                           std::uint32_t sequences) const {
    if (!shape_fits(shape, sequences) || shape.group_banks % organization_.banks_per_channel() != 0 ||
        shape.subvectors > organization_.banks_per_channel() ||
        shape.head_dim * half_bytes % (shape.subvectors * AQPIM_BURST_BYTES) != 0) {
        return AQPIM_BAD_FIELD;
    }
    const std::uint64_t share = shape.head_dim * half_bytes / shape.subvectors;
    return share <= std::uint64_t{pim_.query_registers} * AQPIM_BURST_BYTES ? AQPIM_DONE : AQPIM_UNSUPPORTED;
}

aqpim_completion_status DescriptorCheck::check_uniform_shape(const aqpim_pim_shape& shape,
                                                             std::uint32_t sequences) const {
    const bool has_levels = shape.centroids == 4 || shape.centroids == 16;
    // A token's scale and zero lie in its subvectors 0 and 1.
    return has_levels && shape.subvectors >= 2 ? check_whole_shape(shape, sequences) : AQPIM_BAD_FIELD;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_attend_whole& attend) const {
    const bool uniform = attend.header.opcode == AQPIM_PIM_ATTEND_UNIFORM;
    const auto status = uniform ? check_uniform_shape(attend.shape, attend.sequences)
                                : check_whole_shape(attend.shape, attend.sequences);
    if (status != AQPIM_DONE) {
        return status;
    }
    if (attend.queries_per_head == 0 || attend.queries_per_head > most_queries ||
        attend.kv_heads < attend.shape.heads || attend.kv_heads > most_heads) {
        return AQPIM_BAD_FIELD;
    }
    const std::uint64_t vector_bytes = std::uint64_t{attend.kv_heads} * attend.sequences * attend.queries_per_head *
                                       attend.shape.head_dim * half_bytes;
    const bool fits = table_fits(attend.table, attend.sequences) && bytes_fit(attend.query, vector_bytes) &&
                      bytes_fit(attend.output, vector_bytes);
    return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_attend_whole& attend,
                                                    const Sequences& sequences) const {
    const aqpim_layout layout = layout_of(attend.shape);
    const std::uint32_t blocks = aqpim_fp16_value_blocks(attend.shape.head_dim, attend.shape.subvectors);
    const std::uint64_t last_set = aqpim_ceil_div(attend.kv_heads, attend.shape.heads) - 1;
    const std::uint64_t offset = last_set * attend.set_stride;
    const bool uniform = attend.header.opcode == AQPIM_PIM_ATTEND_UNIFORM;
    for (const aqpim_pim_sequence& sequence : sequences) {
        const std::uint64_t tokens = std::uint64_t{sequence.uncoded} + (uniform ? sequence.coded : 0);
        if (!is_given(sequence) || tokens == 0) {
            return AQPIM_BAD_FIELD;
        }
        const std::uint64_t columns = aqpim_vector_columns(&layout, sequence.uncoded);
        const std::uint64_t value_columns =
            std::uint64_t{blocks - 1} * attend.value_block_stride + columns / blocks + 1;
        const auto of_last_set = [&](std::uint32_t column) { return column + offset; };
        const bool codes_fit =
            !uniform ||
            (uniform_fits(layout, of_last_set(attend.column_key_codes), of_last_set(attend.column_key_parameters),
                          sequence.coded, attend.shape.centroids, false) &&
             uniform_fits(layout, of_last_set(attend.column_value_codes), of_last_set(attend.column_value_parameters),
                          sequence.coded, attend.shape.centroids, true));
        if (!columns_fit(attend.column_key + offset, columns) ||
            !columns_fit(attend.column_value + offset, sequence.uncoded == 0 ? 0 : value_columns) || !codes_fit) {
            return AQPIM_ADDRESS_ERROR;
        }
    }
    return AQPIM_DONE;
}

bool DescriptorCheck::uniform_fits(const aqpim_layout& layout, std::uint64_t codes, std::uint64_t parameters,
                                   std::uint32_t elements, std::uint32_t levels, bool per_token) const {
    return columns_fit(codes, aqpim_uniform_columns(&layout, elements, levels)) &&
           columns_fit(parameters, aqpim_uniform_parameter_columns(&layout, elements, per_token ? 1 : 0));
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_quantize& quantize) const {
    if (const auto status = check_uniform_shape(quantize.shape, quantize.sequences); status != AQPIM_DONE) {
        return status;
    }
    return table_fits(quantize.table, quantize.sequences) ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_quantize& quantize,
                                                    const Sequences& sequences) const {
    const aqpim_layout layout = layout_of(quantize.shape);
    const bool per_token = (quantize.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    for (const aqpim_pim_sequence& sequence : sequences) {
        if (!is_given(sequence)) {
            return AQPIM_BAD_FIELD;
        }
        if (!columns_fit(quantize.column_image, aqpim_vector_columns(&layout, sequence.coded)) ||
            !uniform_fits(layout, quantize.column_codes, quantize.column_parameters, sequence.coded,
                          quantize.shape.centroids, per_token)) {
            return AQPIM_ADDRESS_ERROR;
        }
    }
    return AQPIM_DONE;
}

}  // namespace aqpim

#include "models/pim/descriptors.h"

#include <algorithm>

#include "models/pim/descriptor_limits.h"

namespace aqpim {

using namespace limits;

namespace {

std::uint64_t rows_of(const aqpim_pim_shape& shape, std::uint32_t sequences) {
    return std::uint64_t{shape.heads} * sequences;
}

}  // namespace

std::uint32_t DescriptorCheck::most_centroids() const {
    return std::min<std::uint32_t>(organization_.row_bytes() / half_bytes, pim_.accumulators);
}

aqpim_layout DescriptorCheck::layout_of(const aqpim_pim_shape& shape) const {
    return aqpim_make_layout(organization_.channels, organization_.banks_per_channel(), shape.group_banks,
                             shape.subvectors, shape.head_dim);
}

bool DescriptorCheck::shape_fits(const aqpim_pim_shape& shape, std::uint32_t sequences) const {
    const std::uint32_t in_channel = organization_.banks_per_channel();
    const std::uint64_t banks = std::uint64_t{in_channel} * organization_.channels;
    const bool divides = shape.subvectors != 0 && shape.head_dim != 0 && shape.head_dim <= most_head_dim &&
                         shape.head_dim % shape.subvectors == 0;
    const bool is_group = shape.group_banks != 0 && shape.group_banks <= banks &&
                          (shape.group_banks % in_channel == 0 || in_channel % shape.group_banks == 0);
    return divides && is_group && shape.heads != 0 && sequences != 0 && sequences <= most_sequences &&
           rows_of(shape, sequences) <= banks / shape.group_banks;
}

aqpim_completion_status DescriptorCheck::check_coded_shape(const aqpim_pim_shape& shape,
                                                           std::uint32_t sequences) const {
    if (!shape_fits(shape, sequences) || shape.centroids < 2) {
        return AQPIM_BAD_FIELD;
    }
    const aqpim_layout layout = layout_of(shape);
    const std::uint32_t query_bytes = layout.slots * layout.subvector_bytes;
    const bool held = shape.centroids <= most_centroids() && query_bytes <= pim_.query_registers * AQPIM_BURST_BYTES &&
                      layout.subvector_bytes <= pim_.code_registers * AQPIM_BURST_BYTES &&
                      layout.subvector_bytes / half_bytes <= pim_.accumulators;
    return held ? AQPIM_DONE : AQPIM_UNSUPPORTED;
}

bool DescriptorCheck::columns_fit(std::uint64_t first, std::uint64_t count) const {
    return first + count <= std::uint64_t{organization_.rows} * organization_.columns;
}

bool DescriptorCheck::bytes_fit(std::uint64_t address, std::uint64_t bytes) const {
    const std::uint64_t capacity = organization_.capacity_bytes();
    return address % AQPIM_BURST_BYTES == 0 && bytes <= capacity && address <= capacity - bytes;
}

bool DescriptorCheck::table_fits(std::uint64_t table, std::uint32_t sequences) const {
    return bytes_fit(table, sequences * sizeof(aqpim_pim_sequence));
}

bool DescriptorCheck::pages_fit(const aqpim_pim_pages& pages) const {
    return pages.count <= most_elements && bytes_fit(pages.extents, pages.count * sizeof(aqpim_pim_extent));
}

bool DescriptorCheck::initial_fits(const aqpim_pim_cluster& cluster, const aqpim_layout& layout) const {
    switch (cluster.initial) {
        case AQPIM_INITIAL_CODEBOOK:
            return columns_fit(cluster.column_initial, aqpim_codebook_columns(&layout, cluster.shape.centroids));
        case AQPIM_INITIAL_VECTORS:
            return columns_fit(cluster.column_initial, aqpim_vector_columns(&layout, cluster.shape.centroids));
        default:
            return true;
    }
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_cluster& cluster) const {
    if (const auto status = check_coded_shape(cluster.shape, cluster.sequences); status != AQPIM_DONE) {
        return status;
    }
    const bool weighted = (cluster.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0;
    const std::uint64_t row_bytes = (std::uint64_t{cluster.first} + cluster.elements) * half_bytes;
    if (cluster.elements == 0 || std::uint64_t{cluster.first} + cluster.elements > most_elements ||
        cluster.initial > AQPIM_INITIAL_VECTORS || cluster.iterations > most_iterations ||
        (weighted && (cluster.weights_stride < row_bytes || cluster.weights_stride > organization_.capacity_bytes()))) {
        return AQPIM_BAD_FIELD;
    }
    const aqpim_layout layout = layout_of(cluster.shape);
    const std::uint32_t centroids = cluster.shape.centroids;
    const std::uint64_t rows = rows_of(cluster.shape, cluster.sequences);
    const bool fits =
        table_fits(cluster.table, cluster.sequences) && pages_fit(cluster.codes) && initial_fits(cluster, layout) &&
        columns_fit(cluster.column_image, aqpim_vector_columns(&layout, cluster.first + cluster.elements)) &&
        columns_fit(cluster.column_codebook, aqpim_codebook_columns(&layout, centroids)) &&
        columns_fit(cluster.column_scratch, aqpim_cluster_scratch_columns(&layout, cluster.elements, centroids)) &&
        (!weighted || bytes_fit(cluster.weights, (rows - 1) * cluster.weights_stride + row_bytes));
    return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_cluster& cluster, const Sequences& sequences,
                                                    const CodeColumns& codes) const {
    const aqpim_layout layout = layout_of(cluster.shape);
    const std::uint64_t columns = codes.size();
    for (const aqpim_pim_sequence& sequence : sequences) {
        if (!is_given(sequence)) {
            return AQPIM_BAD_FIELD;
        }
        const std::uint32_t end = std::min(sequence.coded, cluster.first + cluster.elements);
        if (end > cluster.first && columns < aqpim_code_columns(&layout, end, cluster.shape.centroids)) {
            return AQPIM_ADDRESS_ERROR;
        }
    }
    return AQPIM_DONE;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_append& append) const {
    const bool is_uniform = (append.header.flags & AQPIM_PIM_FLAG_UNIFORM) != 0;
    if (!shape_fits(append.shape, append.sequences)) {
        return AQPIM_BAD_FIELD;
    }
    if (const auto status = check_uniform_shape(append.shape, append.sequences); is_uniform && status != AQPIM_DONE) {
        return status;
    }
    const std::uint64_t bytes = rows_of(append.shape, append.sequences) * append.shape.head_dim * half_bytes;
    const bool fits =
        table_fits(append.table, append.sequences) && pages_fit(append.codes) && bytes_fit(append.source, bytes);
    return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_append& append, const Sequences& sequences,
                                                    const CodeColumns& codes) const {
    const aqpim_layout layout = layout_of(append.shape);
    const bool is_uniform = (append.header.flags & AQPIM_PIM_FLAG_UNIFORM) != 0;
    const bool per_token = (append.header.flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    for (const aqpim_pim_sequence& sequence : sequences) {
        const bool stores = sequence.slot != AQPIM_PIM_NONE;
        const bool encodes = sequence.element != AQPIM_PIM_NONE;
        if ((stores && sequence.slot >= most_elements) || (encodes && sequence.element >= most_elements) ||
            sequence.windows > most_elements) {
            return AQPIM_BAD_FIELD;
        }
        const std::uint32_t slots = stores ? sequence.slot + 1 : 0;
        const std::uint64_t further_blocks =
            is_uniform && per_token ? aqpim_fp16_value_blocks(append.shape.head_dim, append.shape.subvectors) - 1 : 0;
        if (!columns_fit(append.column_uncoded,
                         aqpim_vector_columns(&layout, slots) + further_blocks * append.value_block_stride)) {
            return AQPIM_ADDRESS_ERROR;
        }
        if (!encodes) {
            continue;
        }
        const std::uint32_t centroids = append.shape.centroids;
        if (is_uniform) {
            if (!uniform_fits(layout, append.column_codes, append.column_codebook, sequence.element + 1, centroids,
                              per_token)) {
                return AQPIM_ADDRESS_ERROR;
            }
            continue;
        }
        if (const auto status = check_coded_shape(append.shape, append.sequences); status != AQPIM_DONE) {
            return status;
        }
        const std::uint64_t codebooks =
            std::uint64_t{std::max(sequence.windows, 1U)} * aqpim_codebook_columns(&layout, centroids);
        if (codes.size() < aqpim_code_columns(&layout, sequence.element + 1, centroids) ||
            !columns_fit(append.column_codebook, codebooks) ||
            !columns_fit(append.column_scratch, aqpim_append_scratch_columns(&layout, centroids))) {
            return AQPIM_ADDRESS_ERROR;
        }
    }
    return AQPIM_DONE;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_attend& attend) const {
    if (const auto status = check_coded_shape(attend.shape, attend.sequences); status != AQPIM_DONE) {
        return status;
    }
    if (attend.queries_per_head == 0 || attend.queries_per_head > most_queries ||
        attend.value_path > AQPIM_VALUE_HISTOGRAM || attend.column_scratch % organization_.columns != 0) {
        return AQPIM_BAD_FIELD;
    }
    const aqpim_layout layout = layout_of(attend.shape);
    const std::uint64_t vector_bytes =
        rows_of(attend.shape, attend.sequences) * attend.queries_per_head * attend.shape.head_dim * half_bytes;
    const bool fits =
        table_fits(attend.table, attend.sequences) && pages_fit(attend.key_codes) && pages_fit(attend.value_codes) &&
        columns_fit(attend.column_scratch, aqpim_attend_scratch_columns(&layout, attend.shape.centroids)) &&
        bytes_fit(attend.query, vector_bytes) && bytes_fit(attend.output, vector_bytes);
    return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_attend& attend, const Sequences& sequences,
                                                    const CodeColumns& key_codes,
                                                    const CodeColumns& value_codes) const {
    const aqpim_layout layout = layout_of(attend.shape);
    const std::uint32_t centroids = attend.shape.centroids;
    const std::uint64_t codes = std::min(key_codes.size(), value_codes.size());
    for (const aqpim_pim_sequence& sequence : sequences) {
        if (!is_given(sequence) || std::uint64_t{sequence.coded} + sequence.uncoded == 0 ||
            (sequence.coded != 0 && sequence.windows == 0)) {
            return AQPIM_BAD_FIELD;
        }
        const std::uint64_t codebooks =
            sequence.coded == 0 ? 0 : std::uint64_t{sequence.windows} * aqpim_codebook_columns(&layout, centroids);
        const std::uint64_t uncoded = aqpim_vector_columns(&layout, sequence.uncoded);
        if (codes < aqpim_code_columns(&layout, sequence.coded, centroids) ||
            !columns_fit(attend.column_key_codebook, codebooks) ||
            !columns_fit(attend.column_value_codebook, codebooks) || !columns_fit(attend.column_key_uncoded, uncoded) ||
            !columns_fit(attend.column_value_uncoded, uncoded)) {
            return AQPIM_ADDRESS_ERROR;
        }
    }
    return AQPIM_DONE;
}

}  // namespace aqpim

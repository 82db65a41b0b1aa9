#include "models/pim/descriptors.h"

#include "aqpim/pim_layout.h"

namespace aqpim {

namespace {

constexpr std::uint64_t half_bytes = 2;
// With these no size that aqpim/pim_layout.h works out in 32 bits overflows.
constexpr std::uint32_t most_elements = 1U << 20;
constexpr std::uint32_t most_head_dim = 1024;
constexpr std::uint32_t most_iterations = 100;
constexpr std::uint32_t most_queries = 1024;
constexpr std::uint32_t most_heads = 1024;

aqpim_layout layout_of(const dram::Organization& organization, const aqpim_pim_shape& shape) {
    return aqpim_make_layout(organization.channels, organization.banks_per_channel(), shape.group_channels,
                             shape.subvectors, shape.head_dim);
}

}  // namespace

bool DescriptorCheck::shape_fits(const aqpim_pim_shape& shape) const {
    const bool divides = shape.subvectors != 0 && shape.head_dim != 0 && shape.head_dim <= most_head_dim &&
                         shape.head_dim % shape.subvectors == 0;
    return divides && shape.heads != 0 && shape.group_channels != 0 &&
           std::uint32_t{shape.heads} * shape.group_channels <= organization_.channels;
}

/// Of a command that uses a codebook.
aqpim_completion_status DescriptorCheck::check_coded_shape(const aqpim_pim_shape& shape) const {
    if (!shape_fits(shape) || shape.centroids < 2) {
        return AQPIM_BAD_FIELD;
    }
    return shape.centroids > most_centroids() ? AQPIM_UNSUPPORTED : AQPIM_DONE;
}

bool DescriptorCheck::columns_fit(std::uint64_t first, std::uint64_t count) const {
    return first + count <= std::uint64_t{organization_.rows} * organization_.columns;
}

bool DescriptorCheck::bytes_fit(std::uint64_t address, std::uint64_t bytes) const {
    const std::uint64_t capacity = organization_.capacity_bytes();
    return address % AQPIM_BURST_BYTES == 0 && bytes <= capacity && address <= capacity - bytes;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_cluster& cluster) const {
    if (const auto status = check_coded_shape(cluster.shape); status != AQPIM_DONE) {
        return status;
    }
    const bool weighted = (cluster.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0;
    const std::uint64_t row_bytes = cluster.elements * half_bytes;
    if (cluster.elements == 0 || cluster.elements > most_elements || cluster.iterations > most_iterations ||
        (weighted && (cluster.weights_stride < row_bytes || cluster.weights_stride > organization_.capacity_bytes()))) {
        return AQPIM_BAD_FIELD;
    }
    const aqpim_layout layout = layout_of(organization_, cluster.shape);
    const std::uint32_t centroids = cluster.shape.centroids;
    const bool fits =
        columns_fit(cluster.column_image, aqpim_vector_columns(&layout, cluster.elements)) &&
        columns_fit(cluster.column_codebook, aqpim_codebook_columns(&layout, centroids)) &&
        columns_fit(cluster.column_codes, aqpim_code_columns(&layout, cluster.elements, centroids)) &&
        columns_fit(cluster.column_scratch, aqpim_cluster_scratch_columns(&layout, cluster.elements, centroids)) &&
        (!weighted || bytes_fit(cluster.weights, (cluster.shape.heads - 1) * cluster.weights_stride + row_bytes));
    return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_append& append) const {
    const bool slot_ok = append.slot == AQPIM_PIM_NONE || append.slot < most_elements;
    const bool element_ok = append.element == AQPIM_PIM_NONE || append.element < most_elements;
    if (!shape_fits(append.shape) || !slot_ok || !element_ok) {
        return AQPIM_BAD_FIELD;
    }
    const aqpim_layout layout = layout_of(organization_, append.shape);
    const std::uint32_t slots = append.slot + 1;  // AQPIM_PIM_NONE + 1 is 0: nothing is stored
    const bool fits = columns_fit(append.column_uncoded, aqpim_vector_columns(&layout, slots)) &&
                      bytes_fit(append.source, append.shape.heads * append.shape.head_dim * half_bytes);
    if (append.element == AQPIM_PIM_NONE) {
        return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
    }
    if (const auto status = check_coded_shape(append.shape); status != AQPIM_DONE) {
        return status;
    }
    const std::uint32_t centroids = append.shape.centroids;
    const bool codes_fit =
        columns_fit(append.column_codebook, aqpim_codebook_columns(&layout, centroids)) &&
        columns_fit(append.column_codes, aqpim_code_columns(&layout, append.element + 1, centroids)) &&
        columns_fit(append.column_scratch, aqpim_append_scratch_columns(&layout, centroids));
    return fits && codes_fit ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_attend& attend) const {
    if (const auto status = check_coded_shape(attend.shape); status != AQPIM_DONE) {
        return status;
    }
    const std::uint64_t tokens = std::uint64_t{attend.coded} + attend.uncoded;
    const bool whole_row = attend.column_scratch % organization_.columns == 0;
    if (tokens == 0 || tokens > most_elements || attend.queries_per_head == 0 ||
        attend.queries_per_head > most_queries || attend.value_path > AQPIM_VALUE_HISTOGRAM || !whole_row) {
        return AQPIM_BAD_FIELD;
    }
    const aqpim_layout layout = layout_of(organization_, attend.shape);
    const std::uint32_t centroids = attend.shape.centroids;
    const std::uint64_t codebook = aqpim_codebook_columns(&layout, centroids);
    const std::uint64_t codes = aqpim_code_columns(&layout, attend.coded, centroids);
    const std::uint64_t uncoded = aqpim_vector_columns(&layout, attend.uncoded);
    const std::uint64_t vectors = std::uint64_t{attend.shape.heads} * attend.queries_per_head;
    const std::uint64_t bytes = vectors * attend.shape.head_dim * half_bytes;
    const bool fits =
        columns_fit(attend.column_key_codebook, codebook) && columns_fit(attend.column_key_codes, codes) &&
        columns_fit(attend.column_key_uncoded, uncoded) && columns_fit(attend.column_value_codebook, codebook) &&
        columns_fit(attend.column_value_codes, codes) && columns_fit(attend.column_value_uncoded, uncoded) &&
        columns_fit(attend.column_scratch, aqpim_attend_scratch_columns(&layout, attend.coded, centroids)) &&
        bytes_fit(attend.query, bytes) && bytes_fit(attend.output, bytes);
    return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

aqpim_completion_status DescriptorCheck::operator()(const aqpim_pim_attend_fp16& attend) const {
    const aqpim_pim_shape& shape = attend.shape;
    if (!shape_fits(shape)) {
        return AQPIM_BAD_FIELD;
    }
    const std::uint32_t subvector_bytes = shape.head_dim / shape.subvectors * half_bytes;
    if (shape.subvectors > organization_.banks_per_channel() || subvector_bytes % AQPIM_BURST_BYTES != 0 ||
        attend.tokens == 0 || attend.tokens > most_elements || attend.queries_per_head == 0 ||
        attend.queries_per_head > most_queries || attend.kv_heads == 0 || attend.kv_heads > most_heads) {
        return AQPIM_BAD_FIELD;
    }
    const aqpim_layout layout = layout_of(organization_, shape);
    const std::uint64_t key_columns = aqpim_vector_columns(&layout, attend.tokens);
    const std::uint32_t blocks = aqpim_fp16_value_blocks(shape.head_dim, shape.subvectors);
    const std::uint64_t last_set = std::uint64_t{(attend.kv_heads - 1U) / shape.heads} * attend.set_stride;
    const std::uint64_t last_block = std::uint64_t{blocks - 1} * attend.value_block_stride;
    const std::uint64_t bytes = std::uint64_t{attend.kv_heads} * attend.queries_per_head * shape.head_dim * half_bytes;
    const bool fits = columns_fit(attend.column_key + last_set, key_columns) &&
                      columns_fit(attend.column_value + last_set + last_block, key_columns / blocks) &&
                      bytes_fit(attend.query, bytes) && bytes_fit(attend.output, bytes);
    return fits ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

}  // namespace aqpim

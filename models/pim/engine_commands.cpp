#include "models/pim/engine_commands.h"

#include <algorithm>

#include "models/common/fp16.h"
#include "models/pim/attention.h"
#include "models/pim/head_data.h"
#include "models/pim/kmeans.h"

namespace aqpim {

namespace {

std::vector<float> read_halves(const SparseMemory& store, std::uint64_t address, std::size_t count) {
    std::vector<Half> halves(count);
    store.read(address, reinterpret_cast<std::uint8_t*>(halves.data()), count * sizeof(Half));
    std::vector<float> values(count);
    std::transform(halves.begin(), halves.end(), values.begin(), to_float);
    return values;
}

void write_halves(SparseMemory& store, std::uint64_t address, const std::vector<float>& values) {
    std::vector<Half> halves(values.size());
    std::transform(values.begin(), values.end(), halves.begin(), to_half);
    store.write(address, reinterpret_cast<const std::uint8_t*>(halves.data()), halves.size() * sizeof(Half));
}

struct Columns {
    std::uint32_t codebook;
    std::uint32_t codes;
    std::uint32_t uncoded;
};

QuantizedVectors read_quantized(const HeadData& head, const Columns& columns, const aqpim_pim_attend& attend) {
    const aqpim_pim_shape& shape = attend.shape;
    QuantizedVectors vectors;
    vectors.uncoded.resize(std::size_t{attend.uncoded} * shape.head_dim);
    for (std::uint32_t i = 0; i < shape.subvectors; ++i) {
        vectors.codebooks.push_back(head.read_vectors(columns.codebook, i, shape.centroids));
        vectors.codes.push_back(head.read_codes(columns.codes, i, attend.coded, shape.centroids));
        // Codes of a damaged memory may name a centroid that does not exist; the column decoder ignores the upper bits.
        for (std::uint16_t& code : vectors.codes.back()) {
            code = code < shape.centroids ? code : static_cast<std::uint16_t>(code % shape.centroids);
        }
        const std::vector<float> part = head.read_vectors(columns.uncoded, i, attend.uncoded);
        for (std::uint32_t slot = 0; slot < attend.uncoded; ++slot) {
            std::copy_n(&part[std::size_t{slot} * head.dims()], head.dims(),
                        &vectors.uncoded[std::size_t{slot} * shape.head_dim + i * head.dims()]);
        }
    }
    return vectors;
}

/// All tokens of one head, uncompressed, from an object of vectors of `dims`, into dimensions `first` and on.
void read_tokens(const HeadData& data, std::uint32_t column, std::uint32_t subvectors, std::uint32_t first,
                 std::uint32_t head_dim, std::vector<float>& tokens) {
    const auto count = static_cast<std::uint32_t>(tokens.size() / head_dim);
    for (std::uint32_t i = 0; i < subvectors; ++i) {
        const std::vector<float> part = data.read_vectors(column, i, count);
        for (std::uint32_t token = 0; token < count; ++token) {
            std::copy_n(&part[std::size_t{token} * data.dims()], data.dims(),
                        &tokens[std::size_t{token} * head_dim + first + i * data.dims()]);
        }
    }
}

/// Nothing but uncompressed tokens.
QuantizedVectors no_codes(std::uint32_t tokens, std::uint32_t head_dim) {
    return {{{}}, {{}}, std::vector<float>(std::size_t{tokens} * head_dim)};
}

}  // namespace

void compute_cluster(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_cluster& cluster) {
    const aqpim_pim_shape& shape = cluster.shape;
    for (std::uint32_t h = 0; h < shape.heads; ++h) {
        HeadData head(store, layout, shape.subvectors, h);
        KmeansInput input;
        input.count = cluster.elements;
        input.dims = head.dims();
        if ((cluster.header.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0) {
            input.weights = read_halves(store, cluster.weights + h * cluster.weights_stride, cluster.elements);
        }
        for (std::uint32_t i = 0; i < shape.subvectors; ++i) {
            input.vectors = head.read_vectors(cluster.column_image, i, cluster.elements);
            const KmeansResult result =
                aqpim::cluster(input, shape.centroids, cluster.iterations, subvector_seed(cluster.seed, h, i));
            head.write_vectors(cluster.column_codebook, i, result.centroids);
            head.write_codes(cluster.column_codes, i, result.codes, shape.centroids);
        }
    }
}

void compute_append(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_append& append) {
    const aqpim_pim_shape& shape = append.shape;
    for (std::uint32_t h = 0; h < shape.heads; ++h) {
        HeadData head(store, layout, shape.subvectors, h);
        const std::uint64_t source = append.source + std::uint64_t{h} * shape.head_dim * sizeof(Half);
        const std::vector<float> arriving = read_halves(store, source, shape.head_dim);
        for (std::uint32_t i = 0; i < shape.subvectors; ++i) {
            const auto first = arriving.begin() + static_cast<std::ptrdiff_t>(i * head.dims());
            const std::vector<float> part(first, first + head.dims());
            const bool stores = append.slot != AQPIM_PIM_NONE;
            if (append.element != AQPIM_PIM_NONE) {
                const std::vector<float> leaving =
                    stores ? head.read_vector(append.column_uncoded, i, append.slot) : part;
                const std::vector<float> codebook = head.read_vectors(append.column_codebook, i, shape.centroids);
                head.write_code(append.column_codes, i, append.element,
                                nearest_centroid(leaving.data(), codebook, head.dims()), shape.centroids);
            }
            if (stores) {
                head.write_vector(append.column_uncoded, i, append.slot, part);
            }
        }
    }
}

void compute_attend(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_attend& attend) {
    const aqpim_pim_shape& shape = attend.shape;
    const auto path = static_cast<aqpim_value_path>(attend.value_path);
    for (std::uint32_t h = 0; h < shape.heads; ++h) {
        const HeadData head(store, layout, shape.subvectors, h);
        const QuantizedVectors keys = read_quantized(
            head, {attend.column_key_codebook, attend.column_key_codes, attend.column_key_uncoded}, attend);
        const QuantizedVectors values = read_quantized(
            head, {attend.column_value_codebook, attend.column_value_codes, attend.column_value_uncoded}, attend);
        for (std::uint32_t g = 0; g < attend.queries_per_head; ++g) {
            const std::uint64_t offset =
                (std::uint64_t{h} * attend.queries_per_head + g) * shape.head_dim * sizeof(Half);
            const std::vector<float> query = read_halves(store, attend.query + offset, shape.head_dim);
            write_halves(store, attend.output + offset, aqpim::attend(keys, values, query, path));
        }
    }
}

void compute_attend_fp16(SparseMemory& store, const aqpim_layout& layout, const aqpim_pim_attend_fp16& attend) {
    const aqpim_pim_shape& shape = attend.shape;
    const std::uint32_t blocks = aqpim_fp16_value_blocks(shape.head_dim, shape.subvectors);
    aqpim_layout block_layout = layout;
    block_layout.subvector_bytes /= blocks;
    for (std::uint32_t h = 0; h < attend.kv_heads; ++h) {
        const std::uint32_t set_columns = h / shape.heads * attend.set_stride;
        QuantizedVectors keys = no_codes(attend.tokens, shape.head_dim);
        read_tokens(HeadData(store, layout, shape.subvectors, h % shape.heads), attend.column_key + set_columns,
                    shape.subvectors, 0, shape.head_dim, keys.uncoded);
        QuantizedVectors values = no_codes(attend.tokens, shape.head_dim);
        const HeadData value_data(store, block_layout, shape.subvectors, h % shape.heads);
        for (std::uint32_t block = 0; block < blocks; ++block) {
            read_tokens(value_data, attend.column_value + set_columns + block * attend.value_block_stride,
                        shape.subvectors, block * shape.head_dim / blocks, shape.head_dim, values.uncoded);
        }
        for (std::uint32_t g = 0; g < attend.queries_per_head; ++g) {
            const std::uint64_t offset =
                (std::uint64_t{h} * attend.queries_per_head + g) * shape.head_dim * sizeof(Half);
            const std::vector<float> query = read_halves(store, attend.query + offset, shape.head_dim);
            write_halves(store, attend.output + offset, aqpim::attend(keys, values, query, AQPIM_VALUE_LOOP));
        }
    }
}

}  // namespace aqpim

#include "platform/inputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "aqpim/pim_layout.h"
#include "models/common/error.h"
#include "platform/input_tensors.h"

namespace aqpim {

namespace {

void check_shape(const Shape& shape, const Configuration& configuration) {
    constexpr std::uint32_t value_bytes = 2;
    constexpr std::uint32_t column_values = AQPIM_BURST_BYTES / value_bytes;
    const WorkloadParameters& workload = configuration.workload;
    if (shape.heads % shape.kv_heads != 0) {
        throw InputError(fmt::format("workload.heads: {} found; a multiple of the {} KV heads is allowed", shape.heads,
                                     shape.kv_heads));
    }
    if (shape.head_dim % column_values != 0) {
        throw InputError(fmt::format("workload.head_dim: {} found; a multiple of {}, a burst, is allowed",
                                     shape.head_dim, column_values));
    }
    if (workload.policy == "aqpim" && shape.head_dim % configuration.pq.subvectors != 0) {
        throw InputError(fmt::format("pq.subvectors: {} found; a divisor of head_dim {} is allowed",
                                     configuration.pq.subvectors, shape.head_dim));
    }
    const std::uint32_t banks = configuration.dram.banks;
    if (configuration.platform.keeps_kv_in_pim() && workload.policy != "aqpim" &&
        shape.head_dim % (banks * column_values) != 0) {
        throw InputError(
            fmt::format("workload.head_dim: {} found; workload.policy = {} allows multiples of {}, whole columns of "
                        "the {} banks of a bank group",
                        shape.head_dim, workload.policy, banks * column_values, banks));
    }
}

/// A codebook's file in memory's order: [layers][kv_heads][centroids][head_dim].
class CodebookFile {
 public:
    CodebookFile(const std::string& file, const Shape& shape, const Configuration& configuration) {
        const QuantizationParameters& pq = configuration.pq;
        const std::string allowed = fmt::format("[{} or 1, {} or 1, 1, {}, {}, {}]", shape.layers, shape.kv_heads,
                                                pq.subvectors, pq.centroids, shape.head_dim / pq.subvectors);
        tensor_ = read_tensor(file, 6, allowed, configuration.arithmetic());
        const std::vector<std::size_t>& s = tensor_.shape;
        const auto is_one_or = [](std::size_t found, std::size_t all) { return found == 1 || found == all; };
        if (!is_one_or(s[0], shape.layers) || !is_one_or(s[1], shape.kv_heads) || s[2] != 1 || s[3] != pq.subvectors ||
            s[4] != pq.centroids || s[5] != shape.head_dim / pq.subvectors) {
            throw InputError(fmt::format("{}: shape {} found; {} is allowed", file, shape_text(s), allowed));
        }
    }
    std::size_t layers() const { return tensor_.shape[0]; }
    std::size_t kv_heads() const { return tensor_.shape[1]; }

    /// For so many layers and heads, where the file may have but one.
    std::vector<float> vectors(std::size_t layers, std::size_t kv_heads) const {
        const std::size_t subvectors = tensor_.shape[3];
        const std::size_t centroids = tensor_.shape[4];
        const std::size_t dims = tensor_.shape[5];
        std::vector<float> vectors;
        vectors.reserve(layers * kv_heads * centroids * subvectors * dims);
        for (std::size_t row = 0; row < layers * kv_heads; ++row) {
            const std::size_t layer = row / kv_heads % this->layers();
            const std::size_t head = row % kv_heads % this->kv_heads();
            const std::size_t codebook = (layer * this->kv_heads() + head) * subvectors;
            for (std::size_t c = 0; c < centroids; ++c) {
                for (std::size_t i = 0; i < subvectors; ++i) {
                    const float* const centroid = &tensor_.data[((codebook + i) * centroids + c) * dims];
                    vectors.insert(vectors.end(), centroid, centroid + dims);
                }
            }
        }
        return vectors;
    }

 private:
    Tensor tensor_;
};

GivenCodebooks read_codebooks(const Shape& shape, const Configuration& configuration) {
    const CodebookFile keys(configuration.pq.codebook_keys, shape, configuration);
    const CodebookFile values(configuration.pq.codebook_values, shape, configuration);
    GivenCodebooks codebooks;
    codebooks.layers = std::max(keys.layers(), values.layers());
    codebooks.kv_heads = std::max(keys.kv_heads(), values.kv_heads());
    codebooks.keys = keys.vectors(codebooks.layers, codebooks.kv_heads);
    codebooks.values = values.vectors(codebooks.layers, codebooks.kv_heads);
    return codebooks;
}

void read_orders(Inputs& inputs, const WorkloadParameters& workload) {
    const Shape& shape = inputs.shape;
    const auto read = [&](const std::string& file, RopePairs pairs) {
        return file.empty()
                   ? std::nullopt
                   : std::optional(read_channel_order(file, shape.layers, shape.kv_heads, shape.head_dim, pairs));
    };
    inputs.key_order = read(workload.key_order, rope_pairs(workload.rope));
    inputs.value_order = read(workload.value_order, RopePairs::none);
}

/// As projections with sorted weights emit them.
void sort(Activations& activations, const Inputs& inputs) {
    if (inputs.key_order) {
        sort_vectors(activations.keys, *inputs.key_order);
        sort_queries(activations.queries, *inputs.key_order);
        if (!activations.prefill_queries.data.empty()) {
            sort_queries(activations.prefill_queries, *inputs.key_order);
        }
    }
    if (inputs.value_order) {
        sort_vectors(activations.values, *inputs.value_order);
    }
}

Inputs read_or_make(const Configuration& configuration) {
    const WorkloadParameters& workload = configuration.workload;
    Inputs inputs;
    if (workload.has_tensors()) {
        inputs = read_tensors(workload, configuration.arithmetic());
    } else {
        inputs.shape = complete_shape(workload);
    }
    check_shape(inputs.shape, configuration);
    if (configuration.sim.is_timing()) {
        inputs.activations.assign(1, {});
    } else if (!workload.has_tensors()) {
        inputs.activations = make_random(inputs.shape, configuration.sim.seed);
    }
    return inputs;
}

}  // namespace

Inputs load_inputs(const Configuration& configuration) {
    Inputs inputs = read_or_make(configuration);
    Shape& shape = inputs.shape;
    shape.hidden = shape.hidden == 0 ? shape.heads * shape.head_dim : shape.hidden;
    read_orders(inputs, configuration.workload);
    if (!configuration.sim.is_timing()) {
        for (Activations& activations : inputs.activations) {
            sort(activations, inputs);
        }
    }
    if (configuration.workload.policy == "aqpim" && configuration.pq.has_given_codebooks()) {
        inputs.codebooks = read_codebooks(shape, configuration);
    }
    return inputs;
}

}  // namespace aqpim

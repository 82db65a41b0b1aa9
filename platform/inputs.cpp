#include "platform/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "models/common/error.h"

namespace aqpim {

namespace {

struct Model {
    std::string_view name;
    std::uint32_t layers, heads, kv_heads, head_dim, hidden, ffn, vocab;
};

/// system.md §4.
constexpr std::array models = {
    Model{"mistral-7b", 32, 32, 8, 128, 4096, 14336, 32000},
    Model{"llama-3-8b", 32, 32, 8, 128, 4096, 14336, 128256},
    Model{"llama-3.2-3b", 28, 24, 8, 128, 3072, 8192, 128256},
    Model{"llama-2-7b", 32, 32, 32, 128, 4096, 11008, 32000},
    Model{"llama-2-13b", 40, 40, 40, 128, 5120, 13824, 32000},
    Model{"llama-3-70b", 80, 64, 8, 128, 8192, 28672, 128256},
    Model{"qwen2.5-7b", 28, 28, 4, 128, 3584, 18944, 152064},
    Model{"opt-66b", 64, 72, 72, 128, 9216, 36864, 50272},
    Model{"gpt3-175b", 96, 96, 96, 128, 12288, 49152, 50257},
};

/// What the configuration says of the shape; zero where it leaves a figure to the tensors.
Shape configured_shape(const WorkloadParameters& workload) {
    Shape shape = workload.shape;
    const auto model =
        std::find_if(models.begin(), models.end(), [&](const Model& m) { return m.name == workload.model; });
    if (model != models.end()) {
        const auto fill = [](std::uint32_t& field, std::uint32_t value) { field = field == 0 ? value : field; };
        fill(shape.layers, model->layers);
        fill(shape.heads, model->heads);
        fill(shape.kv_heads, model->kv_heads);
        fill(shape.head_dim, model->head_dim);
        fill(shape.hidden, model->hidden);
        fill(shape.ffn, model->ffn);
        fill(shape.vocab, model->vocab);
    }
    return shape;
}

/// Takes `found` into `field`, which must be zero or the same already.
void settle(std::uint32_t& field, std::size_t found, std::string_view what, const std::string& file) {
    if (found == 0 || found > std::numeric_limits<std::uint32_t>::max()) {
        throw InputError(fmt::format("{}: {} {} found; 1 or more is allowed", file, found, what));
    }
    if (field != 0 && field != found) {
        throw InputError(fmt::format("{}: {} {} found; the configuration or the other tensors ask for {}", file, found,
                                     what, field));
    }
    field = static_cast<std::uint32_t>(found);
}

Tensor read_four_dimensions(const std::string& file, std::string_view allowed) {
    Tensor tensor = read_npy(file);
    if (tensor.shape.size() != 4) {
        throw InputError(fmt::format("{}: shape {} found; {} is allowed", file, shape_text(tensor.shape), allowed));
    }
    const bool finite = std::all_of(tensor.data.begin(), tensor.data.end(), [](float value) {
        constexpr float largest_half = 65504.0F;
        return std::abs(value) <= largest_half;
    });
    if (!finite) {
        throw InputError(
            fmt::format("{}: a value that fp16 cannot hold found; finite values up to 65504 are allowed", file));
    }
    return tensor;
}

/// The first `tokens` tokens of a tensor [layers, kv_heads, *, head_dim].
void keep_tokens(Tensor& tensor, std::size_t tokens) {
    const std::size_t row = tensor.shape[3];
    const std::size_t had = tensor.shape[2];
    const std::size_t matrices = tensor.shape[0] * tensor.shape[1];
    for (std::size_t matrix = 0; matrix < matrices; ++matrix) {
        std::copy_n(tensor.data.begin() + static_cast<std::ptrdiff_t>(matrix * had * row), tokens * row,
                    tensor.data.begin() + static_cast<std::ptrdiff_t>(matrix * tokens * row));
    }
    tensor.shape[2] = tokens;
    tensor.data.resize(tensor.elements());
}

void check_tokens(const WorkloadParameters& workload, Inputs& inputs) {
    Shape& shape = inputs.shape;
    const std::size_t tokens = inputs.keys.shape[2];
    const std::size_t all_steps = inputs.queries.shape[0];
    if (all_steps == 0 || all_steps >= tokens) {
        throw InputError(fmt::format("{}: {} steps found; 1 to {} are allowed for keys of {} tokens", workload.queries,
                                     all_steps, tokens - 1, tokens));
    }
    settle(shape.prompt, tokens - all_steps, "tokens before the first step", workload.keys);
    if (shape.steps > all_steps) {
        throw InputError(fmt::format("workload.steps: {} found; {} has queries for 1 to {}", shape.steps,
                                     workload.queries, all_steps));
    }
    shape.steps = shape.steps == 0 ? static_cast<std::uint32_t>(all_steps) : shape.steps;
    keep_tokens(inputs.keys, shape.tokens());
    keep_tokens(inputs.values, shape.tokens());
    inputs.queries.shape[0] = shape.steps;
    inputs.queries.data.resize(inputs.queries.elements());
}

Inputs read_tensors(const WorkloadParameters& workload) {
    if (workload.keys.empty() || workload.values.empty() || workload.queries.empty()) {
        throw InputError("workload: keys, values and queries are given together or not at all");
    }
    Inputs inputs;
    Shape& shape = inputs.shape = configured_shape(workload);
    constexpr std::string_view kv_shape = "[layers, kv_heads, tokens, head_dim]";
    inputs.keys = read_four_dimensions(workload.keys, kv_shape);
    settle(shape.layers, inputs.keys.shape[0], "layers", workload.keys);
    settle(shape.kv_heads, inputs.keys.shape[1], "KV heads", workload.keys);
    settle(shape.head_dim, inputs.keys.shape[3], "channels of a head", workload.keys);
    inputs.values = read_four_dimensions(workload.values, kv_shape);
    if (inputs.values.shape != inputs.keys.shape) {
        throw InputError(fmt::format("{}: shape {} found; the keys have {}", workload.values,
                                     shape_text(inputs.values.shape), shape_text(inputs.keys.shape)));
    }
    inputs.queries = read_four_dimensions(workload.queries, "[steps, layers, heads, head_dim]");
    settle(shape.layers, inputs.queries.shape[1], "layers", workload.queries);
    settle(shape.heads, inputs.queries.shape[2], "query heads", workload.queries);
    settle(shape.head_dim, inputs.queries.shape[3], "channels of a head", workload.queries);
    check_tokens(workload, inputs);
    if (!workload.prefill_queries.empty()) {
        Tensor& tensor = inputs.prefill_queries =
            read_four_dimensions(workload.prefill_queries, "[t, layers, heads, head_dim]");
        settle(shape.layers, tensor.shape[1], "layers", workload.prefill_queries);
        settle(shape.heads, tensor.shape[2], "query heads", workload.prefill_queries);
        settle(shape.head_dim, tensor.shape[3], "channels of a head", workload.prefill_queries);
        if (tensor.shape[0] == 0 || tensor.shape[0] > shape.prompt) {
            throw InputError(fmt::format("{}: {} rows found; 1 to {} (the prompt) are allowed",
                                         workload.prefill_queries, tensor.shape[0], shape.prompt));
        }
        shape.prefill_query_rows = static_cast<std::uint32_t>(tensor.shape[0]);
    }
    return inputs;
}

/// Values of about unit deviation: sums of uniform integers, so that every machine gives the same.
Tensor random_tensor(std::vector<std::size_t> shape, std::mt19937_64& random) {
    Tensor tensor{std::move(shape), {}};
    tensor.data.resize(tensor.elements());
    constexpr int terms = 3;  // each of variance 1/3 over [-1, 1)
    for (float& value : tensor.data) {
        float sum = 0;
        for (int term = 0; term < terms; ++term) {
            sum += static_cast<float>(random() >> 40) * 0x1p-23F - 1.0F;
        }
        value = sum;
    }
    return tensor;
}

Inputs make_random(const WorkloadParameters& workload, std::uint64_t seed) {
    Inputs inputs;
    Shape& shape = inputs.shape = configured_shape(workload);
    shape.kv_heads = shape.kv_heads == 0 ? shape.heads : shape.kv_heads;
    const std::array needed = {
        std::pair{"layers", shape.layers}, std::pair{"heads", shape.heads}, std::pair{"head_dim", shape.head_dim},
        std::pair{"prompt", shape.prompt}, std::pair{"steps", shape.steps},
    };
    for (const auto& [name, value] : needed) {
        if (value == 0) {
            throw InputError(fmt::format(
                "workload.{}: 0 found; without tensors (workload.keys, values, queries) it must be set", name));
        }
    }
    const std::uint64_t values = std::uint64_t{shape.layers} * shape.kv_heads * shape.tokens() * shape.head_dim;
    constexpr std::uint64_t most = std::uint64_t{1} << 30;
    if (values > most) {
        throw InputError(
            fmt::format("workload: {} values in each of keys and values found; up to {} are allowed", values, most));
    }
    std::mt19937_64 random(seed);
    inputs.keys = random_tensor({shape.layers, shape.kv_heads, shape.tokens(), shape.head_dim}, random);
    inputs.values = random_tensor({shape.layers, shape.kv_heads, shape.tokens(), shape.head_dim}, random);
    inputs.queries = random_tensor({shape.steps, shape.layers, shape.heads, shape.head_dim}, random);
    return inputs;
}

void check_shape(const Shape& shape, const QuantizationParameters& quantization, bool is_fp16) {
    if (shape.heads % shape.kv_heads != 0) {
        throw InputError(fmt::format("workload.heads: {} found; a multiple of the {} KV heads is allowed", shape.heads,
                                     shape.kv_heads));
    }
    if (!is_fp16 && shape.head_dim % quantization.subvectors != 0) {
        throw InputError(fmt::format("pq.subvectors: {} found; a divisor of head_dim {} is allowed",
                                     quantization.subvectors, shape.head_dim));
    }
    constexpr std::uint32_t alignment = 16;  // a vector fills whole 32 B bursts
    if (shape.head_dim % alignment != 0) {
        throw InputError(
            fmt::format("workload.head_dim: {} found; a multiple of {} is allowed", shape.head_dim, alignment));
    }
}

}  // namespace

Inputs load_inputs(const WorkloadParameters& workload, const QuantizationParameters& quantization, std::uint64_t seed) {
    const bool any = !(workload.keys.empty() && workload.values.empty() && workload.queries.empty() &&
                       workload.prefill_queries.empty());
    Inputs inputs = any ? read_tensors(workload) : make_random(workload, seed);
    if (inputs.shape.hidden == 0) {
        inputs.shape.hidden = inputs.shape.heads * inputs.shape.head_dim;
    }
    check_shape(inputs.shape, quantization, workload.is_fp16());
    return inputs;
}

}  // namespace aqpim

#include "platform/input_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include "models/common/error.h"

namespace aqpim {

namespace {

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

/// Every prompt: all tokens before the first step, or so many of them as workload.prompts says.
void settle_prompts(const WorkloadParameters& workload, Shape& shape, std::size_t available) {
    if (workload.prompts.empty()) {
        settle(shape.prompt, available, "tokens before the first step", workload.keys);
    }
    shape.prompts = workload.prompt_lengths(shape.prompt);
    shape.prompt = *std::max_element(shape.prompts.begin(), shape.prompts.end());
    if (shape.prompt > available) {
        throw InputError(fmt::format("workload.prompts: {} found; {} has {} tokens before the first step", shape.prompt,
                                     workload.keys, available));
    }
}

void settle_tokens(const WorkloadParameters& workload, Shape& shape, Activations& activations) {
    const std::size_t tokens = activations.keys.shape[2];
    const std::size_t all_steps = activations.queries.shape[0];
    if (all_steps == 0 || all_steps >= tokens) {
        throw InputError(fmt::format("{}: {} steps found; 1 to {} are allowed for keys of {} tokens", workload.queries,
                                     all_steps, tokens - 1, tokens));
    }
    settle_prompts(workload, shape, tokens - all_steps);
    if (shape.steps > all_steps) {
        throw InputError(fmt::format("workload.steps: {} found; {} has queries for 1 to {}", shape.steps,
                                     workload.queries, all_steps));
    }
    shape.steps = shape.steps == 0 ? static_cast<std::uint32_t>(all_steps) : shape.steps;
    keep_tokens(activations.keys, shape.tokens());
    keep_tokens(activations.values, shape.tokens());
    activations.queries.shape[0] = shape.steps;
    activations.queries.data.resize(activations.queries.elements());
}

Tensor read_queries(const std::string& file, std::string_view allowed, Shape& shape, Arithmetic arithmetic) {
    Tensor tensor = read_tensor(file, 4, allowed, arithmetic);
    settle(shape.layers, tensor.shape[1], "layers", file);
    settle(shape.heads, tensor.shape[2], "query heads", file);
    settle(shape.head_dim, tensor.shape[3], "channels of a head", file);
    return tensor;
}

void read_prefill_queries(const WorkloadParameters& workload, Inputs& inputs, Arithmetic arithmetic) {
    Shape& shape = inputs.shape;
    Tensor& tensor = inputs.activations.front().prefill_queries =
        read_queries(workload.prefill_queries, "[t, layers, heads, head_dim]", shape, arithmetic);
    const std::uint32_t shortest = *std::min_element(shape.prompts.begin(), shape.prompts.end());
    if (tensor.shape[0] == 0 || tensor.shape[0] > shortest) {
        throw InputError(fmt::format("{}: {} rows found; 1 to {} (the shortest prompt) are allowed",
                                     workload.prefill_queries, tensor.shape[0], shortest));
    }
    settle(shape.prefill_query_rows, tensor.shape[0], "rows (workload.prefill_rows)", workload.prefill_queries);
}

/// Of a workload with tensors, or without.
void check_prefill_rows(const Shape& shape, bool given) {
    const std::uint32_t shortest = *std::min_element(shape.prompts.begin(), shape.prompts.end());
    if (!given || shape.prefill_query_rows > shortest) {
        throw InputError(fmt::format("workload.prefill_rows: {} found; {} is allowed", shape.prefill_query_rows,
                                     given ? fmt::format("up to {} (the shortest prompt)", shortest)
                                           : "0 with workload.keys and without workload.prefill_queries"));
    }
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

}  // namespace

Tensor read_tensor(const std::string& file, std::size_t dimensions, std::string_view allowed, Arithmetic arithmetic) {
    Tensor tensor = read_npy(file);
    if (tensor.shape.size() != dimensions) {
        throw InputError(fmt::format("{}: shape {} found; {} is allowed", file, shape_text(tensor.shape), allowed));
    }
    const bool is_bfloat = arithmetic == Arithmetic::bf16;
    const float largest = is_bfloat ? 0x1.fep127F : 65504.0F;
    if (!std::all_of(tensor.data.begin(), tensor.data.end(), [&](float value) { return std::abs(value) <= largest; })) {
        throw InputError(fmt::format("{}: a value that {} cannot hold found; finite values up to {:.6g} are allowed",
                                     file, is_bfloat ? "bf16" : "fp16", largest));
    }
    return tensor;
}

Inputs read_tensors(const WorkloadParameters& workload, Arithmetic arithmetic) {
    if (workload.keys.empty() || workload.values.empty() || workload.queries.empty()) {
        throw InputError("workload: keys, values and queries are given together or not at all");
    }
    Inputs inputs;
    Shape& shape = inputs.shape = workload.configured_shape();
    Activations& activations = inputs.activations.emplace_back();
    constexpr std::string_view kv_shape = "[layers, kv_heads, tokens, head_dim]";
    activations.keys = read_tensor(workload.keys, 4, kv_shape, arithmetic);
    const std::vector<std::size_t>& found = activations.keys.shape;
    settle(shape.layers, found[0], "layers", workload.keys);
    settle(shape.kv_heads, found[1], "KV heads", workload.keys);
    settle(shape.head_dim, found[3], "channels of a head", workload.keys);
    activations.values = read_tensor(workload.values, 4, kv_shape, arithmetic);
    if (activations.values.shape != found) {
        throw InputError(fmt::format("{}: shape {} found; the keys have {}", workload.values,
                                     shape_text(activations.values.shape), shape_text(found)));
    }
    activations.queries = read_queries(workload.queries, "[steps, layers, heads, head_dim]", shape, arithmetic);
    settle_tokens(workload, shape, activations);
    if (!workload.prefill_queries.empty()) {
        read_prefill_queries(workload, inputs, arithmetic);
    } else if (shape.prefill_query_rows != 0) {
        check_prefill_rows(shape, false);
    }
    return inputs;
}

Shape complete_shape(const WorkloadParameters& workload) {
    Shape shape = workload.configured_shape();
    shape.kv_heads = shape.kv_heads == 0 ? shape.heads : shape.kv_heads;
    shape.prompts = workload.prompt_lengths(shape.prompt);
    shape.prompt = *std::max_element(shape.prompts.begin(), shape.prompts.end());
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
    check_prefill_rows(shape, true);
    return shape;
}

std::vector<Activations> make_random(const Shape& shape, std::uint64_t seed) {
    std::uint64_t tokens = 0;
    for (const std::uint32_t prompt : shape.prompts) {
        tokens += prompt + shape.steps;
    }
    const std::uint64_t values = tokens * shape.layers * shape.kv_heads * shape.head_dim;
    constexpr std::uint64_t most = std::uint64_t{1} << 30;
    if (values > most) {
        throw InputError(fmt::format(
            "workload: {} values in each of keys and values found; up to {} are allowed, or sim.data = timing", values,
            most));
    }
    std::vector<Activations> activations(shape.batch());
    for (std::size_t sequence = 0; sequence < activations.size(); ++sequence) {
        const std::vector<std::size_t> cache{shape.layers, shape.kv_heads, shape.prompts[sequence] + shape.steps,
                                             shape.head_dim};
        std::mt19937_64 random(seed + sequence);
        activations[sequence].keys = random_tensor(cache, random);
        activations[sequence].values = random_tensor(cache, random);
        activations[sequence].queries = random_tensor({shape.steps, shape.layers, shape.heads, shape.head_dim}, random);
        activations[sequence].prefill_queries =
            random_tensor({shape.prefill_query_rows, shape.layers, shape.heads, shape.head_dim}, random);
    }
    return activations;
}

}  // namespace aqpim

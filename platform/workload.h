#pragma once

#include <cstdint>
#include <string>

#include "models/common/parameter.h"

namespace aqpim {

/// The shape that a run has: from the tensors where they are given, else from `workload.model` or, for `custom`, from
/// `workload.layers` and so on. `tokens` = prompt + steps.
struct Shape {
    std::uint32_t layers = 0;
    std::uint32_t heads = 0;
    std::uint32_t kv_heads = 0;
    std::uint32_t head_dim = 0;
    std::uint32_t hidden = 0;
    std::uint32_t ffn = 0;
    std::uint32_t vocab = 0;
    std::uint32_t prompt = 0;
    std::uint32_t steps = 0;
    std::uint32_t prefill_query_rows = 0;

    std::uint32_t tokens() const { return prompt + steps; }
    bool operator==(const Shape&) const = default;
};

/// What is inferred: the model's shape, the tensors, and how many tokens.
struct WorkloadParameters {
    std::string model;
    std::string policy;  ///< "aqpim" or "fp16"
    Shape shape;         ///< as configured; zero where a figure comes from the tensors or the model
    std::string keys;
    std::string values;
    std::string queries;
    std::string prefill_queries;

    void declare(ParameterSection workload);
    bool is_fp16() const { return policy == "fp16"; }
    /// Whether anything is asked for: a model, a part of a shape or a tensor.
    bool is_given() const;
};

/// Product quantization of the KV cache (system.md §2).
struct QuantizationParameters {
    std::uint32_t subvectors = 0;
    std::uint32_t centroids = 0;
    std::uint32_t iterations = 0;
    std::uint32_t sinks = 0;
    std::uint32_t recent = 0;
    std::string value_path;

    void declare(ParameterSection pq);
};

}  // namespace aqpim

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/parameter.h"

namespace aqpim {

/// The shape that a run has: from the tensors where they are given, else from `workload.model` or, for `custom`, from
/// `workload.layers` and so on. Sequence b has prompts[b] + steps tokens.
struct Shape {
    std::uint32_t layers = 0;
    std::uint32_t heads = 0;
    std::uint32_t kv_heads = 0;
    std::uint32_t head_dim = 0;
    std::uint32_t hidden = 0;
    std::uint32_t ffn = 0;
    std::uint32_t vocab = 0;
    std::uint32_t prompt = 0;  ///< of the longest sequence
    std::uint32_t steps = 0;
    std::uint32_t prefill_query_rows = 0;
    std::vector<std::uint32_t> prompts;  ///< one for each sequence

    std::uint32_t batch() const { return static_cast<std::uint32_t>(prompts.size()); }
    /// Of the longest sequence.
    std::uint32_t tokens() const { return prompt + steps; }
    std::uint32_t queries_per_head() const { return heads / kv_heads; }
    /// Of projections (attention's four, the feed-forward layer's two or, gated, three), embedding and output.
    std::uint64_t weights(bool gated) const;
    bool operator==(const Shape&) const = default;
};

/// What is inferred: the model's shape, the tensors, and how many tokens of how many sequences.
struct WorkloadParameters {
    std::string model;
    std::string policy;  ///< "aqpim", "fp16", "int4" or "int2"
    Shape shape;         ///< as configured; zero where a figure comes from the tensors or the model
    std::uint32_t batch = 0;
    std::string prompts;  ///< lengths, separated by commas
    std::string prefill;  ///< "run" or "skip"
    bool gated = true;    ///< of a custom model
    std::string rope;     ///< as rope_pairs (platform/channel_order.h) takes it
    std::string keys;
    std::string values;
    std::string queries;
    std::string prefill_queries;
    std::string key_order;
    std::string value_order;

    void declare(ParameterSection workload);
    bool is_fp16() const { return policy == "fp16"; }
    bool is_uniform() const { return policy == "int4" || policy == "int2"; }
    /// Of uniform quantization.
    std::uint32_t levels() const { return policy == "int4" ? 16 : 4; }
    bool skips_prefill() const { return prefill == "skip"; }
    bool has_tensors() const { return !(keys.empty() && values.empty() && queries.empty() && prefill_queries.empty()); }
    /// Whether the feed-forward layer has a gate: three projections, else two.
    bool is_gated() const;
    /// Whether anything is asked for: a model, a part of a shape or a tensor.
    bool is_given() const;

    /// Prompts of all sequences: `prompts`, or `batch` times `prompt`. Throws InputError for what is no list of
    /// lengths, or not as many as `batch`.
    std::vector<std::uint32_t> prompt_lengths(std::uint32_t prompt) const;
    /// What the model and the keys say of the shape; zero where they leave a figure to the tensors.
    Shape configured_shape() const;
};

/// Product quantization of the KV cache (system.md §2).
struct QuantizationParameters {
    std::uint32_t subvectors = 0;
    std::uint32_t centroids = 0;
    std::uint32_t iterations = 0;
    std::uint32_t sinks = 0;
    std::uint32_t recent = 0;
    std::uint32_t window = 0;  ///< elements of a codebook window; 0: one window
    std::string value_path;
    std::string initial;
    std::string empty_cluster;
    std::string ties;
    std::uint32_t page_columns = 0;
    std::string codebook_keys;
    std::string codebook_values;

    void declare(ParameterSection pq);
    bool has_given_codebooks() const { return initial == "given"; }
};

}  // namespace aqpim

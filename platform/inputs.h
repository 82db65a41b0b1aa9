#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "models/common/npy.h"
#include "platform/channel_order.h"
#include "platform/configuration.h"
#include "platform/workload.h"

namespace aqpim {

/// What the GPU would compute for a sequence; channels in the order in which they are kept.
struct Activations {
    Tensor keys;             ///< [layers, kv_heads, tokens, head_dim]; tokens: of this sequence, or more
    Tensor values;           ///< the same
    Tensor queries;          ///< [steps, layers, heads, head_dim]
    Tensor prefill_queries;  ///< [t, layers, heads, head_dim], or no data
};

/// Codebooks to begin with: [layers or 1][kv_heads or 1][centroids][head_dim], centroid c of all subvectors one after
/// the other. No data where none are given.
struct GivenCodebooks {
    std::size_t layers = 0;
    std::size_t kv_heads = 0;
    std::vector<float> keys;
    std::vector<float> values;
};

/// The inputs of a run.
struct Inputs {
    Shape shape;
    /// One for each sequence, or one that all share; with sim.data = timing the one has no data.
    std::vector<Activations> activations;
    GivenCodebooks codebooks;
    std::optional<ChannelOrder> key_order;
    std::optional<ChannelOrder> value_order;

    bool are_shared() const { return activations.size() == 1; }
    const Activations& of(std::size_t sequence) const { return activations[are_shared() ? 0 : sequence]; }
};

/// Reads the tensors that the configuration's workload names (which every sequence of the batch then uses), or makes
/// random ones of its shape (sequence b from sim.seed + b), and checks them against each other and against the policy.
/// Throws InputError naming file or key, what was found and what is allowed.
Inputs load_inputs(const Configuration& configuration);

}  // namespace aqpim

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/common/npy.h"

namespace aqpim {

/// Which channels of a head RoPE rotates together: none, 2i with 2i + 1, or i with i + head_dim / 2.
enum class RopePairs { none, interleaved, half };

/// By the name that `workload.rope` gives. Throws InputError for any other.
RopePairs rope_pairs(const std::string& name);

/// A fixed permutation of each KV head's channels, for keys or for values (system.md §2, "channel sorting"). It is
/// meant to be absorbed into the projection weights, so that it costs nothing at run time.
struct ChannelOrder {
    std::size_t layers = 0;
    std::size_t kv_heads = 0;
    std::size_t head_dim = 0;
    std::vector<std::uint16_t> channels;  ///< position -> original channel, [layers][kv_heads][head_dim]

    std::span<const std::uint16_t> head(std::size_t layer, std::size_t kv_head) const {
        return {channels.data() + (layer * kv_heads + kv_head) * head_dim, head_dim};
    }
    std::vector<std::size_t> shape() const { return {layers, kv_heads, head_dim}; }
    bool operator==(const ChannelOrder&) const = default;
};

/// Finds an order from sample activations [layers, kv_heads, tokens, head_dim]: for each subvector a reference drawn at
/// random among the channels left, and the head_dim / subvectors - 1 of these that are most cosine-similar to it. With
/// RoPE the pairs are sorted instead, each kept next to each other, first before second; two pairs are as similar as
/// the root of the mean square of their channels' four cosines, which has no sign, since RoPE's turns leave none
/// that lasts. Channels within a subvector, and subvectors, are in ascending order, so that nothing moves without need.
/// With one channel in a subvector this is the identity. A channel whose values are all zero is similar to none. Same
/// activations, same `seed`: same order. Throws InputError for another shape, for `subvectors` that do not divide
/// head_dim, and for pairs that do not fill a subvector.
ChannelOrder sort_channels(const Tensor& activations, std::size_t subvectors, RopePairs pairs, std::uint64_t seed);

/// Every channel at its own place.
ChannelOrder identity_order(std::size_t layers, std::size_t kv_heads, std::size_t head_dim);

/// The mean absolute cosine similarity of two channels that share a subvector, over `activations` in their original
/// order; 0 where subvectors have one channel.
double mean_similarity(const Tensor& activations, const ChannelOrder& order, std::size_t subvectors);

/// Reads uint16 `.npy` [layers, kv_heads, head_dim], as write_channel_order and `--dump-pq` leave it. With pairs, each
/// head's order must be the identity or have the members of every pair next to each other, first before second. Throws
/// InputError that names the file, the layer and the head.
ChannelOrder read_channel_order(const std::string& file, std::size_t layers, std::size_t kv_heads, std::size_t head_dim,
                                RopePairs pairs);

/// Throws InputError when the file cannot be written.
void write_channel_order(const std::string& file, const ChannelOrder& order);

// What weights that have absorbed an order do. Each throws std::invalid_argument for a tensor of a shape that the order
// is not for.

/// Keys or values [layers, kv_heads, tokens, head_dim] into sorted order.
void sort_vectors(Tensor& tensor, const ChannelOrder& order);
/// Queries [..., layers, heads, head_dim] into the keys' sorted order; query head h reads KV head
/// h / (heads / kv_heads).
void sort_queries(Tensor& tensor, const ChannelOrder& order);
/// Outputs of attention [..., layers, heads, head_dim] from the values' sorted order into the original one.
void restore_outputs(Tensor& tensor, const ChannelOrder& order);

}  // namespace aqpim

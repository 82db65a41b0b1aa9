#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "aqpim/gpu.h"
#include "models/common/fp16.h"

namespace aqpim {

/// Where a piece of a packed vector goes: `bytes` bytes at `source` of the vector to `target` of the image.
struct PackPiece {
    std::uint64_t source;
    std::uint64_t target;
    std::uint32_t bytes;
};

/// The pieces that lay element `element` of KV head `head` out for the PIM banks (aqpim/pim_layout.h).
std::vector<PackPiece> pack_pieces(const aqpim_gpu_pack& pack, std::uint32_t head, std::uint32_t element);

/// Importance weights of one KV head (aqpim/gpu.h, struct aqpim_gpu_importance): the attention that the last
/// `query_rows` queries give to each token. `keys`: [tokens][head_dim]; `queries`: [query_rows][group][head_dim],
/// `group` query heads sharing the KV head. Returns fp16 [tokens], scaled by importance_scale().
std::vector<Half> importance(const std::vector<float>& keys, const std::vector<float>& queries, std::size_t tokens,
                             std::size_t query_rows, std::size_t group, std::size_t head_dim);

/// The largest power of two that keeps a weight of `rows` (all attention of all rows on one token) within 2^15.
float importance_scale(std::size_t rows);

}  // namespace aqpim

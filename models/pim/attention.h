#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/pim.h"

namespace aqpim {

/// One KV head's keys or values: codes and codebooks of the coded tokens, vectors of the uncompressed ones.
struct QuantizedVectors {
    std::vector<std::vector<float>> codebooks;      ///< [subvectors] of [centroids][dims]
    std::vector<std::vector<std::uint16_t>> codes;  ///< [subvectors] of [coded]
    std::vector<float> uncoded;                     ///< [uncoded][head_dim]
};

/// Attention of one query ([head_dim]) on codes, as the engines compute it (system.md §2): inner products of the query
/// with each centroid as fp16 tables, a token's score as the fp32 sum of its table entries; exp(score - max) moves to
/// the banks as fp16 and is divided by its sum at the end. Values by `path`: "loop" adds centroid values token by token
/// in fp32; "histogram" sums the weight of each centroid in fp32, stores it as fp16, and multiplies once per centroid.
/// Returns [head_dim], not yet rounded to fp16.
std::vector<float> attend(const QuantizedVectors& keys, const QuantizedVectors& values, const std::vector<float>& query,
                          aqpim_value_path path);

}  // namespace aqpim

#pragma once

#include <cstdint>
#include <vector>

namespace aqpim {

/// One subvector's vectors of one head: `count` vectors of `dims` values (fp16 values held in floats), and their
/// weights (empty: all 1).
struct KmeansInput {
    std::vector<float> vectors;  ///< [count][dims]
    std::vector<float> weights;  ///< [count] or empty
    std::size_t count = 0;
    std::size_t dims = 0;
};

struct KmeansResult {
    std::vector<float> centroids;      ///< [centroids][dims], fp16 values
    std::vector<std::uint16_t> codes;  ///< [count], nearest of these centroids
};

/// Weighted Lloyd k-means as the engines compute it (system.md §2): k-means++ from `seed`, exactly `iterations`
/// iterations, then a last assignment. Distances are summed in fp32 by the bank engine and rounded to fp16 when they
/// move to the buffer engine, which takes the minimum; ties go to the lowest index. A centroid is Σ w·x / Σ w in fp32,
/// stored as fp16; one without weight keeps its place.
KmeansResult cluster(const KmeansInput& input, std::size_t centroids, unsigned iterations, std::uint64_t seed);

/// The code of one vector: the nearest of `centroids` ([count][dims]), with the same arithmetic.
std::uint16_t nearest_centroid(const float* vector, const std::vector<float>& centroids, std::size_t dims);

/// The seed of subvector `subvector` of head `head` in a command with seed `seed`.
std::uint64_t subvector_seed(std::uint64_t seed, unsigned head, unsigned subvector);

}  // namespace aqpim

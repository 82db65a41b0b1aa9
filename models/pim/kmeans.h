#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/pim/arithmetic.h"
#include "models/pim/kmeans_kernel.h"

namespace aqpim {

/// Where clustering starts.
enum class Initial {
    kmeans_pp,  ///< k-means++ (Arthur and Vassilvitskii, SODA 2007); a vector's mass is its weight times its distance
    random,     ///< different vectors, drawn uniformly
    first,      ///< vectors 0, n/K, 2n/K, … of n
    given,      ///< `KmeansInput::initial`
};

/// What becomes of a centroid whose vectors have no weight.
enum class EmptyCluster {
    keep,      ///< it keeps its place
    farthest,  ///< it becomes the vector farthest from its own centroid
};

struct KmeansOptions {
    std::size_t centroids = 0;  ///< K, 1 to 65535
    unsigned iterations = 0;
    std::uint64_t seed = 0;
    Initial initial = Initial::kmeans_pp;
    EmptyCluster empty = EmptyCluster::keep;
    Ties ties = Ties::lowest;
    Arithmetic arithmetic = Arithmetic::fp16_fp32;
};

/// One subvector's vectors of one head: 16-bit values held in floats.
struct KmeansInput {
    std::vector<float> vectors;  ///< [count][dims]
    std::vector<float> weights;  ///< [count], or empty: all 1
    std::size_t count = 0;       ///< at least 1
    std::size_t dims = 0;        ///< at least 1
    std::vector<float> initial;  ///< [centroids][dims] with `Initial::given`, else unused
};

struct KmeansResult {
    std::vector<float> centroids;      ///< [centroids][dims], 16-bit values
    std::vector<std::uint16_t> codes;  ///< [count], nearest of these centroids
};

/// Weighted Lloyd k-means as the engines compute it (system.md §2): the initial centroids, exactly `iterations`
/// iterations, then a last assignment. Assignments are those of `nearest_centroids`. A centroid is Σ w·x / Σ w: both
/// sums in the bank engines' accumulators in the order of the vectors, the quotient rounded to 16 bits. With
/// `EmptyCluster::farthest` the centroids without weight, lowest index first, take the vectors in descending order of
/// the distance to the centroid that this iteration assigned them to (lowest index on ties, each vector once, none
/// whose distance is NaN). k-means++ sees distances as they arrive in the buffer engine, never draws a vector that is
/// not finite, and takes vector 0 where no vector has mass. With fewer vectors than centroids some start alike.
/// Throws InputError where sizes do not fit.
KmeansResult cluster(const KmeansInput& input, const KmeansOptions& options);

/// The code of one vector ([dims]), as by `nearest_centroids`.
std::uint16_t nearest_centroid(const float* vector, const std::vector<float>& centroids, std::size_t dims,
                               Arithmetic arithmetic = Arithmetic::fp16_fp32, Ties ties = Ties::lowest);

/// The seed of subvector `subvector` of head `head` in a command with seed `seed`.
std::uint64_t subvector_seed(std::uint64_t seed, unsigned head, unsigned subvector);

}  // namespace aqpim

#include "models/pim/kmeans.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/common/error.h"
#include "models/pim/kmeans_initial.h"

namespace aqpim {

namespace {

void check_size(const char* what, std::size_t found, std::size_t allowed) {
    if (found != allowed) {
        throw InputError(fmt::format("clustering: {} {}, must be {}", found, what, allowed));
    }
}

void check(const KmeansInput& input, const KmeansOptions& options) {
    if (input.count == 0 || input.dims == 0) {
        throw InputError(
            fmt::format("clustering: {} vectors of {} dimensions, must be at least 1 of 1", input.count, input.dims));
    }
    if (options.centroids == 0 || options.centroids > 65535) {
        throw InputError(fmt::format("clustering: {} centroids, must be 1 to 65535", options.centroids));
    }
    check_size("values of vectors", input.vectors.size(), input.count * input.dims);
    check_size("weights", input.weights.size(), input.weights.empty() ? 0 : input.count);
    if (options.initial == Initial::given) {
        check_size("values of initial centroids", input.initial.size(), options.centroids * input.dims);
    }
}

struct ClusterSums {
    std::vector<float> numerators;    ///< [centroids][dims]
    std::vector<float> denominators;  ///< [centroids]
};

template <typename Policy>
ClusterSums accumulate(const KmeansInput& input, const std::vector<std::uint16_t>& codes, std::size_t centroids) {
    ClusterSums sums{std::vector<float>(centroids * input.dims), std::vector<float>(centroids)};
    for (std::size_t i = 0; i < input.count; ++i) {
        const float weight = input.weights.empty() ? 1.0F : input.weights[i];
        const float* const vector = &input.vectors[i * input.dims];
        float* const numerators = &sums.numerators[codes[i] * input.dims];
        float& denominator = sums.denominators[codes[i]];
        denominator = Policy::lane(denominator + weight);
        for (std::size_t j = 0; j < input.dims; ++j) {
            numerators[j] = Policy::lane(numerators[j] + Policy::lane(weight * vector[j]));
        }
    }
    return sums;
}

/// The vectors by descending distance to their own centroids; those that are NaN away are left out.
std::vector<std::size_t> farthest_first(const KmeansInput& input, const std::vector<std::uint16_t>& codes,
                                        const std::vector<float>& centroids, Arithmetic arithmetic) {
    std::vector<float> distances(input.count);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < input.count; ++i) {
        distances[i] =
            moved_distance(&input.vectors[i * input.dims], &centroids[codes[i] * input.dims], input.dims, arithmetic);
        if (!std::isnan(distances[i])) {
            order.push_back(i);
        }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return distances[a] > distances[b]; });
    return order;
}

/// Centroids without weight, lowest index first.
std::vector<std::size_t> empty_clusters(const ClusterSums& sums) {
    std::vector<std::size_t> empty;
    for (std::size_t c = 0; c < sums.denominators.size(); ++c) {
        if (!(sums.denominators[c] > 0)) {
            empty.push_back(c);
        }
    }
    return empty;
}

template <typename Policy>
void update(const KmeansInput& input, const KmeansOptions& options, const std::vector<std::uint16_t>& codes,
            std::vector<float>& centroids) {
    const ClusterSums sums = accumulate<Policy>(input, codes, options.centroids);
    const std::vector<std::size_t> empty = empty_clusters(sums);
    std::vector<std::size_t> farthest;
    if (options.empty == EmptyCluster::farthest && !empty.empty()) {
        farthest = farthest_first(input, codes, centroids, options.arithmetic);
    }
    for (std::size_t c = 0; c < options.centroids; ++c) {
        for (std::size_t j = 0; j < input.dims && sums.denominators[c] > 0; ++j) {
            const std::size_t place = c * input.dims + j;
            centroids[place] = Policy::move(sums.numerators[place] / sums.denominators[c]);
        }
    }
    for (std::size_t e = 0; e < std::min(empty.size(), farthest.size()); ++e) {
        std::copy_n(&input.vectors[farthest[e] * input.dims], input.dims, &centroids[empty[e] * input.dims]);
    }
}

std::vector<std::uint16_t> assign(const KmeansInput& input, const KmeansOptions& options,
                                  const std::vector<float>& centroids) {
    return nearest_centroids(input.vectors.data(), input.count, centroids, input.dims, options.arithmetic,
                             options.ties);
}

}  // namespace

KmeansResult cluster(const KmeansInput& input, const KmeansOptions& options) {
    check(input, options);
    KmeansResult result{initial_centroids(input, options), {}};
    for (unsigned iteration = 0; iteration < options.iterations; ++iteration) {
        const std::vector<std::uint16_t> codes = assign(input, options, result.centroids);
        with_arithmetic(options.arithmetic,
                        [&](auto policy) { update<decltype(policy)>(input, options, codes, result.centroids); });
    }
    result.codes = assign(input, options, result.centroids);
    return result;
}

std::uint16_t nearest_centroid(const float* vector, const std::vector<float>& centroids, std::size_t dims,
                               Arithmetic arithmetic, Ties ties) {
    return nearest_centroids(vector, 1, centroids, dims, arithmetic, ties).front();
}

}  // namespace aqpim

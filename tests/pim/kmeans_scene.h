#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "models/pim/kmeans.h"

/// Vectors to cluster, and what clustering is, in float64 from its definition.
namespace kmeans_scene {

using aqpim::KmeansInput;
using aqpim::KmeansOptions;

inline KmeansInput random_input(std::size_t count, std::size_t dims, unsigned seed, bool weighted,
                                aqpim::Arithmetic arithmetic = aqpim::Arithmetic::fp16_fp32) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    const auto stored = [arithmetic](float value) {
        return aqpim::load_word(aqpim::store_word(value, arithmetic), arithmetic);
    };
    KmeansInput input{std::vector<float>(count * dims), {}, count, dims, {}};
    for (float& value : input.vectors) {
        value = stored(normal(random));
    }
    input.weights.resize(weighted ? count : 0);
    for (float& weight : input.weights) {
        weight = stored(std::exp(2 * normal(random)));
    }
    return input;
}

inline KmeansOptions options(std::size_t centroids, unsigned iterations, std::uint64_t seed) {
    KmeansOptions result;
    result.centroids = centroids;
    result.iterations = iterations;
    result.seed = seed;
    return result;
}

inline std::vector<double> widen(const std::vector<float>& values) {
    return {values.begin(), values.end()};
}

inline double distance(const KmeansInput& input, std::size_t i, const std::vector<double>& centroids, std::size_t c) {
    double sum = 0;
    for (std::size_t j = 0; j < input.dims; ++j) {
        const double difference = input.vectors[i * input.dims + j] - centroids[c * input.dims + j];
        sum += difference * difference;
    }
    return sum;
}

inline std::size_t nearest(const KmeansInput& input, std::size_t i, const std::vector<double>& centroids) {
    std::size_t best = 0;
    double least = distance(input, i, centroids, 0);
    for (std::size_t c = 1; c < centroids.size() / input.dims; ++c) {
        const double found = distance(input, i, centroids, c);
        if (found < least) {
            least = found;
            best = c;
        }
    }
    return best;
}

inline double weight(const KmeansInput& input, std::size_t i) {
    return input.weights.empty() ? 1.0 : input.weights[i];
}

/// Lloyd's algorithm from given centroids.
inline std::vector<double> lloyd(const KmeansInput& input, std::vector<double> centroids, unsigned iterations) {
    while (iterations-- != 0) {
        std::vector<double> sums(centroids.size());
        std::vector<double> mass(centroids.size() / input.dims);
        for (std::size_t i = 0; i < input.count; ++i) {
            const std::size_t c = nearest(input, i, centroids);
            mass[c] += weight(input, i);
            for (std::size_t j = 0; j < input.dims; ++j) {
                sums[c * input.dims + j] += weight(input, i) * input.vectors[i * input.dims + j];
            }
        }
        for (std::size_t c = 0; c < mass.size(); ++c) {
            for (std::size_t j = 0; j < input.dims && mass[c] > 0; ++j) {
                centroids[c * input.dims + j] = sums[c * input.dims + j] / mass[c];
            }
        }
    }
    return centroids;
}

inline double inertia(const KmeansInput& input, const std::vector<double>& centroids) {
    double sum = 0;
    for (std::size_t i = 0; i < input.count; ++i) {
        sum += weight(input, i) * distance(input, i, centroids, nearest(input, i, centroids));
    }
    return sum;
}

}  // namespace kmeans_scene

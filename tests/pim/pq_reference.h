#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/pim/kmeans_scene.h"
#include "tests/pim/pq_scene.h"

/// What a scene's commands ought to give, in float64: clustering from the scene's vectors, attention from its queries,
/// codebooks, codes and uncompressed vectors.
namespace pq_reference {

using aqpim::PqScene;
using aqpim::Tensor;

/// One subvector of one unit in one window.
struct Place {
    Tensor tensor;
    std::uint32_t unit;
    std::uint32_t window;
    std::uint32_t i;
};

inline aqpim::KmeansInput input_of(const PqScene& scene, const Place& place) {
    const auto [first, end] = scene.window_of_unit(place.unit, place.window);
    aqpim::KmeansInput input;
    input.vectors = scene.part(place.tensor, place.unit, place.i, first, end - first);
    input.count = end - first;
    input.dims = scene.dims();
    if ((scene.work.flags & AQPIM_PIM_FLAG_WEIGHTED) != 0) {
        const auto weights = scene.weights[place.unit].begin();
        input.weights.assign(weights + first, weights + end);
    }
    return input;
}

/// Vectors evenly spaced, from the first on.
inline std::vector<double> first_centroids(const aqpim::KmeansInput& input, std::size_t centroids) {
    std::vector<double> chosen;
    for (std::size_t c = 0; c < centroids; ++c) {
        for (std::size_t j = 0; j < input.dims; ++j) {
            chosen.push_back(input.vectors[c * input.count / centroids * input.dims + j]);
        }
    }
    return chosen;
}

/// The sum of squared distances to the nearest centroid, of the scene's codebook and of Lloyd's algorithm in float64
/// from `initial`.
struct Inertia {
    double found = 0;
    double expected = 0;
    Inertia& operator+=(const Inertia& other) {
        found += other.found;
        expected += other.expected;
        return *this;
    }
};
inline Inertia inertia_of(PqScene& scene, const Place& place, const std::vector<double>& initial) {
    const aqpim::KmeansInput input = input_of(scene, place);
    const auto found = kmeans_scene::widen(scene.codebook(place.tensor, place.unit, place.window, place.i));
    return {kmeans_scene::inertia(input, found),
            kmeans_scene::inertia(input, kmeans_scene::lloyd(input, initial, scene.work.iterations))};
}

/// How many of the place's codes name a centroid that is at most `slack` (a share of the squared distance) further than
/// the nearest.
struct Share {
    std::size_t right = 0;
    std::size_t all = 0;
    Share& operator+=(const Share& other) {
        right += other.right;
        all += other.all;
        return *this;
    }
};
inline Share nearest_codes(PqScene& scene, const Place& place, double slack) {
    const aqpim::KmeansInput input = input_of(scene, place);
    const auto centroids = kmeans_scene::widen(scene.codebook(place.tensor, place.unit, place.window, place.i));
    const auto codes = scene.codes(place.tensor, place.unit, place.i);
    const std::uint32_t first = scene.window_of_unit(place.unit, place.window).first;
    Share share;
    for (std::size_t t = 0; t < input.count; ++t) {
        const std::size_t nearest = kmeans_scene::nearest(input, t, centroids);
        const double least = kmeans_scene::distance(input, t, centroids, nearest);
        share.right += kmeans_scene::distance(input, t, centroids, codes[first + t]) <= least * (1 + slack) ? 1U : 0U;
        ++share.all;
    }
    return share;
}

/// What a unit's codes and slots stand for: [coded + uncoded][head_dim].
inline std::vector<double> decoded(PqScene& scene, Tensor tensor, std::uint32_t unit) {
    const std::size_t head_dim = scene.work.shape.head_dim;
    const std::size_t dims = scene.dims();
    std::vector<double> all(scene.vectors[tensor][unit].begin(), scene.vectors[tensor][unit].end());
    for (std::uint32_t i = 0; i < scene.work.shape.subvectors; ++i) {
        const auto codes = scene.codes(tensor, unit, i);
        for (std::uint32_t window = 0; window < scene.windows(); ++window) {
            const auto codebook = scene.codebook(tensor, unit, window, i);
            const auto [first, end] = scene.window_of_unit(unit, window);
            for (std::size_t t = first; t < end; ++t) {
                for (std::size_t j = 0; j < dims; ++j) {
                    all[t * head_dim + i * dims + j] = codebook[codes[t] * dims + j];
                }
            }
        }
    }
    return all;
}

/// Attention of one query over vectors [tokens][head_dim].
inline std::vector<double> attention(const float* query, const std::vector<double>& keys,
                                     const std::vector<double>& values, std::size_t head_dim) {
    std::vector<double> scores(keys.size() / head_dim);
    for (std::size_t t = 0; t < scores.size(); ++t) {
        for (std::size_t j = 0; j < head_dim; ++j) {
            scores[t] += query[j] * keys[t * head_dim + j] / std::sqrt(static_cast<double>(head_dim));
        }
    }
    const double most = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    std::vector<double> output(head_dim);
    for (std::size_t t = 0; t < scores.size(); ++t) {
        const double weight = std::exp(scores[t] - most);
        sum += weight;
        for (std::size_t j = 0; j < head_dim; ++j) {
            output[j] += weight * values[t * head_dim + j];
        }
    }
    for (double& value : output) {
        value /= sum;
    }
    return output;
}

/// Of all queries of all units: [units][queries_per_head][head_dim].
inline std::vector<double> attention(PqScene& scene) {
    const std::size_t head_dim = scene.work.shape.head_dim;
    std::vector<double> all;
    for (std::uint32_t unit = 0; unit < scene.units(); ++unit) {
        const auto keys = decoded(scene, aqpim::keys, unit);
        const auto values = decoded(scene, aqpim::values, unit);
        for (std::size_t q = 0; q < scene.work.queries_per_head; ++q) {
            const auto output = attention(&scene.queries[unit][q * head_dim], keys, values, head_dim);
            all.insert(all.end(), output.begin(), output.end());
        }
    }
    return all;
}

/// The greatest relative L2 error of any query's output.
template <class Number>
double worst_error(const std::vector<float>& found, const std::vector<Number>& expected, std::size_t head_dim) {
    double worst = 0;
    for (std::size_t at = 0; at < expected.size(); at += head_dim) {
        double error = 0;
        double norm = 0;
        for (std::size_t j = at; j < at + head_dim; ++j) {
            error += std::pow(found[j] - expected[j], 2);
            norm += std::pow(expected[j], 2);
        }
        worst = std::max(worst, std::sqrt(error / norm));
    }
    return worst;
}

}  // namespace pq_reference

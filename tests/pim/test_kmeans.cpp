#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

#include "models/common/fp16.h"
#include "models/pim/kmeans.h"

using namespace aqpim;

namespace {

KmeansInput random_input(std::size_t count, std::size_t dims, unsigned seed, bool weighted) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    KmeansInput input{std::vector<float>(count * dims), {}, count, dims};
    for (float& value : input.vectors) {
        value = round_to_half(normal(random));
    }
    if (weighted) {
        input.weights.resize(count);
        for (float& weight : input.weights) {
            weight = round_to_half(std::exp(3 * normal(random)));
        }
    }
    return input;
}

double distance(const KmeansInput& input, std::size_t i, const std::vector<double>& centroids, std::size_t c) {
    double sum = 0;
    for (std::size_t j = 0; j < input.dims; ++j) {
        const double difference = input.vectors[i * input.dims + j] - centroids[c * input.dims + j];
        sum += difference * difference;
    }
    return sum;
}

std::size_t nearest(const KmeansInput& input, std::size_t i, const std::vector<double>& centroids) {
    std::size_t best = 0;
    for (std::size_t c = 1; c < centroids.size() / input.dims; ++c) {
        if (distance(input, i, centroids, c) < distance(input, i, centroids, best)) {
            best = c;
        }
    }
    return best;
}

double weight(const KmeansInput& input, std::size_t i) {
    return input.weights.empty() ? 1.0 : input.weights[i];
}

/// Lloyd's algorithm in float64 from given centroids.
std::vector<double> lloyd(const KmeansInput& input, std::vector<double> centroids, unsigned iterations) {
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

double inertia(const KmeansInput& input, const std::vector<double>& centroids) {
    double sum = 0;
    for (std::size_t i = 0; i < input.count; ++i) {
        sum += weight(input, i) * distance(input, i, centroids, nearest(input, i, centroids));
    }
    return sum;
}

std::vector<double> widen(const std::vector<float>& values) {
    return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("clustering reaches the inertia of float64 Lloyd from the same start") {
    for (const bool weighted : {false, true}) {
        for (const std::size_t centroids : {2, 16, 128}) {
            const KmeansInput input = random_input(900, 4, 7, weighted);
            const auto start = cluster(input, centroids, 0, 42).centroids;
            const auto result = cluster(input, centroids, 4, 42);
            const double expected = inertia(input, lloyd(input, widen(start), 4));
            CHECK(inertia(input, widen(result.centroids)) == Approx(expected).epsilon(0.01));
        }
    }
}

TEST_CASE("codes name the nearest centroid but for fp16 near-ties") {
    const KmeansInput input = random_input(2000, 4, 3, false);
    const auto result = cluster(input, 256, 4, 1);
    const auto centroids = widen(result.centroids);
    std::size_t right = 0;
    for (std::size_t i = 0; i < input.count; ++i) {
        const double chosen = distance(input, i, centroids, result.codes[i]);
        const double best = distance(input, i, centroids, nearest(input, i, centroids));
        right += result.codes[i] == nearest(input, i, centroids) ? 1 : 0;
        CHECK(chosen <= best * (1 + 0x1p-10));
    }
    CHECK(right >= input.count * 99 / 100);
}

TEST_CASE("initial centroids are vectors of the input, and every distinct one is found when there is room") {
    KmeansInput input{{}, {}, 40, 2};
    for (std::size_t i = 0; i < input.count; ++i) {
        input.vectors.push_back(static_cast<float>(i % 5));
        input.vectors.push_back(static_cast<float>(i % 5) * -2);
    }
    auto centroids = cluster(input, 5, 0, 99).centroids;
    std::vector<float> firsts;
    for (std::size_t c = 0; c < 5; ++c) {
        CHECK(centroids[c * 2 + 1] == centroids[c * 2] * -2);
        firsts.push_back(centroids[c * 2]);
    }
    std::sort(firsts.begin(), firsts.end());
    CHECK(firsts == std::vector<float>{0, 1, 2, 3, 4});
}

TEST_CASE("more centroids than vectors: every vector is reproduced, and ties take the lowest index") {
    const KmeansInput input = random_input(10, 4, 5, false);
    const auto result = cluster(input, 32, 4, 8);
    for (std::size_t i = 0; i < input.count; ++i) {
        for (std::size_t j = 0; j < input.dims; ++j) {
            CHECK(result.centroids[result.codes[i] * input.dims + j] == input.vectors[i * input.dims + j]);
        }
        const auto first = nearest_centroid(&input.vectors[i * input.dims], result.centroids, input.dims);
        CHECK(first == result.codes[i]);
    }
}

TEST_CASE("a centroid whose vectors have no weight keeps its place") {
    KmeansInput input{{0, 0, 10, 10}, {1, 0}, 2, 2};
    const auto start = cluster(input, 2, 0, 1).centroids;
    const auto result = cluster(input, 2, 3, 1);
    for (std::size_t c = 0; c < 2; ++c) {
        if (start[c * 2] == 10) {
            CHECK(result.centroids[c * 2] == 10);
        }
    }
    CHECK(std::isfinite(result.centroids[0]));
}

TEST_CASE("the same seed gives the same clusters, another seed others") {
    const KmeansInput input = random_input(300, 4, 2, false);
    CHECK(cluster(input, 16, 4, 5).codes == cluster(input, 16, 4, 5).codes);
    CHECK(cluster(input, 16, 4, 5).codes != cluster(input, 16, 4, 6).codes);
    CHECK(subvector_seed(1, 0, 1) != subvector_seed(1, 1, 0));
}

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

#include "models/common/fp16.h"
#include "models/pim/attention.h"

using namespace aqpim;

namespace {

constexpr std::size_t head_dim = 32;

QuantizedVectors random_vectors(std::size_t m, std::size_t centroids, std::size_t coded, std::size_t uncoded,
                                unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    QuantizedVectors vectors;
    const std::size_t dims = head_dim / m;
    for (std::size_t i = 0; i < m; ++i) {
        vectors.codebooks.emplace_back(centroids * dims);
        for (float& value : vectors.codebooks.back()) {
            value = round_to_half(normal(random));
        }
        vectors.codes.emplace_back(coded);
        for (std::uint16_t& code : vectors.codes.back()) {
            code = static_cast<std::uint16_t>(random() % centroids);
        }
    }
    vectors.uncoded.resize(uncoded * head_dim);
    for (float& value : vectors.uncoded) {
        value = round_to_half(normal(random));
    }
    return vectors;
}

/// Token `t`'s vector in float64: what its codes stand for, or itself.
double element(const QuantizedVectors& vectors, std::size_t t, std::size_t channel) {
    const std::size_t coded = vectors.codes.front().size();
    if (t >= coded) {
        return vectors.uncoded[(t - coded) * head_dim + channel];
    }
    const std::size_t dims = head_dim / vectors.codebooks.size();
    return vectors.codebooks[channel / dims][vectors.codes[channel / dims][t] * dims + channel % dims];
}

std::vector<double> exact_attention(const QuantizedVectors& keys, const QuantizedVectors& values,
                                    const std::vector<float>& query) {
    const std::size_t tokens = keys.codes.front().size() + keys.uncoded.size() / head_dim;
    std::vector<double> weights(tokens);
    double sum = 0;
    for (std::size_t t = 0; t < tokens; ++t) {
        double dot = 0;
        for (std::size_t j = 0; j < head_dim; ++j) {
            dot += query[j] * element(keys, t, j);
        }
        sum += weights[t] = std::exp(dot / std::sqrt(static_cast<double>(head_dim)));
    }
    std::vector<double> output(head_dim);
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t j = 0; j < head_dim; ++j) {
            output[j] += weights[t] / sum * element(values, t, j);
        }
    }
    return output;
}

double relative_error(const std::vector<float>& found, const std::vector<double>& expected) {
    double error = 0;
    double norm = 0;
    for (std::size_t j = 0; j < expected.size(); ++j) {
        error += (found[j] - expected[j]) * (found[j] - expected[j]);
        norm += expected[j] * expected[j];
    }
    return std::sqrt(error / norm);
}

}  // namespace

TEST_CASE("attention on codes is float64 attention over the vectors that the codes stand for") {
    struct Scene {
        std::size_t m, centroids, coded, uncoded;
    };
    for (const Scene& s : {Scene{8, 16, 200, 10}, Scene{32, 2, 50, 0}, Scene{1, 64, 100, 1}, Scene{4, 512, 1000, 40},
                           Scene{8, 16, 0, 5}, Scene{8, 16, 1, 0}}) {
        const auto keys = random_vectors(s.m, s.centroids, s.coded, s.uncoded, 1);
        const auto values = random_vectors(s.m, s.centroids, s.coded, s.uncoded, 2);
        const auto query = random_vectors(1, 2, 1, 1, 3).uncoded;
        const auto exact = exact_attention(keys, values, query);
        CHECK(relative_error(attend(keys, values, query, AQPIM_VALUE_LOOP), exact) < 5e-3);
        CHECK(relative_error(attend(keys, values, query, AQPIM_VALUE_HISTOGRAM), exact) < 5e-3);
    }
}

TEST_CASE("loop and histogram agree") {
    const auto keys = random_vectors(8, 64, 700, 40, 4);
    const auto values = random_vectors(8, 64, 700, 40, 5);
    const auto query = random_vectors(1, 2, 1, 1, 6).uncoded;
    const auto loop = attend(keys, values, query, AQPIM_VALUE_LOOP);
    const auto histogram = attend(keys, values, query, AQPIM_VALUE_HISTOGRAM);
    CHECK(relative_error(loop, {histogram.begin(), histogram.end()}) < 1e-3);
}

TEST_CASE("large scores do not overflow the softmax") {
    const auto keys = random_vectors(8, 16, 100, 4, 7);
    const auto values = random_vectors(8, 16, 100, 4, 8);
    auto query = random_vectors(1, 2, 1, 1, 9).uncoded;
    for (float& value : query) {
        value *= 100;
    }
    for (const float value : attend(keys, values, query, AQPIM_VALUE_LOOP)) {
        CHECK(std::isfinite(value));
    }
}

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "models/common/error.h"
#include "models/pim/attention.h"

using namespace aqpim;

namespace {

constexpr std::size_t head_dim = 128;

struct Scene {
    std::size_t m = 32;
    std::size_t centroids = 16;
    std::size_t coded = 0;
    std::size_t uncoded = 0;
    std::size_t windows = 1;
    Arithmetic arithmetic = Arithmetic::fp16_fp32;
};

std::vector<float> random_values(std::size_t count, std::mt19937& random, Arithmetic arithmetic) {
    std::normal_distribution<float> normal;
    std::vector<float> values(count);
    for (float& value : values) {
        value = load_word(store_word(normal(random), arithmetic), arithmetic);
    }
    return values;
}

CodedVectors random_vectors(const Scene& scene, unsigned seed) {
    std::mt19937 random(seed);
    CodedVectors vectors;
    for (std::size_t book = 0; book < scene.windows * scene.m; ++book) {
        vectors.codebooks.push_back(random_values(scene.centroids * head_dim / scene.m, random, scene.arithmetic));
    }
    for (std::size_t i = 0; i < scene.m; ++i) {
        vectors.codes.emplace_back(scene.coded);
        for (std::uint16_t& code : vectors.codes.back()) {
            code = static_cast<std::uint16_t>(random() % scene.centroids);
        }
    }
    for (std::size_t window = 1; window <= scene.windows; ++window) {
        // Of different length.
        vectors.window_end.push_back(
            static_cast<std::uint32_t>(scene.coded * window * window / scene.windows / scene.windows));
    }
    vectors.uncoded = random_values(scene.uncoded * head_dim, random, scene.arithmetic);
    return vectors;
}

std::vector<float> random_query(unsigned seed, Arithmetic arithmetic = Arithmetic::fp16_fp32) {
    std::mt19937 random(seed);
    return random_values(head_dim, random, arithmetic);
}

/// Token `t`'s vector in float64: what its codes stand for, or itself.
double element(const CodedVectors& vectors, std::size_t t, std::size_t channel) {
    const std::size_t coded = vectors.codes.empty() ? 0 : vectors.codes.front().size();
    if (t >= coded) {
        return vectors.uncoded[(t - coded) * head_dim + channel];
    }
    const std::size_t dims = head_dim / vectors.codes.size();
    std::size_t window = 0;
    while (t >= vectors.window_end[window]) {
        ++window;
    }
    const std::vector<float>& codebook = vectors.codebooks[window * vectors.codes.size() + channel / dims];
    return codebook[vectors.codes[channel / dims][t] * dims + channel % dims];
}

std::vector<double> exact_attention(const CodedVectors& keys, const CodedVectors& values,
                                    const std::vector<float>& query) {
    const std::size_t tokens = keys.uncoded.size() / head_dim + (keys.codes.empty() ? 0 : keys.codes.front().size());
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

/// Relative errors of loop and histogram against float64, and of one against the other.
struct Errors {
    double loop, histogram, between;
};

Errors errors(const Scene& scene) {
    const CodedVectors keys = random_vectors(scene, 1);
    const CodedVectors values = random_vectors(scene, 2);
    const std::vector<float> query = random_query(3, scene.arithmetic);
    const auto exact = exact_attention(keys, values, query);
    const auto loop = attend(keys, values, query, AQPIM_VALUE_LOOP, scene.arithmetic);
    const auto histogram = attend(keys, values, query, AQPIM_VALUE_HISTOGRAM, scene.arithmetic);
    return {relative_error(loop, exact), relative_error(histogram, exact),
            relative_error(loop, {histogram.begin(), histogram.end()})};
}

}  // namespace

TEST_CASE("attention on codes is float64 attention over the vectors that the codes stand for") {
    for (const std::size_t m : {1, 2, 16, 32, 64, 128}) {
        for (const std::size_t tokens : {1, 2, 40, 1000, 4096}) {
            for (const std::size_t windows : {1, 3}) {
                const Errors found = errors({m, 100, tokens, tokens % 41, windows});
                CAPTURE(m, tokens, windows);
                CHECK(found.loop < 5e-3);
                CHECK(found.histogram < 5e-3);
                CHECK(found.between < 1e-3);
            }
        }
    }
}

TEST_CASE("any number of centroids gives float64 attention") {
    for (const std::size_t centroids : {2, 3, 16, 512, 1024}) {
        for (const std::size_t windows : {1, 3}) {
            const Errors found = errors({32, centroids, 1000, 40, windows});
            CAPTURE(centroids, windows);
            CHECK(found.loop < 5e-3);
            CHECK(found.histogram < 5e-3);
            CHECK(found.between < 1e-3);
        }
    }
}

TEST_CASE("eight query heads attend on the same codes") {
    const Scene scene{32, 100, 1000, 40, 3};
    const CodedVectors keys = random_vectors(scene, 1);
    const CodedVectors values = random_vectors(scene, 2);
    for (unsigned head = 0; head < 8; ++head) {
        const std::vector<float> query = random_query(100 + head);
        const auto exact = exact_attention(keys, values, query);
        CHECK(relative_error(attend(keys, values, query, AQPIM_VALUE_LOOP), exact) < 5e-3);
        CHECK(relative_error(attend(keys, values, query, AQPIM_VALUE_HISTOGRAM), exact) < 5e-3);
    }
}

TEST_CASE("no coded tokens, no uncompressed tokens, and a window without tokens all give float64 attention") {
    for (const Scene& scene : {Scene{32, 16, 0, 5, 1}, Scene{32, 16, 0, 5, 3}, Scene{32, 16, 1, 0, 1},
                               Scene{32, 16, 300, 0, 1}, Scene{32, 16, 2, 0, 3}}) {
        CHECK(errors(scene).loop < 5e-3);
        CHECK(errors(scene).histogram < 5e-3);
    }
    CodedVectors keys;
    CodedVectors values;
    CHECK(attend(keys, values, random_query(1), AQPIM_VALUE_LOOP) == std::vector<float>(head_dim));
    keys.uncoded = random_query(2);
    values.uncoded = random_query(3);
    CHECK(attend(keys, values, random_query(1), AQPIM_VALUE_HISTOGRAM) == values.uncoded);
}

TEST_CASE("bf16 attends as float64 does within what eight significant bits cost") {
    // A score adds 32 table entries of about 2, each off by up to 2^-9 of itself: 2 · 2^-9 · sqrt(32 / 3 / 128) =
    // 0.0011 after scaling, as a standard deviation. A weight is off by up to 2^-9 = 0.002 beside that, and once more
    // in a histogram. Errors of that size in all weights, independent of each other, give one such in the output.
    const Errors found = errors({32, 64, 1000, 40, 3, Arithmetic::bf16});
    CHECK(found.loop < 3e-3);
    CHECK(found.histogram < 5e-3);
    CHECK(found.loop > 3e-4);
}

TEST_CASE("pure fp16 attends as float64 does within what its sums lose") {
    // A score's 32 sums, of about 10, are each off by up to 2^-8 / 2: 0.002 · sqrt(32 / 3 / 128) = 0.0006 after
    // scaling, as a standard deviation. A lane's 65 sums of weighted values are off by up to 2^-12 of a sum that is as
    // large as the result: sqrt(65 / 3) · 2^-12 = 0.0011.
    const Errors found = errors({32, 64, 1000, 40, 1, Arithmetic::fp16});
    CHECK(found.loop < 3e-3);
    CHECK(found.histogram < 3e-3);
    CHECK(found.loop > 2 * errors({32, 64, 1000, 40, 1, Arithmetic::fp16_fp32}).loop);
}

TEST_CASE("large scores do not overflow the softmax") {
    const CodedVectors keys = random_vectors({32, 16, 100, 4}, 7);
    const CodedVectors values = random_vectors({32, 16, 100, 4}, 8);
    std::vector<float> query = random_query(9);
    for (float& value : query) {
        value *= 100;
    }
    const auto exact = exact_attention(keys, values, query);
    CHECK(relative_error(attend(keys, values, query, AQPIM_VALUE_LOOP), exact) < 0.1);
}

TEST_CASE("a token whose score overflows takes all of the weight") {
    CodedVectors keys = random_vectors({32, 16, 100, 4}, 7);
    const CodedVectors values = random_vectors({32, 16, 100, 4}, 8);
    std::vector<float> query = random_query(9);
    query[0] = 1;
    keys.uncoded[2 * head_dim] = std::numeric_limits<float>::infinity();
    const auto output = attend(keys, values, query, AQPIM_VALUE_LOOP);
    CHECK(output == std::vector<float>(values.uncoded.begin() + 2 * head_dim, values.uncoded.begin() + 3 * head_dim));
}

TEST_CASE("a NaN in a key leaves no result, in a value only none for its own dimension") {
    for (const aqpim_value_path path : {AQPIM_VALUE_LOOP, AQPIM_VALUE_HISTOGRAM}) {
        CodedVectors keys = random_vectors({32, 16, 100, 4}, 7);
        CodedVectors values = random_vectors({32, 16, 100, 4}, 8);
        const std::vector<float> query = random_query(9);
        values.uncoded[5] = std::nanf("");
        const auto one_lost = attend(keys, values, query, path);
        CHECK(std::count_if(one_lost.begin(), one_lost.end(), [](float x) { return std::isnan(x); }) == 1);
        CHECK(std::isnan(one_lost[5]));
        keys.uncoded[0] = std::nanf("");
        const auto all_lost = attend(keys, values, query, path);
        CHECK(std::all_of(all_lost.begin(), all_lost.end(), [](float x) { return std::isnan(x); }));
    }
}

TEST_CASE("attention refuses sizes that do not fit") {
    const CodedVectors right = random_vectors({32, 16, 100, 4, 3}, 7);
    const std::vector<float> query = random_query(9);
    const auto refused = [&](const CodedVectors& keys) {
        CHECK_THROWS_AS(attend(keys, right, query, AQPIM_VALUE_LOOP), InputError);
    };
    CodedVectors keys = right;
    keys.window_end.back() = 99;
    refused(keys);
    keys = right;
    std::swap(keys.window_end[0], keys.window_end[1]);
    refused(keys);
    keys = right;
    keys.codebooks.pop_back();
    refused(keys);
    keys = right;
    keys.codes.back().pop_back();
    refused(keys);
    keys = right;
    keys.uncoded.pop_back();
    refused(keys);
    keys = right;
    keys.uncoded.resize(head_dim);
    CHECK_THROWS_WITH(attend(keys, right, query, AQPIM_VALUE_LOOP),
                      "attention: values of 104 tokens, must be 101 as there are keys");
}

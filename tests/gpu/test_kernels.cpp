#include <catch2/catch.hpp>

#include <cmath>
#include <random>

#include "models/gpu/formats.h"
#include "models/gpu/kernels.h"

using namespace aqpim;

namespace {

std::vector<Half> random_halves(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<Half> halves(count);
    for (Half& half : halves) {
        half = to_half(normal(random));
    }
    return halves;
}

}  // namespace

TEST_CASE("importance is the attention that the last queries give to each token in float64") {
    constexpr std::size_t tokens = 60, rows = 8, group = 2, d = 16;
    const auto keys = widen(random_halves(tokens * d, 1), AQPIM_GPU_FP16);
    const auto queries = widen(random_halves(rows * group * d, 2), AQPIM_GPU_FP16);
    const auto weights = importance(keys, queries, tokens, rows, group, d);
    std::vector<double> expected(tokens);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t g = 0; g < group; ++g) {
            std::vector<double> attention(tokens - rows + row + 1);
            double sum = 0;
            for (std::size_t t = 0; t < attention.size(); ++t) {
                double dot = 0;
                for (std::size_t j = 0; j < d; ++j) {
                    dot += double{queries[(row * group + g) * d + j]} * keys[t * d + j];
                }
                sum += attention[t] = std::exp(dot / std::sqrt(double{d}));
            }
            for (std::size_t t = 0; t < attention.size(); ++t) {
                expected[t] += attention[t] / sum;
            }
        }
    }
    const double scale = importance_scale(rows * group);
    for (std::size_t t = 0; t < tokens; ++t) {
        CHECK(to_float(weights[t]) == Approx(expected[t] * scale).epsilon(2e-3));
    }
}

TEST_CASE("a tensor's words are fp16 or bfloat16") {
    CHECK(widen({0x3c00, 0xc000, 0x0001}, AQPIM_GPU_FP16) == std::vector<float>{1.0F, -2.0F, 0x1p-24F});
    CHECK(widen({0x3f80, 0xc000, 0x0001}, AQPIM_GPU_BF16) == std::vector<float>{1.0F, -2.0F, 0x1p-133F});
}

TEST_CASE("the scale of importance is a power of two that fp16 can hold for every weight") {
    for (const std::size_t rows : {1, 32, 33, 1024, 100000}) {
        const float scale = importance_scale(rows);
        CHECK(std::exp2(std::round(std::log2(scale))) == scale);
        CHECK(scale * static_cast<float>(rows) <= 32768.0F);
        CHECK(scale * static_cast<float>(rows) > 16384.0F);
    }
}

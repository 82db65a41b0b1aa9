#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "models/common/bf16.h"
#include "models/common/fp16.h"
#include "models/gpu/attention.h"
#include "models/gpu/formats.h"
#include "reference_attention.h"

using namespace aqpim;

namespace {

AttentionHead random_head(std::size_t tokens, std::size_t group, std::size_t head_dim, aqpim_gpu_format format,
                          float spread = 1) {
    return {tokens,
            group,
            head_dim,
            format,
            random_words(tokens * head_dim, 1, format),
            random_words(tokens * head_dim, 2, format),
            random_words(group * head_dim, 3, format, spread)};
}

void check_head(const AttentionHead& head) {
    const auto output = dense_attention(head);
    const auto expected = reference_attention(head.keys, head.values, head.queries, head.head_dim, head.format);
    REQUIRE(output.size() == expected.size());
    for (std::size_t i = 0; i < output.size(); ++i) {
        CHECK(is_near(output[i], expected[i], head.format));
    }
}

}  // namespace

TEST_CASE("every word of fp16 and of bfloat16 has its exact value") {
    std::vector<std::uint16_t> words(65536);
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = static_cast<std::uint16_t>(i);
    }
    const auto halves = widen(words, AQPIM_GPU_FP16);
    const auto bfloats = widen(words, AQPIM_GPU_BF16);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool same_half =
            std::bit_cast<std::uint32_t>(halves[i]) == std::bit_cast<std::uint32_t>(to_float(words[i]));
        wrong += same_half ? 0 : 1;
        wrong += std::bit_cast<std::uint32_t>(bfloats[i]) == i << 16 ? 0 : 1;
    }
    CHECK(wrong == 0);
}

TEST_CASE("values narrow to the nearest word of their format") {
    CHECK(narrow({1.0F, -2.0F, 70000.0F}, AQPIM_GPU_FP16) == std::vector<std::uint16_t>{0x3c00, 0xc000, 0x7c00});
    CHECK(narrow({1.0F, -2.0F, 0x1.01p0F}, AQPIM_GPU_BF16) == std::vector<std::uint16_t>{0x3f80, 0xc000, 0x3f80});
}

TEST_CASE("attention to one token gives its value") {
    const auto head = random_head(1, 3, 24, AQPIM_GPU_FP16);
    const auto output = dense_attention(head);
    for (std::size_t i = 0; i < output.size(); ++i) {
        CHECK(output[i] == head.values[i % 24]);
    }
}

TEST_CASE("scores are divided by the root of head_dim") {
    // Two tokens whose scores differ by 4 * ln(3) / sqrt(16): weights 3/4 and 1/4.
    AttentionHead head{2, 1, 16, AQPIM_GPU_BF16, {}, {}, {}};
    head.keys.assign(32, 0);
    head.keys[0] = 0x3f80;
    head.values.assign(32, 0);
    head.values[0] = 0x4080;  // 4
    head.queries.assign(16, 0);
    head.queries[0] = to_bfloat(static_cast<float>(4 * std::log(3.0)));
    CHECK(bfloat_to_float(dense_attention(head)[0]) == Approx(3).epsilon(0.01));
}

TEST_CASE("dense attention is what float64 gives for shapes around the blocks of tokens and of the host's lanes") {
    for (const std::size_t tokens : {2, 63, 64, 65, 200}) {
        for (const std::size_t head_dim : {1, 7, 8, 64, 129}) {
            check_head(random_head(tokens, 3, head_dim, AQPIM_GPU_FP16));
            check_head(random_head(tokens, 1, head_dim, AQPIM_GPU_BF16));
        }
    }
}

TEST_CASE("scores far beyond what an exponential can hold still give their softmax") {
    check_head(random_head(100, 4, 64, AQPIM_GPU_FP16, 2000));
    check_head(random_head(100, 4, 64, AQPIM_GPU_BF16, 1e30F));
}

TEST_CASE("a long sequence keeps its precision") {
    check_head(random_head(40'000, 1, 8, AQPIM_GPU_FP16));
}

TEST_CASE("infinite and undefined words end in some word") {
    auto head = random_head(70, 2, 16, AQPIM_GPU_FP16);
    head.keys[5] = 0x7c00;
    head.values[7] = 0x7e00;
    const auto output = dense_attention(head);
    CHECK(output.size() == 32);
    CHECK(std::isnan(to_float(output[7])));
}

#include <catch2/catch.hpp>

#include <limits>

#include "models/pim/attention.h"
#include "models/pim/uniform_quantizer.h"
#include "tests/pim/test_uniform_reference.h"

using namespace aqpim;
using namespace aqpim::uniform_reference;

namespace {

constexpr std::size_t dims = 128;
constexpr int fp16_digits = 11;
constexpr int bf16_digits = 8;

int digits_of(Arithmetic arithmetic) {
    return arithmetic == Arithmetic::bf16 ? bf16_digits : fp16_digits;
}

/// fp32 and float64 may fall on different sides of a tie.
bool near_tie(double value, const Scale& scale) {
    const double step = (value - scale.zero) / scale.scale;
    return std::abs(std::abs(step - std::floor(step)) - 0.5) < 1e-4;
}

/// `values` as codes with these scales, [tokens][dims]; per token where there is one scale for each.
void check_codes(const UniformCodes& found, const Matrix& tokens, const std::vector<Scale>& scales, bool per_token,
                 int levels) {
    REQUIRE(found.parameters.size() == scales.size());
    REQUIRE(found.codes.size() == tokens.size() * dims);
    for (std::size_t k = 0; k < scales.size(); ++k) {
        CHECK(found.parameters[k].scale == scales[k].scale);
        CHECK(found.parameters[k].zero == scales[k].zero);
    }
    std::size_t wrong = 0;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        for (std::size_t j = 0; j < dims; ++j) {
            const Scale& scale = scales[per_token ? t : j];
            const double value = tokens[t][j];
            wrong += found.codes[t * dims + j] != code_of(value, scale, levels) && !near_tie(value, scale);
        }
    }
    CHECK(wrong == 0);
}

struct Case {
    std::size_t coded;
    std::size_t uncoded;
};

/// What attention on `levels` differs from its definition by.
double attention_error(const Case& c, int levels, Arithmetic arithmetic) {
    const int digits = digits_of(arithmetic);
    const auto number = static_cast<std::uint32_t>(levels);
    const Matrix coded_keys = random_tokens(c.coded, dims, 1);
    const Matrix coded_values = random_tokens(c.coded, dims, 2);
    Matrix keys;
    Matrix values;
    const std::vector<Scale> scales = channel_scales(coded_keys, dims, levels, digits);
    for (std::size_t t = 0; t < c.coded; ++t) {
        keys.push_back(key_from_codes(coded_keys[t], scales, levels));
        values.push_back(value_from_codes(coded_values[t], levels, digits));
    }
    const Matrix recent_keys = random_tokens(c.uncoded, dims, 3);
    const Matrix recent_values = random_tokens(c.uncoded, dims, 4);
    keys.insert(keys.end(), recent_keys.begin(), recent_keys.end());
    values.insert(values.end(), recent_values.begin(), recent_values.end());
    const Matrix query = random_tokens(1, dims, 5);

    const UniformCodes key_codes = quantize_channels(flat(coded_keys), dims, number, arithmetic);
    const UniformCodes value_codes = quantize_tokens(flat(coded_values), dims, number, arithmetic);
    const auto output =
        attend_uniform({key_codes.codes, key_codes.parameters, flat(recent_keys)},
                       {value_codes.codes, value_codes.parameters, flat(recent_values)}, flat(query), arithmetic);
    return relative_error(output, attention(query[0], keys, values));
}

}  // namespace

TEST_CASE("keys are quantized channel by channel, values token by token") {
    const std::size_t tokens = GENERATE(1, 2, 40, 1000);
    const int levels = GENERATE(4, 16);
    const Arithmetic arithmetic = GENERATE(Arithmetic::fp16_fp32, Arithmetic::bf16);
    CAPTURE(tokens, levels);
    const auto number = static_cast<std::uint32_t>(levels);
    const Matrix matrix = random_tokens(tokens, dims, 7);
    check_codes(quantize_channels(flat(matrix), dims, number, arithmetic), matrix,
                channel_scales(matrix, dims, levels, digits_of(arithmetic)), false, levels);
    std::vector<Scale> of_tokens;
    for (const auto& token : matrix) {
        of_tokens.push_back(scale_of(token, levels, digits_of(arithmetic)));
    }
    check_codes(quantize_tokens(flat(matrix), dims, number, arithmetic), matrix, of_tokens, true, levels);
}

TEST_CASE("codes run from the least value to the greatest, ties to even") {
    const std::vector<float> values = {0, 3, 0.49F, 0.5F, 0.51F, 1.5F, 2.5F, 2.51F};
    const UniformCodes found = quantize_tokens(values, values.size(), 4, Arithmetic::fp16_fp32);
    CHECK(found.parameters == std::vector<UniformParameters>{{1, 0}});
    CHECK(found.codes == std::vector<std::uint8_t>{0, 3, 0, 0, 1, 2, 2, 3});
}

TEST_CASE("a value beyond the range that scales were made of gets the nearest end's code") {
    const UniformParameters parameters{0.5F, -1};
    CHECK(uniform_code(-7, parameters, 16) == 0);
    CHECK(uniform_code(-1, parameters, 16) == 0);
    CHECK(uniform_code(6.5F, parameters, 16) == 15);
    CHECK(uniform_code(100, parameters, 16) == 15);
}

TEST_CASE("a constant channel has scale 0, its value as zero, and code 0") {
    const UniformCodes found = quantize_channels({-3.5F, 1, -3.5F, 2, -3.5F, 4}, 2, 4, Arithmetic::fp16_fp32);
    CHECK(found.parameters == std::vector<UniformParameters>{{0, -3.5F}, {1, 1}});
    CHECK(found.codes == std::vector<std::uint8_t>{0, 0, 0, 1, 0, 3});
}

TEST_CASE("without tokens channels have scale 0 and zero 0") {
    const UniformCodes found = quantize_channels({}, 2, 4, Arithmetic::fp16_fp32);
    CHECK(found.parameters == std::vector<UniformParameters>{{0, 0}, {0, 0}});
    CHECK(quantize_tokens({}, 2, 4, Arithmetic::fp16_fp32).parameters.empty());
}

TEST_CASE("NaN gets code 0 and leaves the others' codes as they are") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const UniformCodes found = quantize_tokens({nan, 0, 1, 2, 3, nan}, 6, 4, Arithmetic::fp16_fp32);
    CHECK(found.parameters == std::vector<UniformParameters>{{1, 0}});
    CHECK(found.codes == std::vector<std::uint8_t>{0, 0, 1, 2, 3, 0});
    CHECK(quantize_tokens({nan, nan}, 2, 4, Arithmetic::fp16_fp32).parameters ==
          std::vector<UniformParameters>{{0, 0}});
}

TEST_CASE("infinities count as the format's largest finite value") {
    const float infinity = std::numeric_limits<float>::infinity();
    const UniformCodes found = quantize_tokens({-infinity, 0, infinity, 65504}, 4, 4, Arithmetic::fp16_fp32);
    CHECK(found.parameters[0].zero == -65504);
    CHECK(found.parameters[0].scale == 43680);  // 2 · 65504 / 3 = 43669.3; fp16 goes in steps of 32 there
    CHECK(found.codes == std::vector<std::uint8_t>{0, 1, 3, 3});
    const UniformCodes wide = quantize_tokens({-infinity, infinity}, 2, 16, Arithmetic::bf16);
    CHECK(std::isfinite(wide.parameters[0].scale));
    CHECK(wide.codes == std::vector<std::uint8_t>{0, 15});
}

TEST_CASE("a range below the least scale is kept as a constant") {
    const float least = 5.9604645e-8F;  // fp16's least subnormal
    CHECK(quantize_tokens({0, least}, 2, 16, Arithmetic::fp16_fp32).parameters[0].scale == 0);
    CHECK(quantize_tokens({0, least}, 2, 2, Arithmetic::fp16_fp32).parameters[0].scale == least);
}

TEST_CASE("attention on uniform codes is that of its definition in float64") {
    const int levels = GENERATE(4, 16);
    const Case c =
        GENERATE(Case{1, 0}, Case{0, 1}, Case{0, 40}, Case{1, 1}, Case{40, 0}, Case{100, 40}, Case{4096, 40});
    CAPTURE(levels, c.coded, c.uncoded);
    // Scaled query, weights and exponentials are rounded as they move: to 11 digits, of which errors average out; to 8;
    // and with every sum rounded to 11, too.
    CHECK(attention_error(c, levels, Arithmetic::fp16_fp32) < 5e-4);
    CHECK(attention_error(c, levels, Arithmetic::bf16) < 4e-3);
    CHECK(attention_error(c, levels, Arithmetic::fp16) < 1e-2);
}

TEST_CASE("one coded token gives its own value back, whatever the query") {
    const Matrix value = random_tokens(1, dims, 9);
    const Matrix key = random_tokens(1, dims, 10);
    const UniformCodes keys = quantize_channels(flat(key), dims, 16, Arithmetic::fp16_fp32);
    const UniformCodes values = quantize_tokens(flat(value), dims, 16, Arithmetic::fp16_fp32);
    const auto output = attend_uniform({keys.codes, keys.parameters, {}}, {values.codes, values.parameters, {}},
                                       flat(random_tokens(1, dims, 11)), Arithmetic::fp16_fp32);
    CHECK(relative_error(output, value_from_codes(value[0], 16, fp16_digits)) < 1e-6);
}

TEST_CASE("without codes it is the attention on uncompressed tokens bit for bit") {
    const Arithmetic arithmetic = GENERATE(Arithmetic::fp16_fp32, Arithmetic::fp16, Arithmetic::bf16);
    const std::size_t tokens = GENERATE(1, 40, 1000);
    const std::vector<float> keys = flat(random_tokens(tokens, dims, 12));
    const std::vector<float> values = flat(random_tokens(tokens, dims, 13));
    const std::vector<float> query = flat(random_tokens(1, dims, 14));
    CHECK(attend_uniform({{}, {}, keys}, {{}, {}, values}, query, arithmetic) ==
          attend({{}, {}, {}, keys}, {{}, {}, {}, values}, query, AQPIM_VALUE_LOOP, arithmetic));
}

TEST_CASE("without any token the result is zero") {
    CHECK(attend_uniform({}, {}, std::vector<float>(dims, 1), Arithmetic::fp16_fp32) == std::vector<float>(dims));
}

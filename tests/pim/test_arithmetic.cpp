#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <limits>

#include "models/pim/arithmetic.h"
#include "models/pim/softmax.h"

using namespace aqpim;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("rounding to fp16 in one go has the bits of narrowing and widening") {
    for (std::uint64_t pattern = 0; pattern <= 0xffffffff; pattern += 1021) {
        const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(pattern));
        const auto expected = std::bit_cast<std::uint32_t>(to_float(to_half(value)));
        if (std::bit_cast<std::uint32_t>(round_to_half(value)) != expected) {
            FAIL("pattern " << pattern);
        }
    }
}

TEST_CASE("the largest float that rounds to an fp16 value is the last before the next") {
    for (Half bits = 0; bits < 0x7c00; ++bits) {
        const float last = largest_rounding_to_half(bits);
        if (to_half(last) != bits || to_half(std::nextafter(last, infinity)) != bits + 1) {
            FAIL("bits " << bits);
        }
    }
    CHECK(largest_rounding_to_half(0x7c00) == infinity);
}

TEST_CASE("lanes keep fp32 but in pure fp16, and moves round") {
    const float third = 1.0F / 3;
    CHECK(Fp16Fp32Policy::lane(third) == third);
    CHECK(Bf16Policy::lane(third) == third);
    CHECK(Fp16Policy::lane(third) == 0x1.554p-2F);
    CHECK(Fp16Fp32Policy::move(third) == 0x1.554p-2F);
    CHECK(Fp16Policy::move(third) == 0x1.554p-2F);
    CHECK(Bf16Policy::move(third) == 0x1.56p-2F);
    CHECK(store_word(1, Arithmetic::fp16_fp32) == 0x3c00);
    CHECK(store_word(1, Arithmetic::fp16) == 0x3c00);
    CHECK(store_word(1, Arithmetic::bf16) == 0x3f80);
    CHECK(load_word(0x4049, Arithmetic::bf16) == 3.140625F);
}

TEST_CASE("the exponential is exact to float64's last digits") {
    for (double x = 0; x > -690; x -= 0.0137) {
        REQUIRE(exponential(x) == Approx(std::exp(x)).epsilon(1e-14));
    }
    CHECK(exponential(0) == 1);
    CHECK(exponential(-infinity) == 0);
    CHECK(std::isnan(exponential(std::nan(""))));
}

TEST_CASE("softmax numerators are relative to the highest score, so none overflows") {
    std::vector<float> scores = {60000, 59999, -60000};
    CHECK(exponentials(scores, 1, Arithmetic::fp16_fp32) == 1 + round_to_half(std::exp(-1.0F)));
    CHECK(scores == std::vector<float>{1, round_to_half(std::exp(-1.0F)), 0});
}

TEST_CASE("exponentials too small for a normal fp16 are kept as subnormals") {
    std::vector<float> scores = {0, -16};
    exponentials(scores, 1, Arithmetic::fp16_fp32);
    CHECK(scores[1] == 2 * 0x1p-24F);  // e^-16 = 1.125e-7 = 1.89 · 2^-24
}

TEST_CASE("infinite scores share all of the weight") {
    std::vector<float> scores = {infinity, 3, infinity, -infinity};
    CHECK(exponentials(scores, 0.5F, Arithmetic::fp16_fp32) == 2);
    CHECK(scores == std::vector<float>{1, 0, 1, 0});
    scores = {-infinity, -infinity};
    CHECK(exponentials(scores, 0.5F, Arithmetic::fp16_fp32) == 2);
}

TEST_CASE("a NaN score makes the softmax's sum NaN") {
    std::vector<float> scores = {1, std::nanf(""), 2};
    CHECK(std::isnan(exponentials(scores, 1, Arithmetic::fp16_fp32)));
    CHECK(scores[2] == 1);
}

TEST_CASE("the softmax's sum in pure fp16 stays right as long as a lane has no more than 2048 tokens") {
    std::vector<float> scores(32768, 1.0F);
    CHECK(exponentials(scores, 1, Arithmetic::fp16) == 32768);
}

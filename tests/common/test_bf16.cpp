#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "models/common/bf16.h"

using namespace aqpim;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// Value of a bfloat16: 8 bits of exponent, 7 of fraction.
double by_definition(Bfloat bits) {
    const int sign = (bits & 0x8000) != 0 ? -1 : 1;
    const int exponent = bits >> 7 & 0xff;
    const int fraction = bits & 0x7f;
    if (exponent == 255) {
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
    }
    return exponent == 0 ? sign * std::ldexp(fraction, -133) : sign * std::ldexp(128 + fraction, exponent - 134);
}

}  // namespace

TEST_CASE("every bfloat16 widens to its value and comes back") {
    for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
        const auto word = static_cast<Bfloat>(bits);
        const double expected = by_definition(word);
        const float found = bfloat_to_float(word);
        const bool right = std::isnan(expected) ? std::isnan(found) && std::isnan(bfloat_to_float(to_bfloat(found)))
                                                : found == expected && to_bfloat(found) == word;
        if (!right) {
            FAIL("bits " << bits);
        }
    }
}

TEST_CASE("narrowing takes the nearest bfloat16, ties to even") {
    for (std::uint32_t bits = 0; bits < 0x7f7f; ++bits) {
        const auto low = static_cast<Bfloat>(bits);
        const auto high = static_cast<Bfloat>(bits + 1);
        const auto middle = static_cast<float>((by_definition(low) + by_definition(high)) / 2);
        const Bfloat even = bits % 2 == 0 ? low : high;
        const bool right = to_bfloat(middle) == even && to_bfloat(std::nextafter(middle, 0.0F)) == low &&
                           to_bfloat(std::nextafter(middle, infinity)) == high && to_bfloat(-middle) == (even | 0x8000);
        if (!right) {
            FAIL("between " << bits << " and " << bits + 1);
        }
    }
}

TEST_CASE("what bfloat16 cannot hold becomes infinity") {
    CHECK(to_bfloat(std::numeric_limits<float>::max()) == 0x7f80);
    CHECK(to_bfloat(-infinity) == 0xff80);
    CHECK(to_bfloat(0x1.fefffep127F) == 0x7f7f);
    CHECK(round_to_bfloat(0x1.ffp127F) == infinity);
}

TEST_CASE("the largest float that rounds to a bfloat16 value is the last before the next") {
    for (Bfloat bits = 0; bits < 0x7f80; ++bits) {
        const float last = largest_rounding_to_bfloat(bits);
        if (to_bfloat(last) != bits || to_bfloat(std::nextafter(last, infinity)) != bits + 1) {
            FAIL("bits " << bits);
        }
    }
    CHECK(largest_rounding_to_bfloat(0x7f80) == infinity);
}

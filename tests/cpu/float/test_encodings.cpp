// Comparison, classification, signs and NaN boxing: Unprivileged ISA 20191213, 11.6 to 11.9 and 12.2.

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/cpu/float/edges.h"

using namespace aqpim::fp;
using namespace aqpim::fp::test;

namespace {

/// In ascending order; the two zeros are equal.
template <Bits B>
std::vector<B> number_line() {
    using V = Values<B>;
    const std::vector<B> positive = {V::zero,       V::smallest, V::largest_subnormal, V::smallest_normal,
                                     V::before_one, V::one,      V::after_one,         V::three,
                                     V::largest,    V::infinity};
    std::vector<B> line;
    for (auto value = positive.rbegin(); value != positive.rend(); ++value) {
        line.push_back(negate(*value));
    }
    line.insert(line.end(), positive.begin(), positive.end());
    return line;
}

template <Bits B>
Outcome<B> least(B a, B b) {
    return ours([&](auto& flags) { return minimum(a, b, flags); });
}
template <Bits B>
Outcome<B> greatest(B a, B b) {
    return ours([&](auto& flags) { return maximum(a, b, flags); });
}
template <Bits B>
Outcome<bool> is_equal(B a, B b) {
    return ours([&](auto& flags) { return equal(a, b, flags); });
}
template <Bits B>
Outcome<bool> is_less(B a, B b) {
    return ours([&](auto& flags) { return less(a, b, flags); });
}
template <Bits B>
Outcome<bool> is_less_or_equal(B a, B b) {
    return ours([&](auto& flags) { return less_or_equal(a, b, flags); });
}

}  // namespace

TEMPLATE_TEST_CASE("numbers compare along the number line, where both zeros are one", "", std::uint32_t,
                   std::uint64_t) {
    const auto line = number_line<TestType>();
    for (std::size_t i = 0; i < line.size(); ++i) {
        for (std::size_t j = 0; j < line.size(); ++j) {
            const bool same = i == j || (is_zero(line[i]) && is_zero(line[j]));
            CHECK(is_equal(line[i], line[j]) == exactly(same));
            CHECK(is_less(line[i], line[j]) == exactly(i < j && !same));
            CHECK(is_less_or_equal(line[i], line[j]) == exactly(i < j || same));
        }
    }
}

TEMPLATE_TEST_CASE("minimum and maximum tell the zeros apart", "", std::uint32_t, std::uint64_t) {
    const auto line = number_line<TestType>();
    for (std::size_t i = 0; i < line.size(); ++i) {
        for (std::size_t j = 0; j < line.size(); ++j) {
            CHECK(least(line[i], line[j]) == exactly(line[std::min(i, j)]));
            CHECK(greatest(line[i], line[j]) == exactly(line[std::max(i, j)]));
        }
    }
}

TEMPLATE_TEST_CASE("minimum and maximum prefer a number to a NaN", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    for (const auto& operation : {least<B>, greatest<B>}) {
        CHECK(operation(V::quiet_with_payload, V::one) == exactly(V::one));
        CHECK(operation(V::minus_infinity, V::quiet) == exactly(V::minus_infinity));
        CHECK(operation(V::quiet_with_payload, V::quiet_with_payload) == nan_without_flags<B>);
        CHECK(operation(V::signaling, V::one) == Outcome<B>{V::one, invalid});
        CHECK(operation(V::one, V::signaling) == Outcome<B>{V::one, invalid});
        CHECK(operation(V::quiet, V::signaling) == invalid_operation<B>);
    }
}

TEMPLATE_TEST_CASE("equality is quiet, the order signals", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    for (const auto& [a, b] : {std::pair{V::quiet, V::one}, {V::one, V::quiet}, {V::quiet, V::quiet}}) {
        CHECK(is_equal(a, b) == exactly(false));
        CHECK(is_less(a, b) == Outcome<bool>{false, invalid});
        CHECK(is_less_or_equal(a, b) == Outcome<bool>{false, invalid});
    }
    CHECK(is_equal(V::signaling, V::one) == Outcome<bool>{false, invalid});
    CHECK(is_equal(V::one, V::signaling) == Outcome<bool>{false, invalid});
    CHECK(is_less(V::signaling, V::one) == Outcome<bool>{false, invalid});
    CHECK(is_less_or_equal(V::one, V::signaling) == Outcome<bool>{false, invalid});
}

TEMPLATE_TEST_CASE("each of the ten classes has its bit", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    CHECK(classify(V::minus_infinity) == 1 << 0);
    CHECK(classify(negate(V::smallest_normal)) == 1 << 1);
    CHECK(classify(negate(V::largest)) == 1 << 1);
    CHECK(classify(negate(V::smallest)) == 1 << 2);
    CHECK(classify(negate(V::largest_subnormal)) == 1 << 2);
    CHECK(classify(V::minus_zero) == 1 << 3);
    CHECK(classify(V::zero) == 1 << 4);
    CHECK(classify(V::smallest) == 1 << 5);
    CHECK(classify(V::largest_subnormal) == 1 << 5);
    CHECK(classify(V::smallest_normal) == 1 << 6);
    CHECK(classify(V::largest) == 1 << 6);
    CHECK(classify(V::infinity) == 1 << 7);
    CHECK(classify(V::signaling) == 1 << 8);
    CHECK(classify(negate(V::signaling)) == 1 << 8);
    CHECK(classify(V::quiet) == 1 << 9);
    CHECK(classify(V::quiet_with_payload) == 1 << 9);
}

TEMPLATE_TEST_CASE("sign injection changes nothing but the sign, also of a NaN", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    const TestType minus = negate(V::one);
    STATIC_REQUIRE(copy_sign(V::three, minus) == negate(V::three));
    STATIC_REQUIRE(copy_sign(negate(V::three), V::one) == V::three);
    STATIC_REQUIRE(copy_sign_negated(V::three, V::one) == negate(V::three));
    STATIC_REQUIRE(copy_sign_negated(V::three, minus) == V::three);
    STATIC_REQUIRE(copy_sign_xored(negate(V::three), minus) == V::three);
    STATIC_REQUIRE(copy_sign_xored(V::three, minus) == negate(V::three));
    STATIC_REQUIRE(copy_sign_xored(V::three, V::one) == V::three);
    STATIC_REQUIRE(negate(negate(V::signaling)) == V::signaling);
    STATIC_REQUIRE(copy_sign(V::signaling, minus) == (V::signaling | V::minus_zero));
    STATIC_REQUIRE(copy_sign(V::quiet_with_payload, V::one) == (V::quiet | 0x123));
}

TEST_CASE("the canonical NaNs are those of RISC-V") {
    STATIC_REQUIRE(canonical_nan<std::uint32_t> == 0x7fc0'0000);
    STATIC_REQUIRE(canonical_nan<std::uint64_t> == 0x7ff8'0000'0000'0000);
}

TEST_CASE("a binary32 is boxed by ones, and what is not boxed reads as the canonical NaN") {
    STATIC_REQUIRE(box(0x3f80'0000) == 0xffff'ffff'3f80'0000);
    STATIC_REQUIRE(unbox(0xffff'ffff'3f80'0000) == 0x3f80'0000);
    STATIC_REQUIRE(unbox(0xffff'ffff'ff80'0001) == 0xff80'0001);
    STATIC_REQUIRE(unbox(0xffff'fffe'3f80'0000) == 0x7fc0'0000);
    STATIC_REQUIRE(unbox(0x7fff'ffff'3f80'0000) == 0x7fc0'0000);
    STATIC_REQUIRE(unbox(0x0000'0000'3f80'0000) == 0x7fc0'0000);
}

// Arithmetic at the edges: expected values from IEEE 754-2008 and the Unprivileged ISA 20191213, chapter 11.

#include <catch2/catch.hpp>

#include <map>

#include "tests/cpu/float/edges.h"

using namespace aqpim::fp;
using namespace aqpim::fp::test;

TEMPLATE_TEST_CASE("an exact zero sum is minus zero only when rounding down or of two minus zeros", "", std::uint32_t,
                   std::uint64_t) {
    using V = Values<TestType>;
    for (const Rounding rounding : rounding_modes) {
        const TestType zero = rounding == Rounding::down ? V::minus_zero : V::zero;
        CHECK(sum(V::zero, V::minus_zero, rounding) == exactly(zero));
        CHECK(sum(V::three, negate(V::three), rounding) == exactly(zero));
        CHECK(difference(V::largest, V::largest, rounding) == exactly(zero));
        CHECK(fused(V::two, V::two, negate(V::four), rounding) == exactly(zero));
        CHECK(fused(V::zero, V::two, V::minus_zero, rounding) == exactly(zero));
        CHECK(sum(V::zero, V::zero, rounding) == exactly(V::zero));
        CHECK(sum(V::minus_zero, V::minus_zero, rounding) == exactly(V::minus_zero));
        CHECK(difference(V::minus_zero, V::zero, rounding) == exactly(V::minus_zero));
        CHECK(fused(V::zero, negate(V::two), V::minus_zero, rounding) == exactly(V::minus_zero));
    }
}

TEMPLATE_TEST_CASE("zeros keep their signs", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    CHECK(product(V::minus_zero, V::three) == exactly(V::minus_zero));
    CHECK(product(V::minus_zero, V::minus_zero) == exactly(V::zero));
    CHECK(quotient(V::zero, negate(V::three)) == exactly(V::minus_zero));
    CHECK(quotient(V::three, V::minus_infinity) == exactly(V::minus_zero));
    CHECK(root(V::minus_zero) == exactly(V::minus_zero));
    CHECK(root(V::zero) == exactly(V::zero));
    CHECK(sum(V::minus_zero, V::three) == exactly(V::three));
    CHECK(sum(V::smallest, V::zero) == exactly(V::smallest));
}

TEMPLATE_TEST_CASE("infinities are exact operands", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    CHECK(sum(V::infinity, V::minus_infinity) == invalid_operation<TestType>);
    CHECK(sum(V::infinity, V::infinity) == exactly(V::infinity));
    CHECK(difference(V::infinity, V::infinity) == invalid_operation<TestType>);
    CHECK(difference(V::largest, V::infinity) == exactly(V::minus_infinity));
    CHECK(product(V::minus_infinity, V::smallest) == exactly(V::minus_infinity));
    CHECK(product(V::infinity, V::zero) == invalid_operation<TestType>);
    CHECK(quotient(V::infinity, V::minus_infinity) == invalid_operation<TestType>);
    CHECK(quotient(V::minus_infinity, V::zero) == exactly(V::minus_infinity));
    CHECK(root(V::infinity) == exactly(V::infinity));
    CHECK(root(V::minus_infinity) == invalid_operation<TestType>);
    CHECK(fused(V::infinity, V::one, V::minus_infinity) == invalid_operation<TestType>);
    CHECK(fused(V::largest, V::largest, V::minus_infinity) == exactly(V::minus_infinity));
    CHECK(fused(V::minus_infinity, V::one, V::largest) == exactly(V::minus_infinity));
}

TEMPLATE_TEST_CASE("division of a number by zero gives infinity, of zero by zero a NaN", "", std::uint32_t,
                   std::uint64_t) {
    using V = Values<TestType>;
    CHECK(quotient(V::smallest, V::zero) == Outcome<TestType>{V::infinity, divide_by_zero});
    CHECK(quotient(V::one, V::minus_zero) == Outcome<TestType>{V::minus_infinity, divide_by_zero});
    CHECK(quotient(V::zero, V::zero) == invalid_operation<TestType>);
}

TEMPLATE_TEST_CASE("a NaN gives the canonical NaN, and a signaling one is invalid", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    const std::map<B, Outcome<B>> nans = {{V::quiet, nan_without_flags<B>},
                                          {V::quiet_with_payload, nan_without_flags<B>},
                                          {V::signaling, invalid_operation<B>}};
    for (const auto& [nan, expected] : nans) {
        CHECK(sum(nan, V::one) == expected);
        CHECK(sum(V::infinity, nan) == expected);
        CHECK(difference(V::one, nan) == expected);
        CHECK(product(nan, V::zero) == expected);
        CHECK(product(V::quiet, nan) == expected);
        CHECK(quotient(V::one, nan) == expected);
        CHECK(quotient(nan, V::zero) == expected);
        CHECK(root(nan) == expected);
        CHECK(fused(nan, V::one, V::one) == expected);
        CHECK(fused(V::one, nan, V::one) == expected);
        CHECK(fused(V::one, V::one, nan) == expected);
    }
}

TEMPLATE_TEST_CASE("infinity times zero plus a quiet NaN is invalid", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    CHECK(fused(V::infinity, V::zero, V::quiet) == invalid_operation<TestType>);
    CHECK(fused(V::minus_zero, V::infinity, V::quiet_with_payload) == invalid_operation<TestType>);
}

TEMPLATE_TEST_CASE("square roots of negative numbers are invalid", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    CHECK(root(negate(V::smallest)) == invalid_operation<TestType>);
    CHECK(root(negate(V::one)) == invalid_operation<TestType>);
    CHECK(root(V::four) == exactly(V::two));
    CHECK(root(V::normal(-2)) == exactly(V::normal(-1)));
}

TEMPLATE_TEST_CASE("ties go to even, or away from zero", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    const auto minus = [](B value) { return negate(value); };
    check_modes<B>({V::one, V::one, V::one, V::after_one, V::after_one}, inexact,
                   [](Rounding mode) { return sum(V::one, V::half_ulp, mode); });
    check_modes<B>({V::one + 2, V::after_one, V::after_one, V::one + 2, V::one + 2}, inexact,
                   [](Rounding mode) { return sum(V::after_one, V::half_ulp, mode); });
    check_modes<B>({minus(V::one), minus(V::one), minus(V::after_one), minus(V::one), minus(V::after_one)}, inexact,
                   [](Rounding mode) { return sum(negate(V::one), negate(V::half_ulp), mode); });
    // Just beside the tie.
    check_modes<B>({V::after_one, V::one, V::one, V::after_one, V::after_one}, inexact,
                   [](Rounding mode) { return sum(V::one, V::half_ulp + 1, mode); });
    check_modes<B>({V::one, V::one, V::one, V::after_one, V::one}, inexact,
                   [](Rounding mode) { return sum(V::one, V::half_ulp - 1, mode); });
}

TEMPLATE_TEST_CASE("a number far below the last place still decides directed rounding", "", std::uint32_t,
                   std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    check_modes<B>({V::one, V::one, V::one, V::after_one, V::one}, inexact,
                   [](Rounding mode) { return sum(V::one, V::smallest, mode); });
    check_modes<B>({V::one, V::before_one, V::before_one, V::one, V::one}, inexact,
                   [](Rounding mode) { return difference(V::one, V::smallest, mode); });
    check_modes<B>({V::one, V::before_one, V::before_one, V::one, V::one}, inexact,
                   [](Rounding mode) { return fused(V::smallest, negate(V::smallest), V::one, mode); });
}

TEST_CASE("quotients and roots that never end are rounded") {
    // 1/3 = 0.010101...b; the square root of 2 in hexadecimal is 1.6a09e667f3bcc908...
    check_modes<std::uint32_t>({0x3eaa'aaab, 0x3eaa'aaaa, 0x3eaa'aaaa, 0x3eaa'aaab, 0x3eaa'aaab}, inexact,
                               [](Rounding mode) { return quotient(0x3f80'0000u, 0x4040'0000u, mode); });
    check_modes<std::uint64_t>({0x3fd5'5555'5555'5555, 0x3fd5'5555'5555'5555, 0x3fd5'5555'5555'5555,
                                0x3fd5'5555'5555'5556, 0x3fd5'5555'5555'5555},
                               inexact, [](Rounding mode) {
                                   return quotient(Values<std::uint64_t>::one, Values<std::uint64_t>::three, mode);
                               });
    check_modes<std::uint32_t>({0x3fb5'04f3, 0x3fb5'04f3, 0x3fb5'04f3, 0x3fb5'04f4, 0x3fb5'04f3}, inexact,
                               [](Rounding mode) { return root(0x4000'0000u, mode); });
    check_modes<std::uint64_t>({0x3ff6'a09e'667f'3bcd, 0x3ff6'a09e'667f'3bcc, 0x3ff6'a09e'667f'3bcc,
                                0x3ff6'a09e'667f'3bcd, 0x3ff6'a09e'667f'3bcd},
                               inexact, [](Rounding mode) { return root(Values<std::uint64_t>::two, mode); });
}

TEMPLATE_TEST_CASE("overflow gives infinity or the largest number, as the rounding mode says", "", std::uint32_t,
                   std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    const B low = negate(V::largest);
    const B bottom = V::minus_infinity;
    check_modes<B>({V::infinity, V::largest, V::largest, V::infinity, V::infinity}, overflow | inexact,
                   [](Rounding mode) { return sum(V::largest, V::largest, mode); });
    check_modes<B>({bottom, low, bottom, low, bottom}, overflow | inexact,
                   [](Rounding mode) { return product(negate(V::largest), V::two, mode); });
    check_modes<B>({V::infinity, V::largest, V::largest, V::infinity, V::infinity}, overflow | inexact,
                   [](Rounding mode) { return quotient(V::largest, V::smallest, mode); });
}

TEMPLATE_TEST_CASE("overflow is what exceeds the largest number after rounding", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    const B half_last_place = V::normal(Format<B>::max_exponent - Format<B>::fraction_bits - 1);
    CHECK(sum(V::largest, half_last_place) == Outcome<B>{V::infinity, overflow | inexact});
    CHECK(sum(V::largest, B{half_last_place - 1}) == Outcome<B>{V::largest, inexact});
    CHECK(sum(V::largest, half_last_place, Rounding::down) == Outcome<B>{V::largest, inexact});
    CHECK(sum(V::largest, V::smallest, Rounding::up) == Outcome<B>{V::infinity, overflow | inexact});
}

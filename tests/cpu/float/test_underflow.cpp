// Subnormal results: IEEE 754-2008, 7.5, with tininess detected after rounding (Unprivileged ISA 20191213, 11.2).

#include "tests/cpu/float/edges.h"

using namespace aqpim::fp;
using namespace aqpim::fp::test;

namespace {

constexpr unsigned underflowed = underflow | inexact;

}  // namespace

TEMPLATE_TEST_CASE("an exact subnormal result raises nothing", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    CHECK(sum(V::smallest, V::smallest) == exactly(TestType{2}));
    CHECK(sum(V::largest_subnormal, V::smallest) == exactly(V::smallest_normal));
    CHECK(difference(V::smallest_normal, V::smallest) == exactly(V::largest_subnormal));
    CHECK(product(V::smallest_normal, V::normal(-1)) == exactly(TestType{V::smallest_normal / 2}));
    CHECK(quotient(V::smallest_normal, V::two) == exactly(TestType{V::smallest_normal / 2}));
    CHECK(product(V::smallest, V::three) == exactly(TestType{3}));
    CHECK(fused(V::smallest, V::two, V::smallest) == exactly(TestType{3}));
    CHECK(quotient(V::smallest, V::smallest) == exactly(V::one));
}

TEMPLATE_TEST_CASE("an inexact subnormal result underflows", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    // Half of 3 units is 1.5 units; half of 1 unit is a tie with zero.
    check_modes<B>({2, 1, 1, 2, 2}, underflowed, [](Rounding mode) { return product(B{3}, V::normal(-1), mode); });
    check_modes<B>({0, 0, 0, 1, 1}, underflowed, [](Rounding mode) { return quotient(B{1}, V::two, mode); });
    check_modes<B>({V::minus_zero, V::minus_zero, negate(V::smallest), V::minus_zero, V::minus_zero}, underflowed,
                   [](Rounding mode) { return product(V::smallest, negate(V::smallest), mode); });
    check_modes<B>({1, 1, 1, 2, 1}, underflowed,
                   [](Rounding mode) { return fused(V::smallest, V::smallest, V::smallest, mode); });
}

TEMPLATE_TEST_CASE("what rounds up to the smallest normal number is not tiny if it would with more exponents", "",
                   std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    // 2^min_exponent * (1 - 2^-2p), of which p bits would be all ones: rounding carries when it goes up.
    const B down = V::largest_subnormal;
    const B up = V::smallest_normal;
    const auto just_below = [](Rounding mode) {
        return fused(V::smallest, negate(V::normal(-Format<B>::fraction_bits)), V::smallest_normal, mode);
    };
    CHECK(just_below(Rounding::nearest_even) == Outcome<B>{up, inexact});
    CHECK(just_below(Rounding::up) == Outcome<B>{up, inexact});
    CHECK(just_below(Rounding::nearest_away) == Outcome<B>{up, inexact});
    CHECK(just_below(Rounding::down) == Outcome<B>{down, underflowed});
    CHECK(just_below(Rounding::to_zero) == Outcome<B>{down, underflowed});

    // 2^min_exponent * (1 - 2^-p) has p bits: tiny, though the subnormals below do not hold it.
    const auto all_ones = [](Rounding mode) { return product(V::smallest_normal, V::before_one, mode); };
    check_modes<B>({up, down, down, up, up}, underflowed, all_ones);

    // 2^min_exponent * (1 - 2^-(p+1)): a tie of p bits, which to even and away carries.
    const auto tie = [](Rounding mode) {
        const B part = V::normal(-Format<B>::fraction_bits - 2);
        return fused(V::smallest_normal, negate(part), V::smallest_normal, mode);
    };
    CHECK(tie(Rounding::nearest_even) == Outcome<B>{up, inexact});
    CHECK(tie(Rounding::nearest_away) == Outcome<B>{up, inexact});
    CHECK(tie(Rounding::up) == Outcome<B>{up, inexact});
    CHECK(tie(Rounding::to_zero) == Outcome<B>{down, underflowed});
}

TEMPLATE_TEST_CASE("underflow shows also where inexact is set already", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    const auto after_inexact = [](const auto& operation) { return ours(operation, inexact); };
    CHECK(after_inexact([](auto& flags) { return multiply(V::smallest_normal, V::before_one, even, flags); }) ==
          Outcome<B>{V::smallest_normal, underflowed});
    CHECK(after_inexact([](auto& flags) { return multiply(V::smallest, V::half_ulp, even, flags); }) ==
          Outcome<B>{V::zero, underflowed});
    CHECK(after_inexact([](auto& flags) { return divide(V::smallest, V::four, even, flags); }) ==
          Outcome<B>{V::zero, underflowed});
    CHECK(after_inexact([](auto& flags) {
              return fused_multiply_add(V::smallest, V::half_ulp, V::zero, even, flags);
          }) == Outcome<B>{V::zero, underflowed});
}

TEMPLATE_TEST_CASE("a fused multiply-add rounds once", "", std::uint32_t, std::uint64_t) {
    using B = TestType;
    using V = Values<B>;
    // (1 + u)^2 = 1 + 2u + u^2: only the last term is left.
    const B square = V::one + 2;
    CHECK(product(V::after_one, V::after_one) == Outcome<B>{square, inexact});
    CHECK(fused(V::after_one, V::after_one, negate(square)) == exactly(V::normal(-2 * Format<B>::fraction_bits)));
    // A product beyond the largest number comes back into range.
    CHECK(fused(V::largest, V::two, negate(V::largest)) == exactly(V::largest));
}

TEMPLATE_TEST_CASE("flags accumulate", "", std::uint32_t, std::uint64_t) {
    using V = Values<TestType>;
    std::uint8_t flags = 0;
    add(V::one, V::half_ulp, even, flags);
    CHECK(flags == inexact);
    divide(V::one, V::zero, even, flags);
    CHECK(flags == (inexact | divide_by_zero));
    multiply(V::largest, V::largest, even, flags);
    CHECK(flags == (inexact | divide_by_zero | overflow));
    multiply(V::smallest, V::smallest, even, flags);
    CHECK(flags == (inexact | divide_by_zero | overflow | underflow));
    square_root(V::minus_infinity, even, flags);
    CHECK(flags == 0x1f);
    add(V::one, V::one, even, flags);
    CHECK(flags == 0x1f);
}

#pragma once

#include "models/cpu/float/float_format.h"

namespace aqpim::fp::test {

/// Encodings of what is at the edges of a format (IEEE 754-2008, table 3.5).
template <Bits B>
struct Values {
    using F = Format<B>;

    /// (1 + `fraction` / 2^fraction_bits) * 2^`exponent`.
    static constexpr B normal(int exponent, B fraction = 0) {
        return (static_cast<B>(exponent + F::max_exponent) << F::fraction_bits) + fraction;
    }

    static constexpr B zero = 0;
    static constexpr B minus_zero = F::sign_mask;
    static constexpr B smallest = 1;  ///< the smallest subnormal
    static constexpr B largest_subnormal = F::fraction_mask;
    static constexpr B smallest_normal = F::hidden_bit;
    static constexpr B one = normal(0);
    static constexpr B after_one = one + 1;
    static constexpr B before_one = one - 1;
    static constexpr B two = normal(1);
    static constexpr B three = normal(1, F::hidden_bit / 2);
    static constexpr B four = normal(2);
    static constexpr B half_ulp = normal(-F::fraction_bits - 1);  ///< half the distance from one to after_one
    static constexpr B largest = F::infinity - 1;
    static constexpr B infinity = F::infinity;
    static constexpr B minus_infinity = F::infinity | F::sign_mask;
    static constexpr B quiet = canonical_nan<B>;
    static constexpr B quiet_with_payload = canonical_nan<B> | F::sign_mask | 0x123;
    static constexpr B signaling = F::infinity | 1;
};

}  // namespace aqpim::fp::test

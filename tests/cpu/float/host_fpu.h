#pragma once

#include <catch2/catch.hpp>

#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

#include "models/cpu/float/float_arithmetic.h"
#include "tests/cpu/float/outcome.h"
#include "tests/cpu/float/random_operands.h"

/// The host's floating-point unit as the reference. Sources that use it are compiled with -frounding-math.
namespace aqpim::fp::test {

/// Random operands for each operation.
inline constexpr int cases = AQPIM_RANDOM_CASES;

template <Bits B>
using Number = host::Number<B>;

/// Holds the exact result of every operation wherever that lies half-way between two binary64.
#ifdef __SIZEOF_FLOAT128__
__extension__ using Quad = __float128;
#else
using Quad = long double;
static_assert(std::numeric_limits<Quad>::digits >= 113);
#endif

/// x86 detects tininess after rounding, as RISC-V does; others may not.
#ifdef __x86_64__
inline constexpr unsigned compared_flags = 0x1f;
#else
inline constexpr unsigned compared_flags = 0x1f & ~underflow;
#endif

/// Keeps a computation between the calls that change the rounding mode and read the flags.
template <class Value>
Value opaque(Value value) {
    volatile Value storage = value;
    return storage;
}

inline int host_mode(Rounding rounding) {
    switch (rounding) {
        case Rounding::to_zero:
            return FE_TOWARDZERO;
        case Rounding::down:
            return FE_DOWNWARD;
        case Rounding::up:
            return FE_UPWARD;
        default:
            return FE_TONEAREST;
    }
}

inline unsigned host_flags() {
    const int raised = std::fetestexcept(FE_ALL_EXCEPT);
    unsigned flags = 0;
    flags |= (raised & FE_INEXACT) != 0 ? inexact : 0;
    flags |= (raised & FE_UNDERFLOW) != 0 ? underflow : 0;
    flags |= (raised & FE_OVERFLOW) != 0 ? overflow : 0;
    flags |= (raised & FE_DIVBYZERO) != 0 ? divide_by_zero : 0;
    flags |= (raised & FE_INVALID) != 0 ? invalid : 0;
    return flags;
}

/// What `operation` gives in the host's `rounding`.
template <class Operation>
auto on_host(Rounding rounding, const Operation& operation) {
    std::fesetround(host_mode(rounding));
    std::feclearexcept(FE_ALL_EXCEPT);
    const auto value = opaque(operation());
    const unsigned flags = host_flags();
    std::fesetround(FE_TONEAREST);
    return Outcome<std::remove_const_t<decltype(value)>>{value, flags};
}

/// As its encoding, a NaN as the canonical one.
template <Bits B>
Outcome<B> encoded(const Outcome<Number<B>>& outcome) {
    return {std::isnan(outcome.value) ? canonical_nan<B> : std::bit_cast<B>(outcome.value), outcome.flags};
}

template <Bits B>
B random_number(RandomOperands& random) {
    if constexpr (sizeof(B) == 4) {
        return random.binary32();
    } else {
        return random.binary64();
    }
}

template <class Value>
void compare(const Outcome<Value>& expected, const Outcome<Value>& found, Rounding rounding, const auto&... operands) {
    const bool same_flags = ((expected.flags ^ found.flags) & compared_flags) == 0;
    if (expected.value != found.value || !same_flags) {
        std::string text = fmt::format("rounding mode {}, operands", static_cast<int>(rounding));
        ((text += fmt::format(" {:#x}", operands)), ...);
        FAIL(text << ": expected " << expected << ", found " << found);
    }
}

}  // namespace aqpim::fp::test

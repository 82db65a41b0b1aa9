#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

/// What the lines of instructions.def say in a word.
namespace aqpim::arithmetic {

__extension__ using Signed128 = __int128;
__extension__ using Unsigned128 = unsigned __int128;

constexpr std::int64_t s64(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}
constexpr std::int32_t s32(std::uint64_t value) {
    return static_cast<std::int32_t>(value);
}
constexpr std::uint32_t u32(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}
constexpr std::uint64_t u64(std::int64_t value) {
    return static_cast<std::uint64_t>(value);
}
/// The low 32 bits, sign-extended: results of the W instructions.
constexpr std::uint64_t word(std::uint64_t value) {
    return u64(s32(value));
}

/// The upper 64 bits of a product; signed where the factors are.
template <class A, class B>
constexpr std::uint64_t multiply_high(A a, B b) {
    if constexpr (std::is_unsigned_v<A>) {
        return static_cast<std::uint64_t>(Unsigned128{a} * Unsigned128{b} >> 64);
    } else {
        return static_cast<std::uint64_t>(Signed128{a} * Signed128{b} >> 64);
    }
}

template <class T>
constexpr bool overflows(T a, T b) {
    return std::is_signed_v<T> && a == std::numeric_limits<T>::min() && b == static_cast<T>(-1);
}

/// Division never traps (Unprivileged ISA 20191213, table 7.1): by zero it gives all ones, on overflow the dividend.
template <class T>
constexpr T quotient(T a, T b) {
    if (b == 0) {
        return static_cast<T>(-1);
    }
    return overflows(a, b) ? a : static_cast<T>(a / b);
}

template <class T>
constexpr T remainder(T a, T b) {
    if (b == 0) {
        return a;
    }
    return overflows(a, b) ? T{0} : static_cast<T>(a % b);
}

// Operations of AMOs, from what memory holds and what the register gives.
inline constexpr auto swap = [](auto, auto given) { return given; };
inline constexpr auto smaller = [](auto held, auto given) { return std::min(held, given); };
inline constexpr auto larger = [](auto held, auto given) { return std::max(held, given); };

}  // namespace aqpim::arithmetic

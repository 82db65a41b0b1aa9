#pragma once

#include <fmt/format.h>

#include <ostream>
#include <type_traits>

#include "models/cpu/float/float_arithmetic.h"

namespace aqpim::fp::test {

inline constexpr Rounding rounding_modes[] = {Rounding::nearest_even, Rounding::to_zero, Rounding::down, Rounding::up,
                                              Rounding::nearest_away};

/// What an operation delivers and raises.
template <class Value>
struct Outcome {
    Value value;
    unsigned flags;

    friend bool operator==(const Outcome&, const Outcome&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
        return out << fmt::format("{:#x} with flags {:#x}", outcome.value, outcome.flags);
    }
};

/// What `operation` of ours gives, which takes the flags.
template <class Operation>
auto ours(const Operation& operation, std::uint8_t flags = 0) {
    const auto value = operation(flags);
    return Outcome<std::remove_const_t<decltype(value)>>{value, flags};
}

}  // namespace aqpim::fp::test

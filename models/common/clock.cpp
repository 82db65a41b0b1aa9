#include "models/common/clock.h"

#include <numeric>

#include "models/common/error.h"
#include "models/common/quantity.h"

namespace aqpim {

namespace {
__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t picoseconds_per_second = 1'000'000'000'000;

/// Division of 128 bits takes a call and many cycles; nearly always 64 do.
std::uint64_t quotient(Wide dividend, std::uint64_t divisor) {
    return dividend >> 64 == 0 ? static_cast<std::uint64_t>(dividend) / divisor
                               : static_cast<std::uint64_t>(dividend / divisor);
}
}  // namespace

Clock Clock::parse(std::string_view text) {
    const Quantity quantity = parse_quantity(text, Dimension::frequency_or_time);
    const Rational& value = quantity.value;
    if (value.num == 0) {
        throw InputError("a clock needs a frequency or period above zero");
    }
    Rational period = value;
    if (quantity.dimension == Dimension::frequency) {
        period = {value.den * picoseconds_per_second, value.num};
    }
    const std::uint64_t divisor = std::gcd(period.num, period.den);
    return {period.num / divisor, period.den / divisor};
}

Picoseconds Clock::at(Ticks ticks) const {
    return quotient(Wide{ticks} * num_ + den_ / 2, den_);
}

Ticks Clock::first_tick_at(Picoseconds time_ps) const {
    Ticks ticks = quotient(Wide{time_ps} * den_, num_);
    while (at(ticks) < time_ps) {
        ++ticks;
    }
    return ticks;
}

Picoseconds transfer_time_ps(std::uint64_t bytes, std::uint64_t bytes_per_second) {
    return quotient(Wide{bytes} * picoseconds_per_second + bytes_per_second - 1, bytes_per_second);
}

}  // namespace aqpim

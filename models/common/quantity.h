#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aqpim {

struct Rational {
    std::uint64_t num = 0;
    std::uint64_t den = 1;
};

/// What a quantity measures, and in which base unit its value is given.
enum class Dimension {
    time,               ///< ps
    frequency,          ///< Hz
    frequency_or_time,  ///< only to ask for either
    size,               ///< B
    bandwidth,          ///< B/s
    energy,             ///< fJ
    energy_per_bit,     ///< fJ/bit
    power,              ///< uW
    current,            ///< uA
    voltage,            ///< mV
    compute,            ///< FLOP/s
};

struct Quantity {
    Rational value;  ///< in the base unit, exact
    Dimension dimension;
};

/// Reads a decimal number with a unit ("105ns", "0.769 ns", "16GiB", "3.35TB/s", "0.9pJ"). Throws InputError naming
/// what was found and which units are allowed; a bare number is an error.
Quantity parse_quantity(std::string_view text, Dimension dimension);

/// As parse_quantity, for values that must be whole in the base unit.
std::uint64_t parse_whole_quantity(std::string_view text, Dimension dimension);

/// The units that `dimension` takes, for messages: "ps, ns, us, ms or s".
std::string allowed_units(Dimension dimension);

}  // namespace aqpim

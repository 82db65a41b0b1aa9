#include "models/common/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "models/common/error.h"

namespace aqpim {

namespace {

struct Unit {
    std::string_view name;
    Dimension dimension;
    Rational factor;  // base units in one
};

constexpr std::uint64_t kilo = 1000, mega = 1'000'000, giga = 1'000'000'000, tera = 1'000'000'000'000;
constexpr std::uint64_t kibi = 1024, mebi = kibi * kibi, gibi = kibi * mebi, tebi = kibi * gibi;

constexpr std::array units = {
    Unit{"fs", Dimension::time, {1, kilo}},
    Unit{"ps", Dimension::time, {1, 1}},
    Unit{"ns", Dimension::time, {kilo, 1}},
    Unit{"us", Dimension::time, {mega, 1}},
    Unit{"ms", Dimension::time, {giga, 1}},
    Unit{"s", Dimension::time, {tera, 1}},
    Unit{"Hz", Dimension::frequency, {1, 1}},
    Unit{"kHz", Dimension::frequency, {kilo, 1}},
    Unit{"MHz", Dimension::frequency, {mega, 1}},
    Unit{"GHz", Dimension::frequency, {giga, 1}},
    Unit{"B", Dimension::size, {1, 1}},
    Unit{"KiB", Dimension::size, {kibi, 1}},
    Unit{"MiB", Dimension::size, {mebi, 1}},
    Unit{"GiB", Dimension::size, {gibi, 1}},
    Unit{"TiB", Dimension::size, {tebi, 1}},
    Unit{"B/s", Dimension::bandwidth, {1, 1}},
    Unit{"MB/s", Dimension::bandwidth, {mega, 1}},
    Unit{"GB/s", Dimension::bandwidth, {giga, 1}},
    Unit{"TB/s", Dimension::bandwidth, {tera, 1}},
    Unit{"fJ", Dimension::energy, {1, 1}},
    Unit{"pJ", Dimension::energy, {kilo, 1}},
    Unit{"nJ", Dimension::energy, {mega, 1}},
    Unit{"fJ/bit", Dimension::energy_per_bit, {1, 1}},
    Unit{"pJ/bit", Dimension::energy_per_bit, {kilo, 1}},
    Unit{"uW", Dimension::power, {1, 1}},
    Unit{"mW", Dimension::power, {kilo, 1}},
    Unit{"W", Dimension::power, {mega, 1}},
    Unit{"uA", Dimension::current, {1, 1}},
    Unit{"mA", Dimension::current, {kilo, 1}},
    Unit{"A", Dimension::current, {mega, 1}},
    Unit{"mV", Dimension::voltage, {1, 1}},
    Unit{"V", Dimension::voltage, {kilo, 1}},
    Unit{"GFLOP/s", Dimension::compute, {giga, 1}},
    Unit{"TFLOP/s", Dimension::compute, {tera, 1}},
};

bool matches(Dimension asked, Dimension unit) {
    return asked == unit ||
           (asked == Dimension::frequency_or_time && (unit == Dimension::frequency || unit == Dimension::time));
}

[[noreturn]] void refuse(std::string_view text, Dimension dimension, std::string_view why) {
    throw InputError(fmt::format("'{}' {}; expected a number with a unit: {}", text, why, allowed_units(dimension)));
}

Rational parse_decimal(std::string_view digits, std::string_view text, Dimension dimension) {
    constexpr std::uint64_t most = 1'000'000'000'000'000;  // keeps every product with a unit's factor exact
    Rational value;
    bool point = false;
    bool any = false;
    for (const char c : digits) {
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') {
            refuse(text, dimension, "is not a number");
        }
        any = true;
        value.num = value.num * 10 + static_cast<std::uint64_t>(c - '0');
        value.den *= point ? 10 : 1;
        if (value.num > most || value.den > most) {
            refuse(text, dimension, "has too many digits");
        }
    }
    if (!any) {
        refuse(text, dimension, "is not a number");
    }
    const std::uint64_t divisor = std::gcd(value.num, value.den);
    return {value.num / divisor, value.den / divisor};
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string allowed_units(Dimension dimension) {
    std::vector<std::string_view> names;
    for (const Unit& unit : units) {
        if (matches(dimension, unit.dimension)) {
            names.push_back(unit.name);
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

Quantity parse_quantity(std::string_view text, Dimension dimension) {
    const std::string_view trimmed = trim(text);
    const auto split = std::min(trimmed.find_first_not_of("0123456789."), trimmed.size());
    const std::string_view unit_name = trim(trimmed.substr(split));
    if (unit_name.empty()) {
        refuse(text, dimension, "has no unit");
    }
    const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& candidate) {
        return candidate.name == unit_name && matches(dimension, candidate.dimension);
    });
    if (unit == units.end()) {
        refuse(text, dimension, "has an unknown unit");
    }
    const Rational number = parse_decimal(trimmed.substr(0, split), text, dimension);
    __extension__ using Wide = unsigned __int128;
    const Wide num = Wide{number.num} * unit->factor.num;
    const Wide den = Wide{number.den} * unit->factor.den;
    Wide a = num;
    Wide b = den;
    while (b != 0) {
        const Wide rest = a % b;
        a = b;
        b = rest;
    }
    constexpr Wide limit = Wide{1} << 63;
    if (num / a >= limit || den / a >= limit) {
        refuse(text, dimension, "is out of range");
    }
    return {{static_cast<std::uint64_t>(num / a), static_cast<std::uint64_t>(den / a)}, unit->dimension};
}

std::uint64_t parse_whole_quantity(std::string_view text, Dimension dimension) {
    const Rational value = parse_quantity(text, dimension).value;
    if (value.den != 1) {
        refuse(text, dimension, "is finer than the model resolves");
    }
    return value.num;
}

}  // namespace aqpim

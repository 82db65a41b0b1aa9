#include "models/common/parameter.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "models/common/error.h"
#include "models/common/quantity.h"

namespace aqpim {

namespace {

template <class T>
T parse_number(const std::string& text, std::string_view kind) {
    T value{};
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) {
        throw InputError(fmt::format("'{}' is not a {}", text, kind));
    }
    return value;
}

template <class T>
std::string range_text(Range<T> range) {
    if (range.max == std::numeric_limits<T>::max()) {
        return range.min == std::numeric_limits<T>::lowest() ? "any" : fmt::format("{} or more", range.min);
    }
    return fmt::format("{} to {}", range.min, range.max);
}

template <class T>
T checked(T value, Range<T> range) {
    if (!(value >= range.min && value <= range.max)) {
        throw InputError(fmt::format("{} is out of range", value));
    }
    return value;
}

double real_value(const Rational& value) {
    return static_cast<double>(value.num) / static_cast<double>(value.den);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitution = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
        }
    }
    return row.back();
}

/// FILE:LINE, as a configuration file's values have it, not the name of an option.
bool names_line_of_file(const std::string& origin) {
    const std::size_t colon = origin.rfind(':');
    return colon != std::string::npos && colon + 1 < origin.size() &&
           origin.find_first_not_of("0123456789", colon + 1) == std::string::npos;
}

}  // namespace

void ParameterSection::add(std::string_view name, std::string type, std::string range, std::string value, About about,
                           std::function<BaseValue(const std::string&)> assign) {
    Parameter parameter{fmt::format("{}.{}", name_, name),
                        std::move(type),
                        value,
                        std::move(range),
                        std::move(about.help),
                        std::move(about.source),
                        value,
                        "default",
                        {},
                        std::move(assign),
                        {}};
    parameter.base_value = parameter.assign(value);
    table_.parameters_.push_back(std::move(parameter));
}

void ParameterSection::flag(bool& field, std::string_view name, bool value, About about) {
    add(name, "flag", "true or false", value ? "true" : "false", std::move(about), [&field](const std::string& text) {
        if (text != "true" && text != "false") {
            throw InputError(fmt::format("'{}' is neither true nor false", text));
        }
        return BaseValue{field = text == "true"};
    });
}

void ParameterSection::count(std::uint32_t& field, std::string_view name, std::uint32_t value,
                             Range<std::uint32_t> range, About about) {
    add(name, "count", range_text(range), fmt::to_string(value), std::move(about),
        [&field, range](const std::string& text) {
            field = checked(parse_number<std::uint32_t>(text, "whole number"), range);
            return BaseValue{std::uint64_t{field}};
        });
}

void ParameterSection::count(std::uint64_t& field, std::string_view name, std::uint64_t value,
                             Range<std::uint64_t> range, About about) {
    add(name, "count", range_text(range), fmt::to_string(value), std::move(about),
        [&field, range](const std::string& text) {
            return BaseValue{field = checked(parse_number<std::uint64_t>(text, "whole number"), range)};
        });
}

void ParameterSection::power_of_two(std::uint32_t& field, std::string_view name, std::uint32_t value,
                                    Range<std::uint32_t> range, About about) {
    add(name, "count", fmt::format("a power of two, {}", range_text(range)), fmt::to_string(value), std::move(about),
        [&field, range](const std::string& text) {
            const auto number = checked(parse_number<std::uint32_t>(text, "whole number"), range);
            if (!std::has_single_bit(number)) {
                throw InputError(fmt::format("{} is not a power of two", number));
            }
            field = number;
            return BaseValue{std::uint64_t{field}};
        });
}

void ParameterSection::real(double& field, std::string_view name, double value, Range<double> range, About about) {
    add(name, "number", range_text(range), fmt::to_string(value), std::move(about),
        [&field, range](const std::string& text) {
            const auto number = parse_number<double>(text, "number");
            if (!std::isfinite(number)) {
                throw InputError(fmt::format("'{}' is not a finite number", text));
            }
            return BaseValue{field = checked(number, range)};
        });
}

void ParameterSection::text(std::string& field, std::string_view name, std::string value, About about) {
    add(name, "text", "any text", std::move(value), std::move(about),
        [&field](const std::string& given) { return BaseValue{field = given}; });
}

void ParameterSection::path(std::string& field, std::string_view name, About about) {
    add(name, "path", "a file, or nothing", "", std::move(about),
        [&field](const std::string& given) { return BaseValue{field = given}; });
}

void ParameterSection::path_or_word(std::string& field, std::string_view name, std::vector<std::string> words,
                                    About about) {
    add(name, "path", fmt::format("{}, or a file", fmt::join(words, ", ")), words.front(), std::move(about),
        [&field](const std::string& given) { return BaseValue{field = given}; });
    table_.parameters_.back().words = std::move(words);
}

void ParameterSection::paths(std::string& field, std::string_view name, About about) {
    add(name, "paths", "files, separated by commas, or nothing", "", std::move(about),
        [&field](const std::string& given) { return BaseValue{field = given}; });
}

void ParameterSection::choice(std::string& field, std::string_view name, std::string value,
                              std::vector<std::string> allowed, About about) {
    std::string range = fmt::format("{}", fmt::join(allowed, ", "));
    add(name, "choice", std::move(range), std::move(value), std::move(about),
        [&field, allowed = std::move(allowed)](const std::string& given) {
            if (std::find(allowed.begin(), allowed.end(), given) == allowed.end()) {
                throw InputError(fmt::format("'{}' is not a known choice", given));
            }
            return BaseValue{field = given};
        });
}

void ParameterSection::clock(Clock& field, std::string_view name, std::string value, About about) {
    add(name, "clock", "a frequency or a period, with its unit", std::move(value), std::move(about),
        [&field](const std::string& given) {
            field = Clock::parse(given);
            return BaseValue{field.period_ps()};
        });
}

void ParameterSection::time(Picoseconds& field, std::string_view name, std::string value, About about) {
    add(name, "time", "whole picoseconds, with a unit", std::move(value), std::move(about),
        [&field](const std::string& given) { return BaseValue{field = parse_whole_quantity(given, Dimension::time)}; });
}

void ParameterSection::size(std::uint64_t& field, std::string_view name, std::string value, About about) {
    add(name, "size", "bytes, with a unit", std::move(value), std::move(about),
        [&field](const std::string& given) { return BaseValue{field = parse_whole_quantity(given, Dimension::size)}; });
}

void ParameterSection::bandwidth(std::uint64_t& field, std::string_view name, std::string value, About about) {
    add(name, "bandwidth", "above zero, with a unit", std::move(value), std::move(about),
        [&field](const std::string& given) {
            const auto rate = parse_whole_quantity(given, Dimension::bandwidth);
            return BaseValue{field = checked(rate, Range<std::uint64_t>{1})};
        });
}

void ParameterSection::optional_bandwidth(std::uint64_t& field, std::string_view name, About about) {
    add(name, "bandwidth", "none, or above zero, with a unit", "none", std::move(about),
        [&field](const std::string& given) {
            const auto rate = given == "none" ? 0 : parse_whole_quantity(given, Dimension::bandwidth);
            return BaseValue{field = given == "none" ? 0 : checked(rate, Range<std::uint64_t>{1})};
        });
}

void ParameterSection::compute(double& flop_per_second, std::string_view name, std::string value, About about) {
    add(name, "compute", "above zero, with a unit", std::move(value), std::move(about),
        [&flop_per_second](const std::string& given) {
            const double rate = real_value(parse_quantity(given, Dimension::compute).value);
            return BaseValue{flop_per_second = checked(rate, Range<double>{1.0})};
        });
}

void ParameterSection::thousands(double& field, std::string_view name, std::string type, Dimension dimension,
                                 std::string value, About about) {
    constexpr double thousand = 1000;
    add(name, std::move(type), "with a unit", std::move(value), std::move(about),
        [&field, dimension](const std::string& given) {
            return BaseValue{field = real_value(parse_quantity(given, dimension).value) / thousand};
        });
}

void ParameterSection::energy(double& field_pj, std::string_view name, std::string value, About about) {
    thousands(field_pj, name, "energy", Dimension::energy, std::move(value), std::move(about));
}

void ParameterSection::energy_per_bit(double& field_pj, std::string_view name, std::string value, About about) {
    thousands(field_pj, name, "energy per bit", Dimension::energy_per_bit, std::move(value), std::move(about));
}

void ParameterSection::power(double& field_mw, std::string_view name, std::string value, About about) {
    thousands(field_mw, name, "power", Dimension::power, std::move(value), std::move(about));
}

void ParameterSection::current(double& field_ma, std::string_view name, std::string value, About about) {
    thousands(field_ma, name, "current", Dimension::current, std::move(value), std::move(about));
}

void ParameterSection::voltage(double& field_v, std::string_view name, std::string value, About about) {
    thousands(field_v, name, "voltage", Dimension::voltage, std::move(value), std::move(about));
}

std::string change_paths(const Parameter& parameter, const std::string& text,
                         const std::function<std::string(const std::string&)>& change) {
    const bool is_list = parameter.type == "paths";
    const bool is_word = std::find(parameter.words.begin(), parameter.words.end(), text) != parameter.words.end();
    if (text.empty() || is_word || !(is_list || parameter.type == "path")) {
        return text;
    }
    std::string changed;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = is_list ? std::min(text.find(',', begin), text.size()) : text.size();
        changed.append(begin == 0 ? "" : ",").append(change(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return changed;
}

const Parameter* ParameterTable::find(std::string_view key) const {
    const auto found =
        std::find_if(parameters_.begin(), parameters_.end(), [&](const Parameter& p) { return p.key == key; });
    return found == parameters_.end() ? nullptr : &*found;
}

void ParameterTable::set(const std::string& key, const std::string& text, const std::string& origin) {
    const Parameter* const known = find(key);
    if (known == nullptr) {
        throw InputError(fmt::format("{}: unknown key '{}'; did you mean '{}'?", origin, key, nearest(key)));
    }
    Parameter& parameter = parameters_[static_cast<std::size_t>(known - parameters_.data())];
    std::string value = text;
    if (names_line_of_file(origin)) {
        const std::filesystem::path folder = std::filesystem::path(origin.substr(0, origin.rfind(':'))).parent_path();
        value = change_paths(parameter, text, [&](const std::string& file) -> std::string {
            return (folder / file).lexically_normal();
        });
    }
    try {
        parameter.base_value = parameter.assign(value);
    } catch (const InputError& error) {
        throw InputError(fmt::format("{}: {}: {}; allowed: {}", origin, key, error.what(), parameter.range));
    }
    parameter.text = value;
    parameter.origin = origin;
}

void ParameterTable::set_default(const std::string& key, const std::string& text, const std::string& origin) {
    const Parameter* const parameter = find(key);
    if (parameter == nullptr || parameter->origin == "default" || parameter->origin.starts_with(preset_origin)) {
        set(key, text, origin);
    }
}

std::string ParameterTable::nearest(std::string_view key) const {
    const auto best = std::min_element(parameters_.begin(), parameters_.end(), [&](const auto& a, const auto& b) {
        return edit_distance(a.key, key) < edit_distance(b.key, key);
    });
    return best == parameters_.end() ? std::string{} : best->key;
}

}  // namespace aqpim

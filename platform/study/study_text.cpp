#include "platform/study/study_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace aqpim {

namespace {

constexpr int digits_shown = 4;

std::string scaled(double value, double step, std::span<const std::string_view> units) {
    std::size_t unit = 0;
    while (std::abs(value) >= step && unit + 1 < units.size()) {
        value /= step;
        ++unit;
    }
    return fmt::format("{} {}", significant(value), units[unit]);
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

FigureUnit unit_of(std::string_view key) {
    if (contains(key, "tokens_per_s")) {
        return FigureUnit::tokens_per_s;
    }
    if (contains(key, "bytes_per_s")) {
        return FigureUnit::bytes_per_s;
    }
    if (key.ends_with("_ps") || key.ends_with(".ps") || contains(key, "_ps.")) {
        return FigureUnit::time_ps;
    }
    if (key.ends_with("_pj") || contains(key, "_pj.")) {
        return FigureUnit::energy_pj;
    }
    return contains(key, "bytes") ? FigureUnit::bytes : FigureUnit::plain;
}

FigureUnit unit_of(const FigureReference& reference) {
    return unit_of(std::string_view(reference.terms.front().key));
}

std::string significant(double value) {
    if (value == 0) {
        return "0";
    }
    const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
    return fmt::format("{:.{}f}", value, std::clamp(digits_shown - 1 - magnitude, 0, 12));
}

std::string figure_text(double value, FigureUnit unit) {
    constexpr std::array<std::string_view, 5> times = {"ps", "ns", "us", "ms", "s"};
    constexpr std::array<std::string_view, 5> energies = {"pJ", "nJ", "uJ", "mJ", "J"};
    constexpr std::array<std::string_view, 5> sizes = {"B", "KiB", "MiB", "GiB", "TiB"};
    constexpr std::array<std::string_view, 5> rates = {"B/s", "kB/s", "MB/s", "GB/s", "TB/s"};
    switch (unit) {
        case FigureUnit::time_ps:
            return scaled(value, 1000, times);
        case FigureUnit::energy_pj:
            return scaled(value, 1000, energies);
        case FigureUnit::bytes:
            return scaled(value, 1024, sizes);
        case FigureUnit::bytes_per_s:
            return scaled(value, 1000, rates);
        case FigureUnit::tokens_per_s:
            return fmt::format("{} tokens/s", significant(value));
        case FigureUnit::plain:
            break;
    }
    return value == std::round(value) ? fmt::format("{:.0f}", value) : significant(value);
}

std::string quotient_text(double value, const Quotient& quotient) {
    switch (quotient.kind) {
        case ClaimKind::ratio:
            return fmt::format("{}x", significant(value));
        case ClaimKind::share:
            return fmt::format("{:.1f} %", 100 * value);
        case ClaimKind::figure:
            break;
    }
    return figure_text(value, unit_of(quotient.numerator));
}

}  // namespace aqpim

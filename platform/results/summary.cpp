#include "platform/results/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace aqpim {

namespace {

constexpr int label_width = 16;

std::string scaled(double value, double step, std::span<const std::string_view> units) {
    std::size_t unit = 0;
    while (value >= step && unit + 1 < units.size()) {
        value /= step;
        ++unit;
    }
    return fmt::format("{:.4g} {}", value, units[unit]);
}

std::string line(std::string_view label, const std::string& text) {
    return fmt::format("{:<{}}{}\n", label, label_width, text);
}

/// The parts of `sum`, each as its mean over `count` stretches.
std::string breakdown_lines(const Breakdown& sum, std::size_t count) {
    std::string out;
    for (const BreakdownPart& part : breakdown_parts) {
        const Picoseconds ps = sum.*part.field;
        out += fmt::format("  {:<{}}{:>12}{:>9}\n", part.label, label_width - 2, time_text(ps / count),
                           share_text(static_cast<double>(ps), static_cast<double>(sum.total())));
    }
    return out;
}

std::string decode_lines(const std::vector<PhaseTime>& steps) {
    if (steps.empty()) {
        return {};
    }
    const PhaseTime sum = sum_of(steps);
    const auto [shortest, longest] =
        std::minmax_element(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.ps < b.ps; });
    return line("decode step", fmt::format("{} on average over {} steps ({} to {})", time_text(sum.ps / steps.size()),
                                           steps.size(), time_text(shortest->ps), time_text(longest->ps))) +
           breakdown_lines(sum.breakdown, steps.size());
}

std::string prefill_lines(const PhaseTime& prefill) {
    return prefill.ps == 0 ? "" : line("prefill", time_text(prefill.ps)) + breakdown_lines(prefill.breakdown, 1);
}

std::string kv_line(const RunResult& result) {
    if (result.kv_bytes_stored == 0) {
        return {};
    }
    const double ratio = static_cast<double>(result.kv_bytes_fp16) / static_cast<double>(result.kv_bytes_stored);
    return line("KV cache", fmt::format("{} in fp16, {} stored: {:.2f}x smaller ({} without padding to columns)",
                                        bytes_text(result.kv_bytes_fp16), bytes_text(result.kv_bytes_stored), ratio,
                                        bytes_text(result.kv_bytes_packed)));
}

std::string accuracy_lines(const std::optional<Accuracy>& accuracy) {
    if (!accuracy) {
        return {};
    }
    std::string out = line("accuracy", fmt::format("{:.3e} relative L2 error of the attention against exact",
                                                   accuracy->relative_l2_exact));
    if (accuracy->relative_l2_coded) {
        out += line("", fmt::format("{:.3e} against float64 over the coded vectors", *accuracy->relative_l2_coded));
    }
    if (accuracy->relative_l2_keys && accuracy->relative_l2_values) {
        out += line("", fmt::format("{:.3e} of keys and {:.3e} of values by what their codes stand for",
                                    *accuracy->relative_l2_keys, *accuracy->relative_l2_values));
    }
    if (accuracy->nearest_codes) {
        out += line("", fmt::format("{} of codes name the nearest centroid", share_text(*accuracy->nearest_codes, 1)));
    }
    return out;
}

std::string data_line(const RunResult& result) {
    return result.data == "timing" ? line("data", "none: commands were timed, nothing was computed") : "";
}

/// The largest components of `energy_pj`, of which one of `count` stretches uses a share.
std::string component_lines(const std::map<std::string, double>& energy_pj, std::size_t count) {
    constexpr std::size_t most_lines = 4;
    std::vector<std::pair<std::string, double>> largest(energy_pj.begin(), energy_pj.end());
    std::stable_sort(largest.begin(), largest.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    largest.resize(std::min(largest.size(), most_lines));
    std::string out;
    for (const auto& [component, pj] : largest) {
        if (pj > 0) {
            out += fmt::format("  {:<{}}{:>12}{:>9}\n", component, label_width - 2,
                               energy_text(pj / static_cast<double>(count)), share_text(pj, total_energy(energy_pj)));
        }
    }
    return out;
}

/// Of the run, and of a decode step and a token.
std::string energy_lines(const RunResult& result) {
    if (result.energy_pj.empty()) {
        return {};
    }
    const std::size_t steps = result.decode.size();
    const std::string whole = energy_text(total_energy(result.energy_pj));
    if (steps == 0) {
        return line("energy", whole);
    }
    const std::map<std::string, double> decode_pj = sum_of(result.decode).energy_pj;
    const double step_pj = total_energy(decode_pj) / static_cast<double>(steps);
    std::string text = fmt::format("{}, of a decode step {}", whole, energy_text(step_pj));
    if (result.batch != 0) {
        text += fmt::format(", of a token {}", energy_text(step_pj / result.batch));
    }
    return line("energy", text) + component_lines(decode_pj, steps);
}

std::string error_line(const std::map<std::string, std::uint64_t>& errors) {
    std::string found;
    for (const auto& [kind, count] : errors) {
        if (count != 0) {
            found += fmt::format("{}{} {}", found.empty() ? "" : ", ", count, kind);
        }
    }
    return line("errors", found.empty() ? "none" : found);
}

std::string outcome_text(const FirmwareOutcome& firmware) {
    if (!firmware.exited) {
        return "did not end";
    }
    return firmware.passed ? "reported success" : fmt::format("reported failure {}", firmware.code);
}

}  // namespace

std::string time_text(Picoseconds ps) {
    constexpr std::array<std::string_view, 5> units = {"ps", "ns", "us", "ms", "s"};
    return scaled(static_cast<double>(ps), 1000, units);
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
    return scaled(static_cast<double>(bytes), 1024, units);
}

std::string energy_text(double pj) {
    constexpr std::array<std::string_view, 5> units = {"pJ", "nJ", "uJ", "mJ", "J"};
    return scaled(pj, 1000, units);
}

std::string share_text(double part, double whole) {
    return fmt::format("{:.1f} %", whole == 0 ? 0.0 : 100 * part / whole);
}

std::string format_summary(const RunResult& result, const std::string& out_dir) {
    return line("firmware", fmt::format("{} after {} simulated ({:.2f} s wall)", outcome_text(result.firmware),
                                        time_text(result.simulated_ps), result.wall_s)) +
           decode_lines(result.decode) + prefill_lines(result.prefill) + kv_line(result) + data_line(result) +
           accuracy_lines(result.accuracy) + energy_lines(result) + error_line(result.errors) +
           line("results", out_dir);
}

}  // namespace aqpim

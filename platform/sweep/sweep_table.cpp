#include "platform/sweep/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "platform/results/summary.h"

namespace aqpim {

using nlohmann::json;

namespace {

constexpr std::size_t most_rows = 40;

std::optional<double> figure(const json& point, const char* key) {
    const json& figures = point.at("figures");
    const auto found = figures.find(key);
    return found == figures.end() ? std::nullopt : std::optional(found->get<double>());
}

std::string step_text(const json& point) {
    const std::optional<double> step_ps = figure(point, "decode.mean_step_ps");
    return step_ps ? time_text(static_cast<Picoseconds>(*step_ps)) : "-";
}

std::string rate_text(const json& point) {
    const std::optional<double> rate = figure(point, "decode.tokens_per_s");
    return rate ? fmt::format("{:.4g}", *rate) : "-";
}

std::string token_energy_text(const json& point) {
    const std::optional<double> energy_pj = figure(point, "decode.token_energy_pj");
    return energy_pj ? energy_text(*energy_pj) : "-";
}

}  // namespace

std::string format_table(const json& sweep) {
    const json& points = sweep.at("points");
    std::size_t width = 5;
    for (const json& point : points) {
        width = std::max(width, point.at("name").get_ref<const std::string&>().size());
    }
    const auto row = [width](const auto& name, const auto& step, const auto& tokens, const auto& energy,
                             const auto& status) {
        return fmt::format("{:<{}}  {:>10}  {:>10}  {:>12}  {}\n", name, width, step, tokens, energy, status);
    };
    std::string table = row("point", "step", "tokens/s", "energy/token", "status");
    for (std::size_t i = 0; i < std::min(points.size(), most_rows); ++i) {
        const json& point = points[i];
        table += row(point.at("name").get_ref<const std::string&>(), step_text(point), rate_text(point),
                     token_energy_text(point), point.at("status").get_ref<const std::string&>());
    }
    return points.size() <= most_rows ? table : table + fmt::format("and {} more\n", points.size() - most_rows);
}

}  // namespace aqpim

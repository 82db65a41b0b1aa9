#include "platform/sweep/sweep_results.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string_view>

#include "platform/results/stats.h"

namespace aqpim {

using nlohmann::json;

namespace {

constexpr int sweep_schema = 1;
constexpr std::array<std::string_view, 6> left_out = {"wall_s", "schema", "version", "links", "channels", "harts"};

void flatten(const json& value, const std::string& key, json& figures) {
    if (value.is_object()) {
        for (const auto& [name, member] : value.items()) {
            flatten(member, fmt::format("{}.{}", key, name), figures);
        }
    } else if (value.is_primitive() && !value.is_null()) {
        figures[key] = value;
    }
}

json point_json(const SweepPoint& point, const EndedPoint& ended, const std::string& directory) {
    json axes = json::object();
    for (const AxisValue& value : point.axes) {
        axes[value.axis] = value.value;
    }
    json figures = json::object();
    if (ended.outcome.is_done()) {
        figures = figures_of(read_stats((std::filesystem::path(directory) / ended.directory / "stats.json").string()));
    }
    return {{"index", ended.index},
            {"set", point.set},
            {"name", point.name},
            {"directory", ended.directory},
            {"axes", axes},
            {"status", ended.outcome.is_done() ? "done" : "failed"},
            {"exit_status", ended.outcome.exit_status},
            {"message", without_folders(ended.outcome.message)},
            {"figures", figures}};
}

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string field = "\"";
    for (const char c : text) {
        field.append(c == '"' ? 2 : 1, c);
    }
    return field + '"';
}

std::string cell(const json& object, const std::string& key) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return {};
    }
    return quoted(found->is_string() ? found->get<std::string>() : found->dump());
}

std::set<std::string> figure_keys(const json& points) {
    std::set<std::string> keys;
    for (const json& point : points) {
        for (const auto& [key, value] : point.at("figures").items()) {
            keys.insert(key);
        }
    }
    return keys;
}

}  // namespace

json figures_of(const json& stats) {
    json figures = json::object();
    for (const auto& [key, value] : stats.items()) {
        if (std::find(left_out.begin(), left_out.end(), key) == left_out.end()) {
            flatten(value, key, figures);
        }
    }
    return figures;
}

std::string without_folders(const std::string& message) {
    static const std::regex folders(R"((^|[\s'"(=,])/(?:[^/\s:;,'"]+/)+)");
    static const std::regex partial(R"((?:\./)?\.aqpim-partial-[A-Za-z0-9]+/)");  // OutputDirectory's
    return std::regex_replace(std::regex_replace(message, folders, "$1"), partial, "");
}

json sweep_json(const SweepPlan& plan, const std::vector<EndedPoint>& ended, const std::string& directory) {
    json axes = json::array();
    for (const SweepAxis& axis : plan.axes) {
        axes.push_back({{"name", axis.name}, {"values", axis.values}});
    }
    json points = json::array();
    for (const EndedPoint& end : ended) {
        points.push_back(point_json(plan.points[end.index], end, directory));
    }
    return {{"schema", sweep_schema},
            {"version", AQPIM_VERSION},
            {"title", plan.title},
            {"axes", axes},
            {"points", points}};
}

std::string sweep_csv(const json& sweep) {
    const json& points = sweep.at("points");
    const std::set<std::string> figures = figure_keys(points);
    std::vector<std::string> header{"index", "set", "name"};
    for (const json& axis : sweep.at("axes")) {
        header.push_back(quoted(axis.at("name")));
    }
    header.insert(header.end(), {"status", "exit_status", "message"});
    header.insert(header.end(), figures.begin(), figures.end());
    std::string csv = fmt::format("{}\n", fmt::join(header, ","));
    for (const json& point : points) {
        std::vector<std::string> row{cell(point, "index"), cell(point, "set"), cell(point, "name")};
        for (const json& axis : sweep.at("axes")) {
            row.push_back(cell(point.at("axes"), axis.at("name")));
        }
        for (const char* key : {"status", "exit_status", "message"}) {
            row.push_back(cell(point, key));
        }
        for (const std::string& key : figures) {
            row.push_back(cell(point.at("figures"), key));
        }
        csv += fmt::format("{}\n", fmt::join(row, ","));
    }
    return csv;
}

}  // namespace aqpim

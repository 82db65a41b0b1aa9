#include "platform/sweep/plan_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

using nlohmann::json;

namespace {

constexpr int plan_schema = 1;

json layer_json(const ConfigurationLayer& layer) {
    if (!layer.file.empty()) {
        return {{"file", layer.file}};
    }
    return {{"key", layer.key}, {"value", layer.value}, {"origin", layer.origin}};
}

json point_json(const SweepPoint& point) {
    json axes = json::object();
    for (const AxisValue& value : point.axes) {
        axes[value.axis] = value.value;
    }
    json layers = json::array();
    for (const ConfigurationLayer& layer : point.layers) {
        layers.push_back(layer_json(layer));
    }
    return {{"set", point.set}, {"name", point.name}, {"axes", axes}, {"layers", layers}};
}

std::string layer_text(const json& layer) {
    return layer.contains("file")
               ? layer.value("file", "")
               : fmt::format("{} {} = {}", layer.value("origin", ""), layer.value("key", ""), layer.value("value", ""));
}

/// The first element that only one list has, or has elsewhere, in words.
std::string list_difference(const json& there, const json& here, const std::function<std::string(const json&)>& text) {
    for (std::size_t i = 0; i < std::max(there.size(), here.size()); ++i) {
        const std::string found = i < there.size() ? text(there[i]) : "nothing";
        const std::string wanted = i < here.size() ? text(here[i]) : "nothing";
        if (found != wanted) {
            return fmt::format("{} there, {} here", found, wanted);
        }
    }
    return {};
}

std::string axis_text(const json& axis) {
    std::vector<std::string> values;
    for (const json& value : axis.value("values", json::array())) {
        values.push_back(value.get<std::string>());
    }
    return fmt::format("{}={}", axis.value("name", ""), fmt::join(values, ","));
}

std::string point_text(const json& point) {
    return fmt::format("point {} of set {}", point.value("name", ""), point.value("set", ""));
}

std::string layers_difference(const json& there, const json& here) {
    for (std::size_t i = 0; i < here.size(); ++i) {
        const std::string layer = list_difference(there[i].value("layers", json::array()),
                                                  here[i].value("layers", json::array()), layer_text);
        if (!layer.empty()) {
            return fmt::format("{}: {}", here[i].value("name", ""), layer);
        }
    }
    return {};
}

std::string difference_from_file(const std::string& file, const json& there, const json& here) {
    try {
        if (there.at("schema") == plan_schema) {
            return plan_difference(there, here);
        }
    } catch (const json::exception&) {  // not of the shape that a sweep writes
    }
    throw InputError(fmt::format("{}: not a plan of this version; --restart begins anew", file));
}

}  // namespace

json to_json(const SweepPlan& plan) {
    json axes = json::array();
    for (const SweepAxis& axis : plan.axes) {
        axes.push_back({{"name", axis.name}, {"values", axis.values}});
    }
    json points = json::array();
    for (const SweepPoint& point : plan.points) {
        points.push_back(point_json(point));
    }
    return {{"schema", plan_schema}, {"title", plan.title}, {"axes", axes}, {"points", points}};
}

std::string plan_difference(const json& there, const json& here) {
    const auto list = [](const json& plan, const char* key) { return plan.value(key, json::array()); };
    std::string difference = list_difference(list(there, "axes"), list(here, "axes"), axis_text);
    if (difference.empty()) {
        difference = list_difference(list(there, "points"), list(here, "points"), point_text);
    }
    return difference.empty() ? layers_difference(list(there, "points"), list(here, "points")) : difference;
}

void keep_plan(const SweepPlan& plan, const std::string& directory) {
    const std::string file = (std::filesystem::path(directory) / "plan.json").string();
    const json here = to_json(plan);
    if (std::filesystem::exists(file)) {
        const json there = json::parse(read_text_file(file), nullptr, false);
        const std::string difference = difference_from_file(file, there, here);
        if (!difference.empty()) {
            throw InputError(fmt::format("{}: another sweep's: {}; give another --out, or --restart to begin anew",
                                         file, difference));
        }
        if (there == here) {
            return;
        }
    }
    write_file_atomically(file, here.dump(1) + "\n");
}

}  // namespace aqpim

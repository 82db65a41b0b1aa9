#include "platform/sweep/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/results/config_file.h"

namespace aqpim {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

ConfigurationLayer file_layer(const std::string& file) {
    return {fs::absolute(file).lexically_normal().string(), {}, {}, {}};
}

std::string shown(const SweepAxis& axis, const std::string& value) {
    return is_parameter_axis(axis.name) ? value : configuration_label(value);
}

void check_values(const SweepAxis& axis) {
    std::vector<std::string> labels;
    for (const std::string& value : axis.values) {
        labels.push_back(shown(axis, value));
    }
    std::sort(labels.begin(), labels.end());
    const auto twice = std::adjacent_find(labels.begin(), labels.end());
    if (twice != labels.end()) {
        throw InputError(
            fmt::format("--axis: {}: '{}' found twice; values that differ are allowed", axis.name, *twice));
    }
}

void check_axes(const GridRequest& request) {
    for (auto axis = request.axes.begin(); axis != request.axes.end(); ++axis) {
        const auto is_named_alike = [&](const auto& other) { return other.name == axis->name; };
        if (std::any_of(request.axes.begin(), axis, is_named_alike)) {
            throw InputError(fmt::format("--axis: {} found twice; allowed: one axis of each name", axis->name));
        }
        for (const ConfigurationLayer& layer : request.overrides) {
            if (layer.key == axis->name) {
                throw InputError(fmt::format("--axis: {} found, which {} sets to '{}' in every point", axis->name,
                                             layer.origin, layer.value));
            }
        }
        check_values(*axis);
    }
}

/// What all points have in common is refused before the first one.
void check_common_layers(const GridRequest& request) {
    Configuration probe;
    for (const std::string& file : request.configs) {
        read_config_file(probe.table, file);
    }
    for (const SweepAxis& axis : request.axes) {
        if (is_parameter_axis(axis.name) && probe.table.find(axis.name) == nullptr) {
            probe.table.set(axis.name, axis.values.front(), "--axis");  // throws, naming the nearest key
        }
    }
    for (const ConfigurationLayer& layer : request.overrides) {
        set_from_option(probe.table, layer.key, layer.value, layer.origin);
    }
}

std::size_t count_points(const std::vector<SweepAxis>& axes) {
    std::size_t points = 1;
    for (const SweepAxis& axis : axes) {
        points *= axis.values.size();
        if (points > most_points) {
            throw InputError(
                fmt::format("--axis: more than {} points found; up to {} are allowed", most_points, most_points));
        }
    }
    return points;
}

/// `choice`: which value of each axis.
SweepPoint make_point(const GridRequest& request, const std::vector<std::size_t>& choice) {
    SweepPoint point{"grid", {}, {}, {}};
    std::vector<ConfigurationLayer> parameters;
    for (const std::string& file : request.configs) {
        point.layers.push_back(file_layer(file));
    }
    for (std::size_t i = 0; i < choice.size(); ++i) {
        const SweepAxis& axis = request.axes[i];
        const std::string& value = axis.values[choice[i]];
        point.axes.push_back({axis.name, shown(axis, value)});
        if (is_parameter_axis(axis.name)) {
            parameters.push_back({{}, axis.name, value, "--axis"});
            continue;
        }
        for (const std::string& file : split(value, '+')) {
            point.layers.push_back(file_layer(file));
        }
    }
    point.layers.insert(point.layers.end(), parameters.begin(), parameters.end());
    point.layers.insert(point.layers.end(), request.overrides.begin(), request.overrides.end());
    return point;
}

/// The next combination, the last axis changing fastest.
void advance(std::vector<std::size_t>& choice, const std::vector<SweepAxis>& axes) {
    for (std::size_t i = axes.size(); i-- > 0;) {
        if (++choice[i] < axes[i].values.size()) {
            return;
        }
        choice[i] = 0;
    }
}

std::string title_of(const GridRequest& request) {
    std::vector<std::string> names;
    std::vector<std::string> axes;
    for (const std::string& file : request.configs) {
        names.push_back(fs::path(file).stem().string());
    }
    for (const SweepAxis& axis : request.axes) {
        axes.push_back(axis.name);
    }
    return fmt::format("{}{}by {}", fmt::join(names, "-"), names.empty() ? "" : " ", fmt::join(axes, ", "));
}

std::string portable_name(const std::string& text, std::size_t most) {
    std::string name;
    for (const char c : text.substr(0, most)) {
        const bool is_portable = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                                 std::string_view("._+=-").find(c) != std::string_view::npos;
        name += is_portable ? c : '-';
    }
    return name;
}

}  // namespace

SweepAxis parse_axis(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw InputError(fmt::format("--axis: '{}' found; allowed: KEY=VALUE1,VALUE2,...", text));
    }
    SweepAxis axis{text.substr(0, equals), split(text.substr(equals + 1), ',')};
    for (const std::string& value : axis.values) {
        const std::vector<std::string> parts = split(value, '+');
        if (value.empty() || (!is_parameter_axis(axis.name) && std::count(parts.begin(), parts.end(), "") != 0)) {
            throw InputError(
                fmt::format("--axis: {}: '{}' found; no value may be empty", axis.name, text.substr(equals + 1)));
        }
    }
    return axis;
}

bool is_parameter_axis(const std::string& name) {
    return name.find('.') != std::string::npos;
}

std::string configuration_label(const std::string& files) {
    std::vector<std::string> stems;
    for (const std::string& file : split(files, '+')) {
        stems.push_back(fs::path(file).stem().string());
    }
    return fmt::format("{}", fmt::join(stems, "+"));
}

SweepPlan make_grid(const GridRequest& request) {
    check_axes(request);
    check_common_layers(request);
    SweepPlan plan;
    plan.title = title_of(request);
    plan.points.resize(count_points(request.axes));
    for (const SweepAxis& axis : request.axes) {
        plan.axes.push_back({axis.name, {}});
        for (const std::string& value : axis.values) {
            plan.axes.back().values.push_back(shown(axis, value));
        }
    }
    std::vector<std::size_t> choice(request.axes.size(), 0);
    for (SweepPoint& point : plan.points) {
        point = make_point(request, choice);
        advance(choice, request.axes);
    }
    name_points(plan.points);
    return plan;
}

void name_points(std::vector<SweepPoint>& points) {
    constexpr std::size_t longest_value = 24;
    constexpr std::size_t longest_name = 100;
    const std::size_t digits = fmt::to_string(points.size() - 1).size();
    for (std::size_t i = 0; i < points.size(); ++i) {
        std::string name = fmt::format("{:0{}}", i, digits);
        for (const AxisValue& value : points[i].axes) {
            name += fmt::format("-{}", portable_name(value.value, longest_value));
        }
        points[i].name = name.substr(0, longest_name);
    }
}

}  // namespace aqpim

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "platform/study/study_reader.h"
#include "platform/sweep/grid.h"

namespace aqpim {

namespace {

namespace fs = std::filesystem;

std::string stem(const std::string& file) {
    return fs::path(file).stem().string();
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::stringstream in(text);
    for (std::string part; std::getline(in, part, separator);) {
        parts.push_back(part);
    }
    return parts;
}

std::string resolve(const StudyJson& json, const std::string& name) {
    const fs::path path = fs::absolute(fs::path(json.file()).parent_path() / name).lexically_normal();
    if (!fs::is_regular_file(path)) {
        json.refuse(fmt::format("'{}' found; allowed: a file, relative to the study's folder", name));
    }
    return path.string();
}

/// Files joined by '+', known by their stems.
StudyAxisValue read_files(const StudyJson& json) {
    StudyAxisValue value;
    for (const std::string& name : split(json.text(), '+')) {
        value.change.configs.push_back(resolve(json, name));
    }
    if (value.change.configs.empty()) {
        json.refuse("nothing found; allowed: a file, or files joined by '+'");
    }
    value.label = configuration_label(json.text());
    return value;
}

StudyAxisValue read_axis_value(const StudyJson& json, const StudyAxis& axis) {
    if (is_parameter_axis(axis.name)) {
        const std::string text = json.value_text();
        return {text, {{}, {{axis.name, text}}}};
    }
    if (json.is_text()) {
        return read_files(json);
    }
    json.allow({"name"}, {"configs", "set"});
    return {json.at("name").text(), read_change(json)};
}

/// {"axis": [values]}
StudyAxis read_axis(const StudyJson& json) {
    const auto members = json.members();
    if (members.size() != 1) {
        json.refuse(fmt::format("{} keys found; allowed: one, the axis's name", members.size()));
    }
    StudyAxis axis{members.front().first, {}};
    if (axis.name == "variation") {
        json.refuse("an axis 'variation' found; that is the name of what claims and tornados change");
    }
    for (const StudyJson& item : members.front().second.items()) {
        const StudyAxisValue value = read_axis_value(item, axis);
        if (axis.find(value.label) != nullptr) {
            item.refuse(fmt::format("'{}' found a second time", value.label));
        }
        axis.values.push_back(value);
    }
    if (axis.values.empty()) {
        members.front().second.refuse("an axis without values");
    }
    return axis;
}

void refuse_set_twice(const StudyJson& json, const StudySet& set) {
    for (const StudyAxis& axis : set.axes) {
        if (set.change.parameters.count(axis.name) != 0) {
            json.refuse(fmt::format("'{}' is an axis, and set too", axis.name));
        }
    }
}

}  // namespace

const StudyAxisValue* StudyAxis::find(const std::string& label) const {
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.label == label; });
    return found == values.end() ? nullptr : &*found;
}

const StudyAxis* StudySet::find(const std::string& axis) const {
    const auto found = std::find_if(axes.begin(), axes.end(), [&](const auto& each) { return each.name == axis; });
    return found == axes.end() ? nullptr : &*found;
}

const StudySet* Study::find(const std::string& set) const {
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const auto& each) { return each.name == set; });
    return found == sets.end() ? nullptr : &*found;
}

std::string change_label(const StudyChange& change) {
    std::string label;
    const auto add = [&label](const std::string& part) {
        label += fmt::format("{}{}", label.empty() ? "" : ", ", part);
    };
    for (const std::string& file : change.configs) {
        add(stem(file));
    }
    for (const auto& [key, value] : change.parameters) {
        add(fmt::format("{}={}", key, value));
    }
    return label;
}

std::string study_path(const StudyJson& json) {
    return resolve(json, json.text());
}

StudyChange read_change(const StudyJson& json) {
    StudyChange change;
    if (json.has("configs")) {
        for (const StudyJson& file : json.at("configs").items()) {
            change.configs.push_back(study_path(file));
        }
    }
    if (json.has("set")) {
        for (const auto& [key, value] : json.at("set").members()) {
            change.parameters[key] = value.value_text();
        }
    }
    return change;
}

StudySet read_set(const std::string& name, const StudyJson& json) {
    json.allow({}, {"configs", "set", "axes"});
    StudySet set{name, read_change(json), {}};
    if (json.has("axes")) {
        for (const StudyJson& item : json.at("axes").items()) {
            set.axes.push_back(read_axis(item));
        }
    }
    for (std::size_t i = 0; i < set.axes.size(); ++i) {
        if (set.find(set.axes[i].name) != &set.axes[i]) {
            json.refuse(fmt::format("axis '{}' found a second time", set.axes[i].name));
        }
    }
    refuse_set_twice(json, set);
    return set;
}

}  // namespace aqpim

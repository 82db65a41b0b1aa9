#include "platform/study/study_figures.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/study/study_plan.h"

namespace aqpim {

namespace {

using nlohmann::json;

/// "decode.breakdown_ps.pcie" of "decode" and so on.
std::string first_part(const std::string& key) {
    return key.substr(0, key.find('.'));
}

std::string after_first_part(const std::string& key) {
    const std::size_t dot = key.find('.');
    return dot == std::string::npos ? "" : key.substr(dot + 1);
}

/// Of the matching keys, all added up.
std::optional<double> sum_of(const json& figures, const std::string& pattern) {
    std::optional<double> sum;
    for (const auto& [key, value] : figures.items()) {
        if (value.is_number() && matches_key(pattern, key)) {
            sum = sum.value_or(0) + value.get<double>();
        }
    }
    return sum;
}

std::string place_text(const std::string& set, const std::vector<AxisValue>& axes) {
    std::string text = fmt::format("set {}", set);
    for (const AxisValue& axis : axes) {
        text += fmt::format(", {} {}", axis.axis, axis.value);
    }
    return text;
}

}  // namespace

bool matches_key(const std::string& pattern, const std::string& key) {
    if (pattern.empty() || key.empty()) {
        return pattern.empty() && key.empty();
    }
    const std::string part = first_part(pattern);
    return (part == "*" || part == first_part(key)) && matches_key(after_first_part(pattern), after_first_part(key));
}

StudyFigures::StudyFigures(const Study& study, const json& sweep) : study_(study), sweep_(sweep) {
    try {
        for (const json& point : sweep.at("points")) {
            point.at("set").get_ref<const std::string&>();
            point.at("name").get_ref<const std::string&>();
            point.at("status").get_ref<const std::string&>();
            point.at("message").get_ref<const std::string&>();
            if (!point.at("axes").is_object() || !point.at("figures").is_object()) {
                throw InputError("sweep.json: axes and figures of each point have to be objects");
            }
        }
    } catch (const json::exception& error) {
        throw InputError(fmt::format("sweep.json: not as a sweep writes it: {}", error.what()));
    }
}

const json* StudyFigures::point(const PointReference& reference) const {
    json axes = json::object();
    for (const AxisValue& axis : axes_of(study_, reference)) {
        axes[axis.axis] = axis.value;
    }
    for (const json& point : sweep_.at("points")) {
        if (point.at("set") == reference.set && point.at("axes") == axes) {
            return &point;
        }
    }
    return nullptr;
}

Found StudyFigures::find(const FigureReference& reference) const {
    const json* found = point(reference.point);
    if (found == nullptr) {
        return {{}, fmt::format("not run: {}", place_text(reference.point.set, axes_of(study_, reference.point)))};
    }
    const auto name = found->at("name").get<std::string>();
    if (found->at("status") != "done") {
        return {{}, fmt::format("point {} failed: {}", name, found->at("message").get<std::string>())};
    }
    double sum = 0;
    for (const FigureTerm& term : reference.terms) {
        const std::optional<double> value = sum_of(found->at("figures"), term.key);
        if (!value) {
            return {{}, fmt::format("point {} has no figure {}", name, term.key)};
        }
        sum += term.subtracted ? -*value : *value;
    }
    return {sum, {}};
}

Found StudyFigures::find(const Quotient& quotient) const {
    const Found numerator = find(quotient.numerator);
    if (!numerator.value || !quotient.denominator) {
        return numerator;
    }
    const Found denominator = find(*quotient.denominator);
    if (!denominator.value) {
        return denominator;
    }
    if (*denominator.value == 0) {
        return {{}, "what it is divided by is 0"};
    }
    return {*numerator.value / *denominator.value, {}};
}

}  // namespace aqpim

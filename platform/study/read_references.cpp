#include <fmt/format.h>

#include <sstream>

#include "platform/study/study_reader.h"

namespace aqpim {

namespace {

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
    std::vector<std::string> names;
    for (const Named& each : all) {
        names.push_back(each.name);
    }
    return names;
}

std::vector<std::string> labels_of(const StudyAxis& axis) {
    std::vector<std::string> labels;
    for (const StudyAxisValue& value : axis.values) {
        labels.push_back(value.label);
    }
    return labels;
}

std::map<std::string, std::string> read_given_labels(const StudyJson& json, const StudySet& set) {
    std::map<std::string, std::string> at;
    for (const auto& [name, value] : json.members()) {
        const StudyAxis* axis = set.find(name);
        if (axis == nullptr) {
            json.refuse(
                fmt::format("set '{}' has no axis '{}'; allowed: {}", set.name, name, enumeration(names_of(set.axes))));
        }
        const std::string label = value.value_text();
        if (axis->find(label) == nullptr) {
            value.refuse(fmt::format("'{}' found; allowed: {}", label, enumeration(labels_of(*axis))));
        }
        at[name] = label;
    }
    return at;
}

/// A label for each axis; one of a single value need not be given.
std::map<std::string, std::string> read_labels(const StudyJson& json, const StudySet& set) {
    std::map<std::string, std::string> at;
    if (json.has("at")) {
        at = read_given_labels(json.at("at"), set);
    }
    for (const StudyAxis& axis : set.axes) {
        if (at.count(axis.name) == 0) {
            if (axis.values.size() > 1) {
                json.refuse(fmt::format("'at' does not say where on axis '{}'; allowed: {}", axis.name,
                                        enumeration(labels_of(axis))));
            }
            at[axis.name] = axis.values.front().label;
        }
    }
    return at;
}

std::vector<FigureTerm> read_terms(const StudyJson& json) {
    std::stringstream in(json.text());
    std::vector<FigureTerm> terms;
    std::string sign = "+";
    std::string key;
    bool is_complete = false;
    while (in >> key) {
        if ((sign != "+" && sign != "-") || key == "+" || key == "-") {
            is_complete = false;
            break;
        }
        terms.push_back({sign == "-", key});
        is_complete = !(in >> sign);
    }
    if (!is_complete) {
        json.refuse(fmt::format("'{}' found; allowed: keys of stats.json with ' + ' or ' - ' between", json.text()));
    }
    return terms;
}

/// One side of a quotient: what the first layer says of it, changed by what the others say.
StudyJson read_side(const std::vector<StudyJson>& layers, const std::string& side) {
    StudyJson merged(StudyJson::Json::object(), layers.front().file(), layers.back().place_of(side));
    for (const StudyJson& layer : layers) {
        for (const std::string& key : {std::string("both"), side}) {
            if (layer.has(key)) {
                merged = merged.patched(layer.at(key));
            }
        }
    }
    return merged;
}

}  // namespace

const StudySet& read_set_name(const StudyJson& json, const Study& study) {
    const std::string name = json.text();
    const StudySet* set = study.find(name);
    if (set == nullptr) {
        json.refuse(fmt::format("no set '{}'; allowed: {}", name, enumeration(names_of(study.sets))));
    }
    return *set;
}

FigureReference read_figure_reference(const StudyJson& json, const Study& study) {
    json.allow({"set", "figure"}, {"at", "change"});
    const StudySet& set = read_set_name(json.at("set"), study);
    FigureReference reference;
    reference.point.set = set.name;
    reference.point.at = read_labels(json, set);
    reference.terms = read_terms(json.at("figure"));
    if (json.has("change")) {
        const StudyJson change = json.at("change");
        change.allow({}, {"configs", "set"});
        reference.point.change = read_change(change);
    }
    return reference;
}

Quotient read_quotient(const std::vector<StudyJson>& layers, ClaimKind kind, const Study& study) {
    Quotient quotient;
    quotient.kind = kind;
    quotient.numerator = read_figure_reference(read_side(layers, "numerator"), study);
    if (kind != ClaimKind::figure) {
        quotient.denominator = read_figure_reference(read_side(layers, "denominator"), study);
    }
    return quotient;
}

ClaimKind read_claim_kind(const StudyJson& json) {
    const std::string word = json.one_of({"ratio", "share", "figure"});
    return word == "ratio" ? ClaimKind::ratio : word == "share" ? ClaimKind::share : ClaimKind::figure;
}

}  // namespace aqpim

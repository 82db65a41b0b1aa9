#include <fmt/format.h>

#include "models/common/quantity.h"
#include "platform/study/study_reader.h"
#include "platform/study/study_text.h"

namespace aqpim {

namespace {

double read_quantity(const StudyJson& json, Dimension dimension) {
    try {
        const Rational value = parse_quantity(json.text(), dimension).value;
        return static_cast<double>(value.num) / static_cast<double>(value.den);
    } catch (const std::runtime_error& error) {
        json.refuse(error.what());
    }
}

/// A number, or a text with the unit of what the quotient gives: "5.7ms".
double read_expected_value(const StudyJson& json, const Quotient& quotient) {
    if (!json.is_text()) {
        return json.number();
    }
    const FigureUnit unit = quotient.kind == ClaimKind::figure ? unit_of(quotient.numerator) : FigureUnit::plain;
    switch (unit) {
        case FigureUnit::time_ps:
            return read_quantity(json, Dimension::time);
        case FigureUnit::energy_pj:
            return read_quantity(json, Dimension::energy) / 1000;
        case FigureUnit::bytes:
            return read_quantity(json, Dimension::size);
        default:
            json.refuse(fmt::format("'{}' found; allowed: a number", json.text()));
    }
}

Expectation read_expectation(const StudyJson& json, const Quotient& quotient) {
    json.allow({"value", "source"}, {"tolerance"});
    constexpr double usual_tolerance = 0.05;
    const Expectation expected{read_expected_value(json.at("value"), quotient),
                               json.has("tolerance") ? json.at("tolerance").number() : usual_tolerance,
                               json.at("source").text()};
    if (expected.value == 0) {
        json.refuse("value 0 found; allowed: any other, since its tolerance is a share of it");
    }
    if (expected.tolerance < 0) {
        json.at("tolerance").refuse("allowed: 0 and more");
    }
    return expected;
}

ClaimRow read_row(const StudyJson& json, const StudyJson& claim, ClaimKind kind, const Study& study) {
    json.allow({"name", "assumptions"}, {"numerator", "denominator", "both", "expected"});
    ClaimRow row{json.at("name").text(), json.at("assumptions").text(), read_quotient({claim, json}, kind, study), {}};
    if (json.has("expected")) {
        row.expected = read_expectation(json.at("expected"), row.quotient);
    }
    return row;
}

std::size_t index_of_claim(const StudyJson& json, const Study& study) {
    std::vector<std::string> names;
    for (const Claim& claim : study.claims) {
        if (claim.name == json.text()) {
            return names.size();
        }
        names.push_back(claim.name);
    }
    json.refuse(fmt::format("no claim '{}'; allowed: {}", json.text(), enumeration(names)));
}

std::size_t index_of_row(const StudyJson& json, const Claim& claim) {
    std::vector<std::string> names;
    for (const ClaimRow& row : claim.rows) {
        if (row.name == json.text()) {
            return names.size();
        }
        names.push_back(row.name);
    }
    json.refuse(fmt::format("claim '{}' has no row '{}'; allowed: {}", claim.name, json.text(), enumeration(names)));
}

TornadoBar read_bar(const StudyJson& json, const std::vector<StudyJson>& layers, ClaimKind kind, const Study& study) {
    json.allow({"label", "ends"}, {});
    TornadoBar bar{json.at("label").text(), {}};
    for (const StudyJson& end : json.at("ends").items()) {
        end.allow({"label"}, {"numerator", "denominator", "both"});
        std::vector<StudyJson> all = layers;
        all.push_back(end);
        bar.ends.push_back({end.at("label").text(), read_quotient(all, kind, study)});
    }
    if (bar.ends.empty() || bar.ends.size() > 2) {
        json.at("ends").refuse(fmt::format("{} found; allowed: one or two", bar.ends.size()));
    }
    return bar;
}

}  // namespace

Claim read_claim(const StudyJson& json, const Study& study) {
    json.allow({"name", "title", "kind", "rows"}, {"paper", "numerator", "denominator", "both"});
    Claim claim{json.at("name").name(), json.at("title").text(), "", {}, {}};
    if (json.has("paper")) {
        const StudyJson paper = json.at("paper");
        paper.allow({"text"}, {"value"});
        claim.paper = paper.at("text").text();
        if (paper.has("value")) {
            claim.paper_value = paper.at("value").number();
            if (*claim.paper_value <= 0) {
                paper.at("value").refuse("allowed: above 0");
            }
        }
    }
    const ClaimKind kind = read_claim_kind(json.at("kind"));
    for (const StudyJson& row : json.at("rows").items()) {
        claim.rows.push_back(read_row(row, json, kind, study));
    }
    if (claim.rows.empty()) {
        json.at("rows").refuse("a claim without rows");
    }
    return claim;
}

Tornado read_tornado(const StudyJson& json, const std::vector<StudyJson>& claims, const Study& study) {
    json.allow({"name", "title", "claim", "bars"}, {"row"});
    Tornado tornado{json.at("name").name(), json.at("title").text(), index_of_claim(json.at("claim"), study), 0, {}};
    const Claim& claim = study.claims[tornado.claim];
    if (json.has("row")) {
        tornado.row = index_of_row(json.at("row"), claim);
    }
    const StudyJson& claim_json = claims[tornado.claim];
    const std::vector<StudyJson> layers = {claim_json, claim_json.at("rows").items()[tornado.row]};
    for (const StudyJson& bar : json.at("bars").items()) {
        tornado.bars.push_back(read_bar(bar, layers, claim.rows[tornado.row].quotient.kind, study));
    }
    return tornado;
}

}  // namespace aqpim

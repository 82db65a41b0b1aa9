#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "platform/study/study.h"
#include "platform/study/study_figures.h"

namespace aqpim {

/// Of a row with an expectation.
enum class Verdict { none, holds, missed };

struct RowFinding {
    Found value;
    Found numerator;
    Found denominator;  ///< of a figure without meaning
    Verdict verdict = Verdict::none;
    double deviation = 0;  ///< relative, from what was expected
};

struct EndFinding {
    std::string label;
    Found value;
};

struct BarFinding {
    std::string label;
    std::vector<EndFinding> ends;
    double swing = 0;  ///< how many times the least of ends and baseline the greatest is; 0 where an end is missing
};

struct TornadoFinding {
    Found baseline;
    std::vector<BarFinding> bars;  ///< the widest swing first
};

/// What a sweep says to all that a study asks, in the study's order.
struct StudyFindings {
    std::vector<std::vector<RowFinding>> claims;  ///< by claim and row
    std::vector<TornadoFinding> tornados;
    std::vector<std::vector<std::vector<Found>>> tables;  ///< by table, row and column
};

/// `sweep`: a `sweep.json` of the study's plan. Throws InputError when it is no such thing.
StudyFindings find_all(const Study& study, const nlohmann::json& sweep);

/// A line for each expectation that is missed: claim, row, what was found and what was expected.
std::vector<std::string> missed_expectations(const Study& study, const StudyFindings& findings);

/// "8.330x"; or "not available: ..."
std::string found_text(const Found& found, const Quotient& quotient);

/// "8.330x within 5 %"
std::string expectation_text(const Expectation& expected, const Quotient& quotient);

}  // namespace aqpim

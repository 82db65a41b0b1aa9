#include "platform/study/study_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "platform/study/study_text.h"

namespace aqpim {

namespace {

void judge(RowFinding& finding, const Expectation& expected) {
    if (!finding.value.value) {
        finding.verdict = Verdict::missed;
        return;
    }
    finding.deviation = *finding.value.value / expected.value - 1;
    finding.verdict = std::abs(finding.deviation) <= expected.tolerance ? Verdict::holds : Verdict::missed;
}

RowFinding find_row(const StudyFigures& figures, const ClaimRow& row) {
    RowFinding finding{figures.find(row.quotient), figures.find(row.quotient.numerator), {}};
    if (row.quotient.denominator) {
        finding.denominator = figures.find(*row.quotient.denominator);
    }
    if (row.expected) {
        judge(finding, *row.expected);
    }
    return finding;
}

BarFinding find_bar(const StudyFigures& figures, const TornadoBar& bar, const Found& baseline) {
    BarFinding finding{bar.label, {}};
    double least = baseline.value.value_or(0);
    double greatest = least;
    bool is_whole = baseline.value.has_value();
    for (const TornadoEnd& end : bar.ends) {
        const Found value = figures.find(end.quotient);
        finding.ends.push_back({end.label, value});
        is_whole = is_whole && value.value;
        least = std::min(least, value.value.value_or(least));
        greatest = std::max(greatest, value.value.value_or(greatest));
    }
    finding.swing = is_whole && least > 0 ? greatest / least : 0;
    return finding;
}

TornadoFinding find_tornado(const StudyFigures& figures, const Study& study, const Tornado& tornado) {
    TornadoFinding finding{figures.find(study.claims[tornado.claim].rows[tornado.row].quotient), {}};
    for (const TornadoBar& bar : tornado.bars) {
        finding.bars.push_back(find_bar(figures, bar, finding.baseline));
    }
    std::stable_sort(finding.bars.begin(), finding.bars.end(),
                     [](const BarFinding& a, const BarFinding& b) { return a.swing > b.swing; });
    return finding;
}

}  // namespace

StudyFindings find_all(const Study& study, const nlohmann::json& sweep) {
    const StudyFigures figures(study, sweep);
    StudyFindings findings;
    for (const Claim& claim : study.claims) {
        std::vector<RowFinding>& rows = findings.claims.emplace_back();
        for (const ClaimRow& row : claim.rows) {
            rows.push_back(find_row(figures, row));
        }
    }
    for (const Tornado& tornado : study.tornados) {
        findings.tornados.push_back(find_tornado(figures, study, tornado));
    }
    for (const StudyTable& table : study.tables) {
        auto& cells = findings.tables.emplace_back();
        for (const std::vector<Quotient>& row : table.cells) {
            auto& found = cells.emplace_back();
            std::transform(row.begin(), row.end(), std::back_inserter(found),
                           [&figures](const Quotient& cell) { return figures.find(cell); });
        }
    }
    return findings;
}

std::vector<std::string> missed_expectations(const Study& study, const StudyFindings& findings) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < study.claims.size(); ++i) {
        for (std::size_t j = 0; j < study.claims[i].rows.size(); ++j) {
            const RowFinding& finding = findings.claims[i][j];
            if (finding.verdict == Verdict::missed) {
                const ClaimRow& row = study.claims[i].rows[j];
                lines.push_back(fmt::format("{}, {}: {} found; expected: {} ({})", study.claims[i].name, row.name,
                                            found_text(finding.value, row.quotient),
                                            expectation_text(*row.expected, row.quotient), row.expected->source));
            }
        }
    }
    return lines;
}

std::string found_text(const Found& found, const Quotient& quotient) {
    return found.value ? quotient_text(*found.value, quotient) : fmt::format("not available: {}", found.missing);
}

std::string expectation_text(const Expectation& expected, const Quotient& quotient) {
    return fmt::format("{} within {:g} %", quotient_text(expected.value, quotient), 100 * expected.tolerance);
}

}  // namespace aqpim

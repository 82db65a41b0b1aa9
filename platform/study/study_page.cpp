#include "platform/study/study_page.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "platform/results/atomic_file.h"
#include "platform/study/study_findings.h"
#include "platform/study/study_template.h"
#include "platform/study/study_text.h"
#include "platform/study/tornado_svg.h"

namespace aqpim {

namespace {

using kainjow::mustache::data;
using nlohmann::json;

std::string picture_name(const Tornado& tornado) {
    return fmt::format("images/{}.svg", tornado.name);
}

/// A text, or false so that a section of it shows nothing.
data optional_text(const std::string& text) {
    return text.empty() ? data(false) : data(text);
}

data text_list(const std::vector<std::string>& texts) {
    data list(data::type::list);
    for (const std::string& text : texts) {
        list.push_back(text);
    }
    return list;
}

std::string side_text(const Found& found, const FigureReference& reference) {
    return found.value ? figure_text(*found.value, unit_of(reference)) : "not available";
}

/// "18.81 ms / 10.02 ms"; empty for a figure.
std::string parts_text(const RowFinding& finding, const Quotient& quotient) {
    return quotient.denominator ? fmt::format("{} / {}", side_text(finding.numerator, quotient.numerator),
                                              side_text(finding.denominator, *quotient.denominator))
                                : "";
}

std::string verdict_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::holds:
            return "holds";
        case Verdict::missed:
            return "missed";
        case Verdict::none:
            break;
    }
    return {};
}

data row_data(const ClaimRow& row, const RowFinding& finding) {
    data out;
    out.set("name", row.name);
    out.set("assumptions", row.assumptions);
    out.set("value", found_text(finding.value, row.quotient));
    out.set("parts", optional_text(parts_text(finding, row.quotient)));
    const bool has_deviation = row.expected && finding.value.value;
    out.set("expected", row.expected ? data(expectation_text(*row.expected, row.quotient)) : data(false));
    out.set("deviation", has_deviation ? data(fmt::format("{:+.1f} %", 100 * finding.deviation)) : data(false));
    out.set("source", row.expected ? data(row.expected->source) : data(false));
    out.set("verdict", optional_text(verdict_text(finding.verdict)));
    return out;
}

data claim_data(const Claim& claim, const std::vector<RowFinding>& findings) {
    data rows(data::type::list);
    for (std::size_t i = 0; i < claim.rows.size(); ++i) {
        rows.push_back(row_data(claim.rows[i], findings[i]));
    }
    data out;
    out.set("name", claim.name);
    out.set("title", claim.title);
    out.set("paper", optional_text(claim.paper));
    out.set("rows", rows);
    return out;
}

const ClaimRow& row_of(const Study& study, const Tornado& tornado) {
    return study.claims[tornado.claim].rows[tornado.row];
}

data bar_data(const BarFinding& bar, const Quotient& quotient) {
    data ends(data::type::list);
    for (const EndFinding& end : bar.ends) {
        data entry;
        entry.set("label", end.label);
        entry.set("value", found_text(end.value, quotient));
        ends.push_back(entry);
    }
    data out;
    out.set("label", bar.label);
    out.set("ends", ends);
    out.set("swing", bar.swing == 0 ? data(false) : data(fmt::format("{}x", significant(bar.swing))));
    return out;
}

data tornado_data(const Study& study, const Tornado& tornado, const TornadoFinding& finding) {
    const ClaimRow& row = row_of(study, tornado);
    data bars(data::type::list);
    for (const BarFinding& bar : finding.bars) {
        bars.push_back(bar_data(bar, row.quotient));
    }
    data out;
    out.set("name", tornado.name);
    out.set("title", tornado.title);
    out.set("picture", picture_name(tornado));
    out.set("row", row.name);
    out.set("assumptions", row.assumptions);
    out.set("baseline", found_text(finding.baseline, row.quotient));
    out.set("bars", bars);
    return out;
}

data table_data(const StudyTable& table, const std::vector<std::vector<Found>>& findings) {
    data rows(data::type::list);
    for (std::size_t i = 0; i < table.cells.size(); ++i) {
        std::vector<std::string> cells;
        for (std::size_t j = 0; j < table.cells[i].size(); ++j) {
            const Found& found = findings[i][j];
            cells.push_back(found.value ? found_text(found, table.cells[i][j]) : "not available");
        }
        data row;
        row.set("labels", text_list(table.row_labels[i]));
        row.set("cells", text_list(cells));
        rows.push_back(row);
    }
    data out;
    out.set("name", table.name);
    out.set("title", table.title);
    out.set("axes", text_list(table.rows));
    out.set("columns", text_list(table.column_labels));
    out.set("rows", rows);
    return out;
}

/// `all` as a list, and each by its name.
void set_both(data& page, const std::string& list_key, const std::string& key, const std::vector<data>& all) {
    data list(data::type::list);
    data by_name;
    for (const data& each : all) {
        list.push_back(each);
        by_name.set(each.get("name")->string_value(), each);
    }
    page.set(list_key, list);
    page.set(key, by_name);
}

data failed_points(const json& sweep) {
    data list(data::type::list);
    for (const json& point : sweep.at("points")) {
        if (point.at("status") != "done") {
            data row;
            row.set("name", point.at("name").get<std::string>());
            row.set("message", point.at("message").get<std::string>());
            list.push_back(row);
        }
    }
    return list;
}

void set_checks(data& page, const StudyFindings& findings, const std::vector<std::string>& missed) {
    std::size_t count = 0;
    for (const auto& rows : findings.claims) {
        for (const RowFinding& row : rows) {
            count += row.verdict == Verdict::none ? 0 : 1;
        }
    }
    page.set("checks", fmt::to_string(count));
    page.set("checks_held", fmt::to_string(count - missed.size()));
    page.set("missed", text_list(missed));
}

data page_data(const Study& study, const json& sweep, const StudyFindings& findings, const std::string& command) {
    data page;
    page.set("title", study.title);
    page.set("command", command);
    page.set("points", fmt::to_string(sweep.at("points").size()));
    page.set("failed", failed_points(sweep));
    std::vector<data> claims;
    for (std::size_t i = 0; i < study.claims.size(); ++i) {
        claims.push_back(claim_data(study.claims[i], findings.claims[i]));
    }
    set_both(page, "claims", "claim", claims);
    std::vector<data> tornados;
    for (std::size_t i = 0; i < study.tornados.size(); ++i) {
        tornados.push_back(tornado_data(study, study.tornados[i], findings.tornados[i]));
    }
    set_both(page, "tornados", "tornado", tornados);
    std::vector<data> tables;
    for (std::size_t i = 0; i < study.tables.size(); ++i) {
        tables.push_back(table_data(study.tables[i], findings.tables[i]));
    }
    set_both(page, "tables", "table", tables);
    return page;
}

TornadoPictureBar picture_bar(const BarFinding& bar, const Quotient& quotient) {
    TornadoPictureBar out{bar.label, {}};
    for (const EndFinding& end : bar.ends) {
        out.ends.push_back({*end.value.value, fmt::format("{}: {}", end.label, found_text(end.value, quotient))});
    }
    return out;
}

/// Bars of which an end is missing stand only in the page's table. Nothing of a baseline that is missing.
std::string picture(const Study& study, const Tornado& tornado, const TornadoFinding& finding) {
    const Claim& claim = study.claims[tornado.claim];
    const Quotient& quotient = row_of(study, tornado).quotient;
    TornadoPicture out{tornado.title, finding.baseline.value.value_or(0), "", {}, "", {}};
    out.baseline_text = fmt::format("{}: {}", row_of(study, tornado).name, found_text(finding.baseline, quotient));
    if (claim.paper_value) {
        out.reference = claim.paper_value;
        out.reference_text = fmt::format("the paper: {}", claim.paper);
    }
    for (const BarFinding& bar : finding.bars) {
        if (bar.swing != 0) {
            out.bars.push_back(picture_bar(bar, quotient));
        }
    }
    return draw_tornado(out);
}

}  // namespace

StudyPages render_study(const Study& study, const json& sweep, const std::string& command) {
    const StudyFindings findings = find_all(study, sweep);
    StudyPages pages{{}, missed_expectations(study, findings)};
    data content = page_data(study, sweep, findings, command);
    set_checks(content, findings, pages.missed);
    for (const StudyPage& page : study.pages) {
        pages.files.push_back({page.file, render_template(page.template_file, page.file, content)});
    }
    for (std::size_t i = 0; i < study.tornados.size(); ++i) {
        pages.files.push_back(
            {picture_name(study.tornados[i]), picture(study, study.tornados[i], findings.tornados[i])});
    }
    return pages;
}

std::vector<std::string> write_study(const Study& study, const json& sweep, const std::string& command,
                                     const std::string& directory) {
    const StudyPages pages = render_study(study, sweep, command);
    for (const StudyFile& file : pages.files) {
        const std::filesystem::path path = std::filesystem::path(directory) / file.name;
        std::error_code made;  // else the file cannot be written, which says why
        std::filesystem::create_directories(path.parent_path(), made);
        write_file_atomically(path.string(), file.contents);
    }
    return pages.missed;
}

}  // namespace aqpim

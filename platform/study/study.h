#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aqpim {

/// Configuration files, and parameters that override them.
struct StudyChange {
    std::vector<std::string> configs;  ///< absolute
    std::map<std::string, std::string> parameters;

    bool empty() const { return configs.empty() && parameters.empty(); }
    bool operator==(const StudyChange&) const = default;
};

struct StudyAxisValue {
    std::string label;
    StudyChange change;
};

/// An axis of one parameter, or, named without a dot, of changes that have names.
struct StudyAxis {
    std::string name;
    std::vector<StudyAxisValue> values;

    const StudyAxisValue* find(const std::string& label) const;
};

/// Points: all combinations of the axes' values.
struct StudySet {
    std::string name;
    StudyChange change;
    std::vector<StudyAxis> axes;

    const StudyAxis* find(const std::string& axis) const;
};

/// One point of a set, or a variation of it: the same with something changed.
struct PointReference {
    std::string set;
    std::map<std::string, std::string> at;  ///< a label for each of the set's axes
    StudyChange change;

    bool operator==(const PointReference&) const = default;
};

/// One term of a figure: a key of stats.json, in which `*` stands for any one part between dots; what it matches is
/// added up.
struct FigureTerm {
    bool subtracted = false;
    std::string key;
};

/// What of a point is looked at: "decode.total_ps - decode.breakdown_ps.pim_attention".
struct FigureReference {
    PointReference point;
    std::vector<FigureTerm> terms;
};

/// ratio: numerator over denominator, "8.33x". share: the same in percent. figure: the numerator alone, with its unit.
enum class ClaimKind { ratio, share, figure };

/// What is shown: one or two figures.
struct Quotient {
    ClaimKind kind = ClaimKind::ratio;
    FigureReference numerator;
    std::optional<FigureReference> denominator;
};

/// What a row is expected to give, in the figure's base unit (ps, pJ, B), and how far off it may be.
struct Expectation {
    double value = 0;
    double tolerance = 0;  ///< relative
    std::string source;
};

/// Ours, under the assumptions that it names.
struct ClaimRow {
    std::string name;
    std::string assumptions;
    Quotient quotient;
    std::optional<Expectation> expected;
};

/// The paper's figure, and ours beside it.
struct Claim {
    std::string name;
    std::string title;
    std::string paper;                  ///< as the paper gives it; empty: it gives none
    std::optional<double> paper_value;  ///< where it is one number
    std::vector<ClaimRow> rows;
};

/// The row's quotient with one assumption changed.
struct TornadoEnd {
    std::string label;
    Quotient quotient;
};

struct TornadoBar {
    std::string label;
    std::vector<TornadoEnd> ends;  ///< one or two; with one, the other is the baseline
};

/// What moves a row of a claim: one assumption at a time, the others as in the row.
struct Tornado {
    std::string name;
    std::string title;
    std::size_t claim = 0;
    std::size_t row = 0;
    std::vector<TornadoBar> bars;
};

/// Figures over a set: rows along some of its axes; columns along another one, or of several figures.
struct StudyTable {
    std::string name;
    std::string title;
    std::vector<std::string> rows;
    std::string column;                                ///< the columns' axis; empty: columns are figures
    std::vector<std::vector<std::string>> row_labels;  ///< a label for each of `rows`
    std::vector<std::string> column_labels;
    std::vector<std::vector<Quotient>> cells;  ///< by row and column
};

/// A page that is written when all has run.
struct StudyPage {
    std::string file;  ///< its name in the sweep's directory
    std::string template_file;
};

/// What to run, and what to say about it (docs/sweep.md).
struct Study {
    std::string file;
    std::string title;
    StudyChange change;  ///< of all points
    std::vector<StudySet> sets;
    std::vector<Claim> claims;
    std::vector<Tornado> tornados;
    std::vector<StudyTable> tables;
    std::vector<StudyPage> pages;

    const StudySet* find(const std::string& set) const;
};

/// Throws InputError for a file that is no study: where in it, what was found and what is allowed.
Study read_study(const std::string& file);

/// How a change is called: its files' stems and its parameters, "attacc_gqa, pim.gqa_reuse=true".
std::string change_label(const StudyChange& change);

}  // namespace aqpim

#include <fmt/format.h>

#include "platform/study/study_reader.h"

namespace aqpim {

namespace {

using Json = StudyJson::Json;

std::vector<std::string> labels_of(const StudyJson& json, const StudySet& set, const std::string& axis_name) {
    const StudyAxis* axis = set.find(axis_name);
    if (axis == nullptr) {
        std::vector<std::string> names;
        for (const StudyAxis& each : set.axes) {
            names.push_back(each.name);
        }
        json.refuse(fmt::format("set '{}' has no axis '{}'; allowed: {}", set.name, axis_name, enumeration(names)));
    }
    std::vector<std::string> labels;
    for (const StudyAxisValue& value : axis->values) {
        labels.push_back(value.label);
    }
    return labels;
}

/// All combinations, the last axis running fastest.
std::vector<std::vector<std::string>> combinations(const std::vector<std::vector<std::string>>& axes) {
    std::vector<std::vector<std::string>> all = {{}};
    for (const std::vector<std::string>& labels : axes) {
        std::vector<std::vector<std::string>> longer;
        for (const auto& head : all) {
            for (const std::string& label : labels) {
                longer.push_back(head);
                longer.back().push_back(label);
            }
        }
        all = longer;
    }
    return all;
}

/// The point of a cell, as a layer that what the column asks for changes. `column`: its label, where it is an axis's.
StudyJson cell_layer(const StudyJson& json, const StudyTable& table, const std::vector<std::string>& row,
                     const std::string& column) {
    Json at = Json::object();
    if (json.has("at")) {
        for (const auto& [axis, label] : json.at("at").members()) {
            at[axis] = label.value_text();
        }
    }
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        at[table.rows[i]] = row[i];
    }
    if (!table.column.empty()) {
        at[table.column] = column;
    }
    Json layer = Json::object();
    layer["both"] = {{"set", json.at("set").text()}, {"at", at}};
    return {layer, json.file(), json.place_of("cells")};
}

/// One figure at all places of an axis.
void read_axis_columns(StudyTable& table, const StudyJson& json, const StudySet& set, const Study& study) {
    json.allow({"name", "title", "set", "rows", "column", "kind", "numerator"}, {"at", "denominator"});
    table.column = json.at("column").text();
    table.column_labels = labels_of(json.at("column"), set, table.column);
    const ClaimKind kind = read_claim_kind(json.at("kind"));
    for (const auto& row : table.row_labels) {
        std::vector<Quotient>& cells = table.cells.emplace_back();
        for (const std::string& column : table.column_labels) {
            cells.push_back(read_quotient({cell_layer(json, table, row, column), json}, kind, study));
        }
    }
}

/// Several figures of each row's point.
void read_figure_columns(StudyTable& table, const StudyJson& json, const Study& study) {
    json.allow({"name", "title", "set", "rows", "columns"}, {"at"});
    const std::vector<StudyJson> columns = json.at("columns").items();
    for (const StudyJson& column : columns) {
        column.allow({"name", "kind", "numerator"}, {"denominator", "both"});
        table.column_labels.push_back(column.at("name").text());
    }
    for (const auto& row : table.row_labels) {
        std::vector<Quotient>& cells = table.cells.emplace_back();
        for (const StudyJson& column : columns) {
            cells.push_back(
                read_quotient({cell_layer(json, table, row, ""), column}, read_claim_kind(column.at("kind")), study));
        }
    }
}

}  // namespace

StudyTable read_table(const StudyJson& json, const Study& study) {
    StudyTable table{json.at("name").name(), json.at("title").text(), {}, {}, {}, {}, {}};
    const StudySet& set = read_set_name(json.at("set"), study);
    std::vector<std::vector<std::string>> row_axes;
    for (const StudyJson& axis : json.at("rows").items()) {
        table.rows.push_back(axis.text());
        row_axes.push_back(labels_of(axis, set, table.rows.back()));
    }
    table.row_labels = combinations(row_axes);
    if (json.has("columns")) {
        read_figure_columns(table, json, study);
    } else {
        read_axis_columns(table, json, set, study);
    }
    return table;
}

}  // namespace aqpim

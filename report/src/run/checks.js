import { count, number, share } from "../common/format.js";
import { dataTable } from "../common/table.js";

const accuracies = [
    ["relative_l2_exact", "Attention against exact attention, relative L2 error", number],
    ["relative_l2_coded", "Attention against float64 over what the codes stand for, relative L2 error", number],
    ["relative_l2_keys", "Coded keys, relative L2 error", number],
    ["relative_l2_values", "Coded values, relative L2 error", number],
    ["nearest_codes", "Codes that name the nearest centroid", share],
];

const nameAndValue = (caption, name, rows) =>
    dataTable({
        caption,
        columns: [
            { key: "name", label: name, header: true },
            { key: "value", label: "Value", number: true },
        ],
        rows,
    });

/** How close the attention came; null where nothing was computed. */
export function accuracyTable(accuracy) {
    const rows = accuracies
        .filter(([key]) => accuracy?.[key] !== undefined)
        .map(([key, name, format]) => ({ name, value: format(accuracy[key]) }));
    return rows.length === 0 ? null : nameAndValue("Accuracy", "Figure", rows);
}

const errorRows = (kinds, prefix = "") =>
    Object.entries(kinds ?? {}).map(([kind, found]) => ({
        name: prefix + kind.replaceAll("_", " "),
        value: count(found),
        rowClass: found > 0 ? "found" : null,
    }));

/** What devices, models and the PIM memory's ECC counted. */
export function errorTable(stats) {
    const rows = [...errorRows(stats.errors), ...errorRows(stats.memory_errors, "PIM memory: ")];
    return rows.length === 0 ? null : nameAndValue("Errors", "Kind", rows);
}

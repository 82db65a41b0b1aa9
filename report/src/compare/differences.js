import { flatFigures } from "../common/figures.js";
import { figure, ratio } from "../common/format.js";
import { dataTable } from "../common/table.js";

const left_out = ["schema", "version", "configuration_digest", "wall_s", "channels", "harts"];

const bothNumbers = (a, b) => typeof a === "number" && typeof b === "number";

function difference(key, value, base) {
    if (!bothNumbers(value, base)) {
        return null;
    }
    return value === base ? 0 : value - base;
}

const signed = (key) => (value) =>
    value === null ? "–" : value === 0 ? "0" : `${value > 0 ? "+" : "−"}${figure(key, Math.abs(value))}`;

/** All figures of all runs, with difference and ratio to the run at index `baseline`; `only_different`: not the others. */
export function figureTable(runs, baseline, only_different) {
    const figures = runs.map(({ stats }) => flatFigures(stats, left_out));
    const keys = [...new Set(figures.flatMap((entries) => Object.keys(entries)))];
    const rows = keys
        .map((key) => {
            const row = { key };
            figures.forEach((entries, index) => {
                row[`value${index}`] = entries[key];
                row[`difference${index}`] = difference(key, entries[key], figures[baseline][key]);
                row[`ratio${index}`] = bothNumbers(entries[key], figures[baseline][key]) && figures[baseline][key] !== 0
                    ? entries[key] / figures[baseline][key]
                    : null;
            });
            return row;
        })
        .filter((row) => !only_different || figures.some((entries) => entries[row.key] !== figures[baseline][row.key]));
    const columns = runs.flatMap(({ title }, index) => [
        { key: `value${index}`, label: title, number: true, format: (value, { key }) => figure(key, value) },
        ...(index === baseline
            ? []
            : [
                  { key: `difference${index}`, label: "Difference", number: true, format: (value, { key }) => signed(key)(value) },
                  { key: `ratio${index}`, label: "Ratio", number: true, format: (value) => ratio(value, 1) },
              ]),
    ]);
    return dataTable({
        caption: `All figures, against ${runs[baseline].title}`,
        sort: true,
        filter: "Rows with",
        columns: [{ key: "key", label: "Key in stats.json", header: true, className: "wrap" }, ...columns],
        rows,
    });
}

/** Parameters that are not the same in all runs; null when all are. */
export function parameterTable(runs) {
    const values = runs.map(({ parameters }) => new Map(parameters.map(({ key, value }) => [key, value])));
    const helps = new Map(runs.flatMap(({ parameters }) => parameters.map(({ key, help }) => [key, help])));
    const differing = [...helps.keys()].filter((key) => values.some((run) => run.get(key) !== values[0].get(key)));
    return differing.length === 0
        ? null
        : dataTable({
              caption: "Parameters that differ",
              sort: true,
              filter: "Rows with",
              columns: [
                  { key: "key", label: "Key", header: true, className: "wrap" },
                  ...runs.map(({ title }, index) => ({ key: `value${index}`, label: title, className: "wrap" })),
                  { key: "help", label: "Meaning", className: "wide" },
              ],
              rows: differing.map((key) => ({
                  key,
                  help: helps.get(key),
                  ...Object.fromEntries(values.map((run, index) => [`value${index}`, run.get(key)])),
              })),
          });
}

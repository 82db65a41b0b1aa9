import { dataTable } from "../common/table.js";
import { element } from "../common/dom.js";
import { pointFile, valueText } from "./points.js";

const tile = (term, value, className) =>
    element("div", {}, element("dt", {}, term), element("dd", { class: className ?? null }, String(value)));

function counts(points) {
    const failed = points.filter(({ status }) => status === "failed").length;
    const done = points.filter(({ status }) => status === "done").length;
    const other = points.length - failed - done;
    return element(
        "dl",
        { class: "answers" },
        tile("points", points.length),
        tile("done", done),
        tile("failed", failed, failed > 0 ? "bad" : null),
        other > 0 ? tile("not ended", other, "bad") : null,
    );
}

function axesTable(axes) {
    return dataTable({
        caption: "What was swept",
        columns: [
            { key: "name", label: "Axis", header: true, className: "wrap" },
            { key: "count", label: "Count", number: true },
            { key: "values", label: "Values", className: "wrap" },
        ],
        rows: axes.map(({ name, values }) => ({
            name,
            count: values.length,
            values: values.map(valueText).join(", "),
        })),
    });
}

/** Assumptions that decide about figures, where the points say them. */
function conditions(points) {
    const charges = [...new Set(points.map(({ figures }) => figures["energy.lookup_charge"]).filter(Boolean))];
    return charges.length === 0
        ? null
        : element("p", {}, `Energy charged for a lookup (energy.lookup_charge): ${charges.join(", ")}.`);
}

/** How many points there are, what was swept, and where the figures are as a file. */
export function overview({ axes, points }) {
    return [
        counts(points),
        axesTable(axes),
        conditions(points),
        element(
            "p",
            {},
            "All figures of all points: ",
            element("a", { href: "sweep.csv", download: true }, "sweep.csv"),
            ", ",
            element("a", { href: "sweep.json", download: true }, "sweep.json"),
        ),
    ];
}

/** The points that have no figures, each with the reason; null where all have some. */
export function failures(points) {
    const rows = points.filter(({ status }) => status !== "done");
    if (rows.length === 0) {
        return null;
    }
    return dataTable({
        caption: "Points without figures",
        columns: [
            { key: "label", label: "Point", header: true, className: "wrap" },
            { key: "message", label: "Message", className: "wide" },
            { key: "status", label: "Status" },
            { key: "exit_status", label: "Exit status", number: true },
            {
                key: "directory",
                label: "Log",
                format: (_, point) =>
                    element(
                        "a",
                        { href: pointFile(point, "run.log"), "aria-label": `run.log of ${point.label}` },
                        "run.log",
                    ),
            },
        ],
        rows,
    });
}

import { element } from "./dom.js";
import { dataTable } from "./table.js";

/** All parameters of a run, with a field to filter them and a switch for those that differ from their default. */
export function parameterTable(parameters) {
    const rows = parameters.map((parameter) => ({
        ...parameter,
        rowClass: parameter.value === parameter.default ? null : "changed",
    }));
    const table = dataTable({
        caption: "Parameters",
        sort: true,
        filter: "Rows with",
        columns: [
            { key: "key", label: "Key", header: true, className: "wrap" },
            { key: "value", label: "Value", className: "wrap value" },
            { key: "default", label: "Default", className: "wrap" },
            { key: "help", label: "Meaning", className: "wide" },
            { key: "source", label: "Source of the default", className: "wrap" },
            { key: "origin", label: "Set by", className: "wrap" },
        ],
        rows,
    });
    const box = element("input", { type: "checkbox", on: { change: () => table.classList.toggle("only-changed", box.checked) } });
    return [
        element("p", {}, element("label", {}, box, " only those that differ from their default (marked)")),
        table,
    ];
}

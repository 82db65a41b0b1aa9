import { element, freshId } from "./dom.js";

const collator = new Intl.Collator("en", { numeric: true });

function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") {
        return a - b;
    }
    return collator.compare(String(a ?? ""), String(b ?? ""));
}

function makeRow(columns, row) {
    const cells = columns.map((column) => {
        const content = column.format ? column.format(row[column.key], row) : (row[column.key] ?? "–");
        const classes = [column.number ? "number" : "", column.className ?? ""].join(" ").trim();
        return column.header
            ? element("th", { scope: "row", class: classes || null }, content)
            : element("td", { class: classes || null }, content);
    });
    return element("tr", { class: row.rowClass ?? null }, cells);
}

/** Heads of columns; with `sort` each is a button that sorts by it, up and down in turn. */
function makeHead(columns, sort) {
    const heads = columns.map((column) => {
        const attributes = { scope: "col", class: column.number ? "number" : null };
        if (!sort) {
            return element("th", attributes, column.label);
        }
        const head = element("th", attributes);
        head.append(element("button", { type: "button", class: "sort", on: { click: () => sort(column, head) } }, column.label));
        return head;
    });
    return element("thead", {}, element("tr", {}, heads));
}

function makeSort(body, entries) {
    return (column, head) => {
        const down = head.getAttribute("aria-sort") === "ascending";
        head.parentElement.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        // What is missing stays last, whichever way the rest goes.
        const isMissing = (entry) => entry.row[column.key] === undefined || entry.row[column.key] === null;
        entries.sort(
            (a, b) =>
                isMissing(a) - isMissing(b) || (down ? -1 : 1) * compare(a.row[column.key], b.row[column.key]),
        );
        body.append(...entries.map((entry) => entry.element));
    };
}

function makeFilter(entries, label) {
    const id = freshId("filter");
    const status = element("span", { class: "faint", role: "status" }, `${entries.length} rows`);
    const input = element("input", { id, type: "search", autocomplete: "off" });
    const texts = entries.map((entry) => entry.element.textContent.toLowerCase());
    input.addEventListener("input", () => {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        let shown = 0;
        entries.forEach((entry, index) => {
            entry.element.hidden = !words.every((word) => texts[index].includes(word));
            shown += entry.element.hidden ? 0 : 1;
        });
        status.textContent = shown === entries.length ? `${shown} rows` : `${shown} of ${entries.length} rows`;
    });
    return element("p", { class: "filter" }, element("label", { for: id }, label), " ", input, " ", status);
}

/**
 * A table of `rows` (objects). `columns`: {key, label, header (the row's name), number (right-aligned), className,
 * format(value, row) → text or node}; sorting goes by the values themselves. A row's `rowClass` is its element's class.
 * Options: `caption` (text), `sort`, and `filter`, the label of a field for words that a row must have. Wide tables
 * scroll by themselves.
 */
export function dataTable({ caption, columns, rows, sort = false, filter = null }) {
    const body = element("tbody");
    const entries = rows.map((row) => ({ row, element: makeRow(columns, row) }));
    body.append(...entries.map((entry) => entry.element));
    const table = element(
        "table",
        {},
        element("caption", {}, caption),
        makeHead(columns, sort ? makeSort(body, entries) : null),
        body,
    );
    const scroll = element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, table);
    return element("div", { class: "table" }, filter ? makeFilter([...entries], filter) : null, scroll);
}

import { element } from "../common/dom.js";
import { button, controlGroup, livePlace, searchControl, selectControl } from "./controls.js";
import { any_value } from "./fields.js";
import { figureGroups, figureText, figureTitle } from "./names.js";
import { pointFile, valueText } from "./points.js";
import { indicesOf } from "./view.js";
import { joinList, splitList } from "./view_state.js";

const caption = "Points of the sweep";

/** Columns of the table: {key (as the field `sort` has it), label, number, cell(point)}. */
function columnsOf({ model, state }) {
    const varying = model.axes.filter(({ values }) => values.length > 1);
    return [
        { key: "point", label: "Point", cell: pointLink },
        ...varying.map(({ name }) => ({
            key: `axis:${name}`,
            label: name,
            cell: (point) => valueText(point.axes[name]),
        })),
        ...splitList(state.get("columns")).map((key) => ({
            key,
            label: figureTitle(key),
            number: true,
            cell: (point) => figureText(key, point.figures[key]),
        })),
        { key: "status", label: "Status", cell: ({ status }) => status },
    ];
}

function pointLink(point) {
    const text = String(point.index);
    if (point.status !== "done") {
        return text;
    }
    return element(
        "a",
        { href: pointFile(point, "report.html"), "aria-label": `${text}: report of ${point.label}` },
        text,
    );
}

/** A head that sorts by its column; pressed again, the other way round. */
function headCell({ state }, column) {
    const head = element("th", { scope: "col", class: column.number ? "number" : null });
    const sort = () => {
        const up = state.get("sort") === column.key && state.get("order") === "up";
        state.set({ sort: column.key, order: up ? "down" : "up" });
    };
    head.append(element("button", { type: "button", class: "sort", on: { click: sort } }, column.label));
    const show = () => {
        if (state.get("sort") === column.key) {
            head.setAttribute("aria-sort", state.get("order") === "up" ? "ascending" : "descending");
        } else {
            head.removeAttribute("aria-sort");
        }
    };
    show();
    return { head, show };
}

function choiceBox(point) {
    return element("input", {
        type: "checkbox",
        value: point.index,
        "aria-label": `Choose point ${point.index}: ${point.label}`,
    });
}

function makeRow(point, columns) {
    const cells = columns.map((column) => {
        const attributes = {
            class: column.number ? "number" : point.status === "failed" && column.key === "status" ? "bad" : null,
        };
        return column.key === "point"
            ? element("th", { scope: "row", ...attributes }, column.cell(point))
            : element("td", attributes, column.cell(point));
    });
    return element("tr", {}, element("td", {}, choiceBox(point)), cells);
}

/** The table's body follows filter and order; its boxes and heads are only brought up to date, so focus stays in them. */
function makeTable(view) {
    const { state } = view;
    const columns = columnsOf(view);
    const heads = columns.map((column) => headCell(view, column));
    const body = element("tbody");
    body.addEventListener("change", () => {
        const chosen = [...body.querySelectorAll("input:checked")].map(({ value }) => value);
        const hidden = splitList(state.get("chosen")).filter((index) => !body.querySelector(`input[value="${index}"]`));
        state.set({ chosen: joinList([...hidden, ...chosen].sort((a, b) => a - b)) });
    });
    let rows = null;
    const update = () => {
        const points = view.shownPoints();
        const now = joinList(indicesOf(points));
        if (now !== rows) {
            rows = now;
            body.replaceChildren(...points.map((point) => makeRow(point, columns)));
        }
        const chosen = new Set(splitList(state.get("chosen")));
        body.querySelectorAll("input").forEach((box) => (box.checked = chosen.has(box.value)));
        heads.forEach(({ show }) => show());
    };
    const corner = element("th", { scope: "col" }, "Choose");
    const table = element(
        "table",
        { id: "points-table" },
        element("caption", {}, caption),
        element(
            "thead",
            {},
            element(
                "tr",
                {},
                corner,
                heads.map(({ head }) => head),
            ),
        ),
        body,
    );
    return {
        update,
        element: element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table),
    };
}

function filters({ model, state }) {
    const varying = model.axes.filter(({ values }) => values.length > 1);
    return controlGroup(
        "Filter",
        searchControl(state, "filter", "Words"),
        varying.map(({ name, values }) => {
            const options = values.map((value) => [value, valueText(value)]);
            return selectControl(state, `only.${name}`, name, [[any_value, "all"], ...options]);
        }),
    );
}

function statusLine(view) {
    const line = element("p", { class: "faint", role: "status" });
    const show = () => {
        const shown = view.shownPoints().length;
        const chosen = splitList(view.state.get("chosen")).length;
        line.textContent = `${shown} of ${view.model.points.length} points` + (chosen > 0 ? `, ${chosen} chosen` : "");
    };
    view.state.onChange(show);
    show();
    return line;
}

/** Adds and removes figures as columns. */
function columnChooser({ model, state }) {
    const select = element("select", { id: "column-to-add" });
    for (const group of figureGroups(model.figure_keys)) {
        const options = group.options.map(([key, text]) => element("option", { value: key }, text));
        select.append(element("optgroup", { label: group.label }, options));
    }
    const columns = () => splitList(state.get("columns"));
    const set = (keys) => state.set({ columns: joinList(keys) });
    const add = () => columns().includes(select.value) || set([...columns(), select.value]);
    const removers = livePlace(state, columns, () =>
        controlGroup(
            "Columns shown",
            columns().map((key) => {
                const remove = button(`× ${figureTitle(key)}`, () => {
                    set(columns().filter((other) => other !== key));
                    select.focus();
                });
                remove.setAttribute("aria-label", `× ${figureTitle(key)}: remove column`);
                return remove;
            }),
        ),
    );
    return element(
        "details",
        {},
        element("summary", {}, "Choose columns"),
        controlGroup("Add a column", element("label", { for: select.id }, "Figure"), select, button("Add column", add)),
        removers,
    );
}

/** The table of points with its filters, which hold for all that follows on the page. */
export function pointsTable(view) {
    const { state } = view;
    const place = element("div");
    let columns = null;
    let table = null;
    const update = () => {
        if (state.get("columns") !== columns) {
            columns = state.get("columns");
            table = makeTable(view);
            place.replaceChildren(table.element);
        }
        table.update();
    };
    state.onChange(update);
    update();
    return [
        element(
            "p",
            {},
            "What passes the filter here is what the charts below show. A point's number leads to its report.",
        ),
        filters(view),
        columnChooser(view),
        statusLine(view),
        place,
        button("Choose none", () => state.set({ chosen: "" })),
    ];
}

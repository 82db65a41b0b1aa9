import { chartFrame } from "../common/chart.js";
import { element } from "../common/dom.js";
import { dataTable } from "../common/table.js";
import { controlGroup, livePlace, selectControl } from "./controls.js";
import { figureAxis } from "./figure_axis.js";
import { figureGroups, figureText, figureTitle } from "./names.js";
import { paretoFront } from "./pareto.js";
import { pointFile } from "./points.js";
import { indicesOf } from "./view.js";

const goals = [
    ["min", "least"],
    ["max", "most"],
];
const most_labels = 12;
const most_svg_marks = 500;

function figureColumns(x, y) {
    return [...new Set([x, y])].map((key) => ({
        key,
        label: figureTitle(key),
        number: true,
        format: (value) => figureText(key, value),
    }));
}

const asRow = (point, x, y) => ({ label: point.label, point, [x]: point.figures[x], [y]: point.figures[y] });

function frontList(front, x, y) {
    return dataTable({
        caption: "Points on the Pareto front",
        columns: [
            {
                key: "label",
                label: "Point",
                header: true,
                className: "wide",
                format: (label, { point }) => element("a", { href: pointFile(point, "report.html") }, label),
            },
            ...figureColumns(x, y),
        ],
        rows: front.map((point) => asRow(point, x, y)),
        sort: true,
    });
}

function chartOption(others, front, x, y) {
    const mark = (point) => ({ name: point.label, value: [point.figures[x], point.figures[y]] });
    const text = ({ name, value }) =>
        element(
            "div",
            {},
            element("strong", {}, name),
            element("br"),
            figureText(x, value[0]),
            ", ",
            figureText(y, value[1]),
        );
    const all = [...others, ...front];
    return ({ theme, narrow }) => ({
        tooltip: { trigger: "item", formatter: text },
        grid: { right: narrow ? 32 : 160, top: 32 },
        xAxis: {
            ...figureAxis(
                x,
                all.map(({ figures }) => figures[x]),
            ),
            scale: true,
            splitNumber: narrow ? 3 : 6,
        },
        yAxis: {
            ...figureAxis(
                y,
                all.map(({ figures }) => figures[y]),
            ),
            scale: true,
        },
        series: [
            {
                name: "others",
                type: "scatter",
                symbol: "emptyCircle",
                symbolSize: 9,
                color: theme.faint,
                data: others.map(mark),
            },
            {
                name: "front",
                type: "line",
                symbol: "circle",
                symbolSize: 11,
                color: theme.series[0],
                lineStyle: { type: "dashed" },
                label: {
                    show: !narrow && front.length <= most_labels,
                    position: "right",
                    color: theme.text,
                    formatter: ({ name }) => name,
                },
                labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
                data: front.map(mark),
            },
        ],
    });
}

function draw(view) {
    const { state } = view;
    const [x, y] = [state.get("front_x"), state.get("front_y")];
    const drawable = view
        .shownPoints()
        .filter(({ figures }) => Number.isFinite(figures[x]) && Number.isFinite(figures[y]));
    if (drawable.length === 0) {
        return element("p", { role: "status" }, "No point that passes the filter has both figures.");
    }
    const front = paretoFront(drawable, x, y, state.get("front_x_goal"), state.get("front_y_goal"));
    const others = drawable.filter((point) => !front.includes(point));
    const rows = drawable.map((point) => ({ ...asRow(point, x, y), on_front: front.includes(point) ? "yes" : "no" }));
    return [
        chartFrame({
            title: `${figureTitle(y)} over ${figureTitle(x)}`,
            description:
                `${drawable.length} points, ${figureTitle(x)} across and ${figureTitle(y)} upwards. ` +
                `On the Pareto front: ${front.map(({ label }) => label).join("; ")}.`,
            height: 400,
            option: chartOption(others, front, x, y),
            renderer: drawable.length > most_svg_marks ? "canvas" : "svg",
            table: {
                columns: [
                    { key: "label", label: "Point", header: true },
                    ...figureColumns(x, y),
                    { key: "on_front", label: "On the front" },
                ],
                rows,
            },
        }),
        element("h3", {}, `On the front: ${front.length} of ${drawable.length} points`),
        frontList(front, x, y),
    ];
}

/** The Pareto front in two figures; null where there are none. */
export function frontSection(view) {
    const { model, state } = view;
    if (model.figure_keys.length === 0) {
        return null;
    }
    const fields = ["front_x", "front_x_goal", "front_y", "front_y_goal"];
    const inputs = () => [indicesOf(view.shownPoints()).sort((a, b) => a - b), fields.map((name) => state.get(name))];
    return [
        element("p", {}, "Points that no other point beats in one of the two figures without losing in the other."),
        controlGroup(
            "Across",
            selectControl(state, "front_x_goal", "Across, the", goals),
            selectControl(state, "front_x", "of", figureGroups(model.figure_keys)),
        ),
        controlGroup(
            "Upwards",
            selectControl(state, "front_y_goal", "Upwards, the", goals),
            selectControl(state, "front_y", "of", figureGroups(model.figure_keys)),
        ),
        livePlace(state, inputs, () => draw(view)),
    ];
}

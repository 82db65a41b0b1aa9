import { chartFrame } from "../common/chart.js";
import { element } from "../common/dom.js";
import { number } from "../common/format.js";
import { controlGroup, livePlace, selectControl } from "./controls.js";
import { any_value } from "./fields.js";
import { figureAxis } from "./figure_axis.js";
import { figureGroups, figureText, figureTitle } from "./names.js";
import { valueText } from "./points.js";
import { buildSeries } from "./series.js";
import { axesChosen, indicesOf } from "./view.js";

const symbols = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect", "emptyTriangle", "emptyDiamond"];
const dashes = ["solid", "dashed", "dotted"];
const most_curves = 24;
const scales = [
    ["linear", "linear"],
    ["log", "logarithmic"],
];

const curveColour = (theme, i) => theme.series[i % theme.series.length];

function xAxis(axis, log, narrow) {
    if (!axis.numbers) {
        const values = axis.values.map(valueText);
        return {
            type: "category",
            data: values,
            axisLabel: { interval: 0, rotate: narrow && values.length > 3 ? 45 : 0 },
        };
    }
    const texts = new Map([...axis.numbers].map(([text, value]) => [value, text]));
    const customValues = [...texts.keys()];
    return {
        type: log ? "log" : "value",
        logBase: 2,
        min: Math.min(...customValues),
        max: Math.max(...customValues),
        axisTick: { show: true, customValues },
        axisLabel: { customValues, formatter: (value) => texts.get(value) ?? number(value) },
        splitLine: { show: false },
    };
}

function chartOption(curves, axis, choices) {
    return ({ theme, narrow }) => ({
        tooltip: { trigger: "item", valueFormatter: (value) => figureText(choices.figure, value) },
        grid: { right: 32, top: 24 },
        xAxis: xAxis(axis, choices.x_log, narrow),
        yAxis: figureAxis(
            choices.figure,
            curves.flatMap(({ data }) => data.map(({ y }) => y)),
            choices.y_log,
        ),
        series: curves.map(({ name, data }, i) => ({
            name,
            type: "line",
            symbol: symbols[i % symbols.length],
            symbolSize: 9,
            color: curveColour(theme, i),
            lineStyle: { type: dashes[Math.floor(i / theme.series.length) % dashes.length], width: 2 },
            encode: { x: 0, y: 1, tooltip: 1 },
            data: data.map(({ x, y, value }) => ({
                name: `${axis.name} = ${valueText(value)}`,
                value: [axis.numbers ? x : valueText(x), y],
            })),
        })),
    });
}

function curvesTable(curves, axis, figure) {
    return {
        columns: [
            { key: "curve", label: "Curve", header: true },
            { key: "x", label: axis.name },
            { key: "y", label: figureTitle(figure), number: true, format: (value) => figureText(figure, value) },
        ],
        rows: curves.flatMap(({ name, data }) => data.map(({ y, value }) => ({ curve: name, x: valueText(value), y }))),
    };
}

function describe(curves, axis, figure) {
    const ends = curves.slice(0, most_curves).map(({ name, data }) => {
        const [first, last] = [data[0], data[data.length - 1]];
        return `${name}: ${figureText(figure, first.y)} at ${valueText(first.value)} to ${figureText(figure, last.y)} at ${valueText(last.value)}`;
    });
    return `Curves of ${figureTitle(figure)} along ${axis.name}. ${ends.join("; ")}.`;
}

function draw(view) {
    const { model, state } = view;
    const axis = model.axes.find(({ name }) => name === state.get("x"));
    const figure = state.get("curve");
    const positive = (values) => values.every((value) => value > 0);
    const all = buildSeries(
        { points: view.shownPoints(), axes: model.axes },
        { x_axis: axis.name, figure, fixed: axesChosen(view, "at") },
    );
    const curves = all.slice(0, most_curves);
    if (curves.length === 0) {
        return element("p", { role: "status" }, "No point that passes the filter has this figure.");
    }
    const y_log = state.get("y_scale") === "log" && positive(curves.flatMap(({ data }) => data.map(({ y }) => y)));
    const x_log = state.get("x_scale") === "log" && axis.numbers !== null && positive([...axis.numbers.values()]);
    return chartFrame({
        title: `${figureTitle(figure)} along ${axis.name}`,
        description: describe(curves, axis, figure),
        height: 380,
        option: chartOption(curves, axis, { figure, x_log, y_log }),
        legend:
            curves.length > 1 ? curves.map(({ name }, i) => ({ name, colour: (theme) => curveColour(theme, i) })) : [],
        table: curvesTable(curves, axis, figure),
        note:
            all.length > curves.length
                ? `The first ${most_curves} of ${all.length} curves: fix an axis or filter to see others.`
                : null,
    });
}

/** Curves of a figure along an axis; null where no axis has two values or there are no figures. */
export function curvesSection(view) {
    const { model, state } = view;
    const varying = model.axes.filter(({ values }) => values.length > 1);
    if (varying.length === 0 || model.figure_keys.length === 0) {
        return null;
    }
    const fixers = varying.map(({ name, values }) => {
        const options = values.map((value) => [value, `only ${valueText(value)}`]);
        const control = selectControl(state, `at.${name}`, name, [[any_value, "a curve for each"], ...options]);
        const show = () => (control.hidden = state.get("x") === name);
        state.onChange(show);
        show();
        return control;
    });
    const inputs = () => [
        indicesOf(view.shownPoints()).sort((a, b) => a - b),
        ["x", "curve", "x_scale", "y_scale"].map((name) => state.get(name)),
        axesChosen(view, "at"),
    ];
    return [
        controlGroup(
            "Curves",
            selectControl(state, "curve", "Figure", figureGroups(model.figure_keys)),
            selectControl(
                state,
                "x",
                "Along",
                varying.map(({ name }) => [name, name]),
            ),
            selectControl(state, "x_scale", "Scale across", scales),
            selectControl(state, "y_scale", "Scale upwards", scales),
            fixers,
        ),
        livePlace(state, inputs, () => draw(view)),
    ];
}

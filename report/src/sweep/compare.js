import { chartFrame } from "../common/chart.js";
import { element } from "../common/dom.js";
import { number } from "../common/format.js";
import { barLabels, barsHeight, most_bars, shortened } from "./bars.js";
import { controlGroup, livePlace, selectControl } from "./controls.js";
import { differences } from "./differences.js";
import { baselineChoices, parseBaseline } from "./fields.js";
import { figureGroups, figureText, figureTitle } from "./names.js";
import { valueText } from "./points.js";
import { indicesOf } from "./view.js";

const ratioText = (value) => (Number.isFinite(value) ? `${number(value, 3)}×` : "–");

function signedText(figure, value) {
    return Number.isFinite(value)
        ? `${value > 0 ? "+" : value < 0 ? "−" : ""}${figureText(figure, Math.abs(value))}`
        : "–";
}

function differencesTable(rows, figure) {
    const text = (value) => figureText(figure, value);
    return {
        columns: [
            { key: "label", label: "Point", header: true },
            { key: "value", label: figureTitle(figure), number: true, format: text },
            { key: "against", label: "Baseline" },
            { key: "baseline_value", label: "Baseline's value", number: true, format: text },
            { key: "difference", label: "Difference", number: true, format: (value) => signedText(figure, value) },
            { key: "ratio", label: "Ratio", number: true, format: ratioText },
        ],
        rows: rows.map((row) => ({ ...row, label: row.point.label, against: row.baseline?.label })),
    };
}

function chartOption(rows) {
    return ({ theme, width }) => ({
        grid: { right: 64 },
        tooltip: { trigger: "item", valueFormatter: ratioText },
        xAxis: { type: "value", axisLabel: { formatter: ratioText } },
        yAxis: barLabels(
            rows.map(({ point }) => point.label),
            width,
        ),
        series: [
            {
                name: "ratio",
                type: "bar",
                barMaxWidth: 18,
                color: theme.series[0],
                label: { show: true, position: "right", color: theme.text, formatter: ({ value }) => ratioText(value) },
                markLine: {
                    silent: true,
                    symbol: "none",
                    label: { show: false },
                    lineStyle: { color: theme.text, type: "solid" },
                    data: [{ xAxis: 1 }],
                },
                data: rows.map(({ ratio }) => ratio),
            },
        ],
    });
}

function withoutRatio(count) {
    return count === 0
        ? null
        : `${count === 1 ? "1 point has" : `${count} points have`} no ratio: the figure is missing there or in the baseline.`;
}

function draw(view) {
    const { model, state } = view;
    const figure = state.get("difference");
    const inverse = state.get("ratio") === "baseline";
    const baseline = parseBaseline(state.get("baseline"));
    const all = differences(
        { points: view.shownPoints(), all_points: model.points, axes: model.axes },
        { baseline, figure, inverse },
    );
    const known = all.filter(({ ratio }) => Number.isFinite(ratio));
    // A baseline's ratio to itself says nothing.
    const telling = known.filter((row) => row.baseline !== row.point);
    if (telling.length === 0) {
        const message = "No point that passes the filter has this figure and another one as baseline that has it.";
        return element("p", { role: "status" }, message);
    }
    const rows = telling.slice(0, most_bars);
    const against = baseline.axis ? `${baseline.axis} = ${valueText(baseline.value)}` : telling[0].baseline.label;
    const of = figureTitle(figure);
    return chartFrame({
        title: inverse ? `${of}: ${against} over each point` : `${of}: each point over ${against}`,
        description: `Ratios. ${rows.map(({ point, ratio }) => `${point.label}: ${ratioText(ratio)}`).join("; ")}.`,
        height: barsHeight(rows.length),
        option: chartOption(rows),
        table: differencesTable(all, figure),
        note: [shortened(telling.length), withoutRatio(all.length - known.length)].filter(Boolean).join(" ") || null,
    });
}

/** Each point against a baseline; null where there is nothing to compare. */
export function differencesSection(view) {
    const { model, state } = view;
    const choices = baselineChoices(model);
    if (choices.length === 0 || model.figure_keys.length === 0) {
        return null;
    }
    const fields = ["baseline", "difference", "ratio"];
    const inputs = () => [indicesOf(view.shownPoints()), fields.map((name) => state.get(name))];
    return [
        element(
            "p",
            {},
            "With a value of an axis as baseline, each point is compared with the point that differs from it only there.",
        ),
        controlGroup(
            "Comparison",
            selectControl(state, "difference", "Figure", figureGroups(model.figure_keys)),
            selectControl(state, "baseline", "Baseline", choices),
            selectControl(state, "ratio", "Ratio", [
                ["point", "point ÷ baseline"],
                ["baseline", "baseline ÷ point"],
            ]),
        ),
        livePlace(state, inputs, () => draw(view)),
    ];
}

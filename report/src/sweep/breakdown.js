import { chartFrame } from "../common/chart.js";
import { element } from "../common/dom.js";
import { sum } from "../common/figures.js";
import { share } from "../common/format.js";
import { breakdownParts, numberedParts } from "../common/theme.js";
import { barLabels, barsHeight, most_bars, shortened } from "./bars.js";
import { controlGroup, livePlace, selectControl } from "./controls.js";
import { figureAxis } from "./figure_axis.js";
import { figureText } from "./names.js";
import { divisions, partNames, stepParts } from "./parts.js";
import { indicesOf } from "./view.js";

// Parts beyond the seventh have the colours of the first again, and stripes.
const colours = 7;
const stripes = { symbol: "line", dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: Math.PI / 4 };

/** The parts to draw, in their fixed order where they have one, as {key, label, colour(theme), decal}. */
function drawnParts(points, division) {
    const names = partNames(points, division);
    if (division === "time") {
        return breakdownParts.filter(({ key }) => names.includes(key));
    }
    return numberedParts(names.sort()).map((part, i) => ({ ...part, decal: i < colours ? undefined : stripes }));
}

const describe = (rows, parts, relative) =>
    rows
        .slice(0, most_bars)
        .map(({ point, shares }) => {
            const largest = parts.filter(({ key }) => shares[key] > 0).sort((a, b) => shares[b.key] - shares[a.key])[0];
            return largest
                ? `${point.label}: most in ${largest.label}, ${relative(shares[largest.key])}`
                : `${point.label}: nothing`;
        })
        .join("; ");

function partsTable(rows, parts, text) {
    return {
        columns: [
            { key: "label", label: "Point", header: true },
            ...parts.map(({ key, label }) => ({ key, label, number: true, format: text })),
        ],
        rows: rows.map(({ point, shares }) => ({ label: point.label, ...shares })),
    };
}

function draw(view) {
    const division = view.state.get("division");
    const relative = view.state.get("bars") === "share";
    const candidates = view.chosenPoints();
    const all = candidates
        .map((point) => ({ point, shares: stepParts(point, division, relative) }))
        .filter(({ shares }) => shares !== null);
    if (all.length === 0) {
        return element("p", { role: "status" }, "No point that passes the filter has these figures.");
    }
    const rows = all.slice(0, most_bars);
    const parts = drawnParts(candidates, division);
    const total = divisions[division].total;
    const text = (value) => (relative ? share(value) : figureText(total, value));
    return chartFrame({
        title: `Where a decode step's ${division} goes`,
        description: `Stacked bars, one for each of ${rows.length} points. ${describe(rows, parts, text)}.`,
        height: barsHeight(rows.length),
        legend: parts.map(({ label, colour }) => ({ name: label, colour })),
        table: partsTable(all, parts, text),
        note: shortened(all.length),
        option: ({ theme, width }) => ({
            tooltip: { trigger: "item", valueFormatter: text },
            xAxis: relative
                ? { type: "value", max: 1, axisLabel: { formatter: (value) => share(value) } }
                : figureAxis(
                      total,
                      rows.map(({ shares }) => sum(Object.values(shares))),
                  ),
            yAxis: barLabels(
                rows.map(({ point }) => point.label),
                width,
            ),
            series: parts.map(({ key, label, colour, decal }) => ({
                name: label,
                type: "bar",
                stack: "step",
                barMaxWidth: 22,
                itemStyle: { color: colour(theme), decal },
                data: rows.map(({ shares }) => shares[key] ?? 0),
            })),
        }),
    });
}

/** Stacked bars of where a step's time or energy goes, for the points chosen; null where no point says so. */
export function breakdownSection(view) {
    const { model, state } = view;
    const available = Object.keys(divisions).filter((division) => partNames(model.points, division).length > 0);
    if (available.length === 0) {
        return null;
    }
    const inputs = () => [indicesOf(view.chosenPoints()), state.get("division"), state.get("bars")];
    return [
        element("p", {}, "Of the points that are chosen in the table; of all shown there if none is."),
        controlGroup(
            "Bars",
            selectControl(
                state,
                "division",
                "Divide",
                available.map((division) => [division, division]),
            ),
            selectControl(state, "bars", "Bars show", [
                ["absolute", "amounts"],
                ["share", "shares"],
            ]),
        ),
        livePlace(state, inputs, () => draw(view)),
    ];
}

import { tooltipLines } from "../common/bars.js";
import { chartFrame } from "../common/chart.js";
import { largestNames, mergeOthers, sum } from "../common/figures.js";
import { power, time } from "../common/format.js";
import { numberedParts } from "../common/theme.js";

/** Mean of values that hold from each time to the next, the last one to `end_ps`. */
function meanPower(times, values, end_ps) {
    const weighted = values.map((value, index) => value * ((times[index + 1] ?? end_ps) - times[index]));
    return sum(weighted) / Math.max(end_ps - times[0], 1);
}

function powerOption(used, { times, components, start_ps, end_ps }) {
    // Two points for each stretch in which the values hold.
    const points = (values) =>
        values.flatMap((value, index) => [times[index], times[index + 1] ?? end_ps].map((ps) => [ps - start_ps, value]));
    return ({ theme, narrow }) => ({
        tooltip: {
            trigger: "axis",
            formatter: ([{ dataIndex }]) => {
                const index = Math.floor(dataIndex / 2);
                const now = used.filter(({ key }) => components[key][index] > 0);
                return tooltipLines(
                    `${time(times[index] - start_ps)}: ${power(sum(used.map(({ key }) => components[key][index])))}`,
                    now.map((part) => ({ colour: part.colour(theme), text: `${part.label} ${power(components[part.key][index])}` })),
                );
            },
        },
        xAxis: { type: "value", max: end_ps - start_ps, splitNumber: narrow ? 3 : 8, axisLabel: { formatter: time } },
        yAxis: { type: "value", axisLabel: { formatter: power } },
        series: used.map((part) => ({
            name: part.label,
            type: "line",
            stack: "all",
            symbol: "none",
            lineStyle: { width: 1, color: part.colour(theme) },
            areaStyle: { color: part.colour(theme), opacity: 1 },
            itemStyle: { color: part.colour(theme) },
            data: points(components[part.key]),
        })),
    });
}

const given = (view) =>
    Object.entries(view.power_mw?.components ?? {}).filter(
        ([name, values]) => name !== "total" && values.some((value) => value > 0),
    );

/** Power of each time by component, those that are not in `names` as one: {name: [mW]}. */
function largestComponents(entries, names) {
    const merged = entries[0][1].map((_, index) =>
        mergeOthers(Object.fromEntries(entries.map(([name, values]) => [name, values[index]])), names),
    );
    return Object.fromEntries(names.map((name) => [name, merged.map((values) => values[name])]));
}

/** Power over time by component, of one window of a timeline; null where it has none. */
function powerChart(view, names) {
    const entries = given(view);
    if (entries.length === 0) {
        return null;
    }
    const times = view.power_mw.time_ps.slice(0, entries[0][1].length);
    const rows = entries
        .map(([component, values]) => ({
            component,
            mean: meanPower(times, values, view.end_ps),
            peak: Math.max(...values),
        }))
        .sort((a, b) => b.mean - a.mean);
    const components = largestComponents(entries, names);
    const used = numberedParts(names);
    return chartFrame({
        title: `Power over time: ${view.name}`,
        description:
            `Stacked areas. On average ${power(sum(rows.map((row) => row.mean)))}; ` +
            `the most for ${rows[0].component}, ${power(rows[0].mean)}.`,
        height: 260,
        renderer: "canvas",
        legend: used.map((part) => ({ name: part.label, colour: part.colour })),
        option: powerOption(used, { times, components, start_ps: view.start_ps, end_ps: view.end_ps }),
        table: {
            columns: [
                { key: "component", label: "Component", header: true },
                { key: "mean", label: "Mean", number: true, format: power },
                { key: "peak", label: "Peak", number: true, format: power },
            ],
            rows,
        },
    });
}

/** One for each window, the last decode step first; components have the same colours in all. */
export function powerCharts(timeline) {
    const views = [...(timeline?.windows ?? [])].reverse();
    const means = views.map((view) => ({
        values: Object.fromEntries(given(view).map(([name, values]) => [name, sum(values) / values.length])),
    }));
    const names = largestNames(means);
    return views.map((view) => powerChart(view, names)).filter(Boolean);
}

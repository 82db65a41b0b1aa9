import { stackedBars, tooltipLines } from "../common/bars.js";
import { chartFrame } from "../common/chart.js";
import { meanStep, sum } from "../common/figures.js";
import * as format from "../common/format.js";
import { breakdownParts, parts } from "../common/theme.js";

const phases = (stats) =>
    [
        { label: "Prefill", ps: stats.prefill?.ps, values: stats.prefill?.breakdown_ps },
        { label: "Decode step", ps: stats.decode?.step_ps?.length, values: meanStep(stats) },
        { label: "Setup", ps: stats.setup?.ps, values: stats.setup?.breakdown_ps },
    ].filter(({ ps, values }) => ps > 0 && values);

const stepRows = (steps, breakdowns) => steps.map((ps, index) => ({ step: index, all: ps, ...breakdowns[index] }));

function stepTooltip(steps, breakdowns, theme) {
    return ([{ dataIndex }]) => {
        const shown = parts.filter(({ key }) => breakdowns[dataIndex][key]);
        return tooltipLines(
            `Step ${dataIndex}: ${format.time(steps[dataIndex])}`,
            shown.map(({ key, label }) => ({
                colour: theme.parts[key],
                text: `${label} ${format.time(breakdowns[dataIndex][key])}`,
            })),
        );
    };
}

/** Each decode step as a standing bar, stacked of parts. */
function stepChart(steps, breakdowns) {
    const used = breakdownParts.filter(({ key }) => breakdowns.some((values) => values[key]));
    const longest = steps.indexOf(Math.max(...steps));
    const shortest = steps.indexOf(Math.min(...steps));
    return chartFrame({
        title: "Time of each decode step",
        description:
            `${steps.length} decode steps stacked of parts, from ${format.time(steps[shortest])} (step ${shortest}) ` +
            `to ${format.time(steps[longest])} (step ${longest}).`,
        height: 260,
        renderer: steps.length > 200 ? "canvas" : "svg",
        legend: used.map((part) => ({ name: part.label, colour: part.colour })),
        option: ({ theme }) => ({
            tooltip: {
                trigger: "axis",
                axisPointer: { type: "shadow" },
                formatter: stepTooltip(steps, breakdowns, theme),
            },
            xAxis: { type: "category", name: "step", nameLocation: "middle", data: steps.map((_, index) => index) },
            yAxis: { type: "value", axisLabel: { formatter: format.time } },
            series: used.map((part) => ({
                name: part.label,
                type: "bar",
                stack: "all",
                itemStyle: { color: part.colour(theme) },
                data: breakdowns.map((values) => values[part.key] ?? 0),
            })),
        }),
        table: {
            columns: [
                { key: "step", label: "Step", header: true },
                { key: "all", label: "All", number: true, format: format.time },
                ...used.map(({ key, label }) => ({ key, label, number: true, format: format.time })),
            ],
            rows: stepRows(steps, breakdowns),
        },
    });
}

/** Where the time of phases and steps goes; a list of charts, empty when there is nothing to show. */
export function timeCharts(stats) {
    const bars = phases(stats);
    if (bars.length === 0) {
        return [];
    }
    const steps = stats.decode?.step_ps ?? [];
    const breakdowns = stats.decode?.step_breakdown_ps ?? [];
    const labelled = bars.map(({ label, values }) => ({ label: `${label}, ${format.time(sum(Object.values(values)))}`, values }));
    return [
        stackedBars({
            title: "Where the time goes",
            parts: breakdownParts,
            bars: labelled,
            format: format.time,
            relative: true,
            note: "Each instant counts once: for the one part at work, as overlapped when several were, as idle when none was. The decode step is the mean of all.",
        }),
        steps.length > 1 && breakdowns.length === steps.length ? stepChart(steps, breakdowns) : null,
    ];
}

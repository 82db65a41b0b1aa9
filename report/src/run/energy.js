import { stackedBars } from "../common/bars.js";
import { chartFrame } from "../common/chart.js";
import { element } from "../common/dom.js";
import { headlines, sum } from "../common/figures.js";
import { energy, share } from "../common/format.js";
import { dataTable } from "../common/table.js";
import { numberedParts } from "../common/theme.js";

const phaseParts = [
    { key: "prefill", label: "prefill", colour: (theme) => theme.parts.pim_quantize },
    { key: "decode", label: "decode steps", colour: (theme) => theme.parts.pim_attention },
    { key: "rest", label: "outside both", colour: (theme) => theme.parts.idle },
];

function rows(stats) {
    const total = sum(Object.values(stats.energy_pj));
    return Object.entries(stats.energy_pj)
        .map(([component, all]) => {
            const prefill = stats.prefill?.energy_pj?.[component];
            const decode = stats.decode?.energy_pj?.[component];
            const each = (number) => (decode === undefined || !(number > 0) ? undefined : decode / number);
            return {
                component: component.replaceAll("_", " "),
                all,
                share: total > 0 ? all / total : 0,
                prefill,
                decode,
                step: each(stats.decode?.step_ps?.length),
                token: each(stats.decode?.tokens),
            };
        })
        .sort((a, b) => b.all - a.all);
}

function componentChart(stats, list) {
    const split = list.some((row) => row.prefill !== undefined || row.decode !== undefined);
    const bars = list
        .filter(({ all }) => all > 0)
        .map((row) => ({
            label: row.component,
            // Rounding of the sums must not leave a sliver.
            values: split
                ? { prefill: row.prefill, decode: row.decode, rest: Math.max(0, row.all - (row.prefill ?? 0) - (row.decode ?? 0)) }
                : { rest: row.all },
        }));
    const largest = list[0];
    return stackedBars({
        title: "Energy by component",
        description: `${energy(sum(list.map(({ all }) => all)))} in all; the most for ${largest.component}: ${energy(largest.all)}, ${share(largest.share)}.`,
        parts: split ? phaseParts : [{ ...phaseParts[2], label: "whole run" }],
        bars,
        format: energy,
    });
}

const column = (key, label) => ({ key, label, number: true, format: energy });

function table(list) {
    const known = (key) => list.some((row) => row[key] !== undefined);
    const total = Object.fromEntries(
        ["all", "share", "prefill", "decode", "step", "token"].map((key) => [key, known(key) ? sum(list.map((row) => row[key] ?? 0)) : undefined]),
    );
    return dataTable({
        caption: "Energy by component: whole run, phases, per step and per token",
        sort: true,
        columns: [
            { key: "component", label: "Component", header: true },
            column("all", "Whole run"),
            { key: "share", label: "Share", number: true, format: (value) => share(value) },
            ...[column("prefill", "Prefill"), column("decode", "Decode steps"), column("step", "Per step"), column("token", "Per token")].filter(({ key }) => known(key)),
        ],
        rows: [...list, { component: "all", ...total }],
    });
}

function stepChart(steps) {
    return chartFrame({
        title: "Energy of each decode step",
        description: `${steps.length} steps, from ${energy(Math.min(...steps))} to ${energy(Math.max(...steps))}.`,
        height: 200,
        option: ({ theme }) => ({
            tooltip: { trigger: "axis", valueFormatter: energy },
            xAxis: { type: "category", name: "step", nameLocation: "middle", data: steps.map((_, index) => index) },
            yAxis: { type: "value", axisLabel: { formatter: energy } },
            series: [{ name: "energy", type: "bar", itemStyle: { color: theme.parts.pim_attention }, data: steps }],
        }),
        table: {
            columns: [{ key: "step", label: "Step", header: true }, column("pj", "Energy")],
            rows: steps.map((pj, step) => ({ step, pj })),
        },
    });
}

/** Energy by part and phase; nothing where none was counted. */
export function energyCharts(stats) {
    if (Object.keys(stats.energy_pj ?? {}).length === 0) {
        return [];
    }
    const list = rows(stats);
    const steps = stats.decode?.step_energy_pj ?? [];
    const { total_pj } = headlines(stats);
    return [
        element("p", {}, `${energy(total_pj)} in all.`),
        total_pj > 0 ? element("div", { class: "columns" }, componentChart(stats, list), steps.length > 1 ? stepChart(steps) : null) : null,
        table(list),
    ];
}

import { stackedBars } from "../common/bars.js";
import { element } from "../common/dom.js";
import { headlines, largestNames, meanStep, mergeOthers, sum, verdict } from "../common/figures.js";
import { energy, number, ratio, time } from "../common/format.js";
import { dataTable } from "../common/table.js";
import { breakdownParts, numberedParts } from "../common/theme.js";

const isShown = (values) => values && sum(Object.values(values)) > 0;

function timeBars(title, runs, valuesOf) {
    const bars = runs.map((run) => ({ label: run.title, values: valuesOf(run.stats) })).filter(({ values }) => isShown(values));
    return bars.length === 0 ? null : stackedBars({ title, parts: breakdownParts, bars, format: time });
}

/** Components have the same colours in all of these charts: by `names`. */
function energyBars(title, runs, names, valuesOf) {
    const bars = runs
        .map((run) => ({ label: run.title, values: valuesOf(run.stats) }))
        .filter(({ values }) => isShown(values))
        .map(({ label, values }) => ({ label, values: mergeOthers(values, names) }));
    return bars.length === 0 ? null : stackedBars({ title, parts: numberedParts(names), bars, format: energy });
}

function tokenEnergy(stats) {
    const { energy_pj, tokens } = stats.decode ?? {};
    return energy_pj && tokens > 0 ? Object.fromEntries(Object.entries(energy_pj).map(([name, pj]) => [name, pj / tokens])) : null;
}

/** Time and energy of all runs side by side. */
export function comparisonCharts(runs) {
    const names = largestNames(runs.map(({ stats }) => ({ values: stats.energy_pj ?? {} })));
    const charts = [
        timeBars("A decode step, mean", runs, meanStep),
        timeBars("Prefill", runs, (stats) => stats.prefill?.breakdown_ps),
        energyBars("Energy of a token", runs, names, tokenEnergy),
        energyBars("Energy of the whole run", runs, names, (stats) => stats.energy_pj),
    ].filter(Boolean);
    return charts.length === 0 ? [] : [element("div", { class: "columns" }, charts)];
}

/** What each run is for, and how it stands to the baseline. */
export function answerTable(runs, baseline) {
    const base = headlines(runs[baseline].stats);
    const rows = runs.map(({ title, stats }, index) => {
        const found = headlines(stats);
        return {
            run: index === baseline ? `${title} (baseline)` : title,
            outcome: verdict(stats).text,
            step: found.step_ps,
            faster: found.step_ps > 0 && base.step_ps > 0 ? base.step_ps / found.step_ps : undefined,
            tokens: found.tokens_per_s,
            token_pj: found.token_pj,
            less: found.token_pj > 0 && base.token_pj > 0 ? base.token_pj / found.token_pj : undefined,
            compression: found.compression,
            errors: found.errors,
        };
    });
    const times = (value) => ratio(value, 1);
    const columns = [
        { key: "run", label: "Run", header: true, className: "wrap" },
        { key: "outcome", label: "Outcome" },
        { key: "step", label: "Decode step", number: true, format: time },
        { key: "faster", label: "Faster by", number: true, format: times },
        { key: "tokens", label: "Tokens/s", number: true, format: (value) => number(value) },
        { key: "token_pj", label: "Energy/token", number: true, format: energy },
        { key: "less", label: "Less energy by", number: true, format: times },
        { key: "compression", label: "KV smaller by", number: true, format: times },
        { key: "errors", label: "Errors", number: true },
    ];
    const known = columns.filter(({ key }) => rows.some((row) => row[key] !== undefined));
    return dataTable({ caption: "Answers", sort: true, columns: known, rows });
}

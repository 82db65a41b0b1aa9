import { chartFrame } from "./chart.js";
import { sum } from "./figures.js";
import { share } from "./format.js";

const bar_px = 36; // two lines of its label
const letter_px = 6.5; // of the labels, on average

/** A tooltip's lines: its heading, then each entry with its mark. */
export function tooltipLines(heading, entries) {
    const lines = document.createElement("div");
    const first = document.createElement("strong");
    first.textContent = heading;
    lines.append(first);
    for (const { colour, text } of entries) {
        const line = document.createElement("div");
        const mark = document.createElement("span");
        mark.className = "swatch";
        mark.style.background = colour;
        line.append(mark, text);
        lines.append(line);
    }
    return lines;
}

function seriesOf(parts, bars, relative) {
    return ({ theme }) =>
        parts.map((part) => ({
            name: part.label,
            type: "bar",
            stack: "all",
            barMaxWidth: 26,
            itemStyle: { color: part.colour(theme), borderColor: theme.ground, borderWidth: 1 },
            data: bars.map((bar) => {
                const value = bar.values[part.key] ?? 0;
                const whole = relative ? sum(parts.map(({ key }) => bar.values[key] ?? 0)) : 1;
                return whole === 0 ? 0 : value / whole;
            }),
        }));
}

function stackOption(parts, bars, relative, format) {
    const series = seriesOf(parts, bars, relative);
    const label_px = Math.max(...bars.map(({ label }) => label.length)) * letter_px;
    return ({ theme, narrow }) => ({
        grid: { left: 8, right: 20, top: 4, bottom: 4 },
        tooltip: {
            trigger: "axis",
            axisPointer: { type: "shadow" },
            formatter: ([{ dataIndex }]) => {
                const { label, values } = bars[dataIndex];
                const whole = sum(parts.map(({ key }) => values[key] ?? 0));
                const shown = parts.filter(({ key }) => values[key]);
                return tooltipLines(
                    `${label}: ${format(whole)}`,
                    shown.map((part) => ({
                        colour: part.colour(theme),
                        text: `${part.label} ${format(values[part.key])} (${share(values[part.key], whole)})`,
                    })),
                );
            },
        },
        xAxis: {
            type: "value",
            max: relative ? 1 : undefined,
            splitNumber: narrow ? 3 : 6,
            axisLabel: { formatter: relative ? (value) => share(value).replace(".0", "") : format },
        },
        yAxis: {
            type: "category",
            inverse: true,
            data: bars.map(({ label }) => label),
            axisLabel: { hideOverlap: false, width: Math.min(label_px, narrow ? 120 : 240), overflow: "break", fontSize: 11, lineHeight: 12, color: theme.text },
            axisTick: { show: false },
        },
        series: series({ theme }),
    });
}

/**
 * Lying bars, each stacked of parts. `parts`: [{key, label, colour(theme)}]; `bars`: [{label, values: {part: number}}];
 * `format` makes text of a value; `relative`: each bar is 100 %. The table has a row for each part with each bar's value
 * and share.
 */
export function stackedBars({ title, description, parts, bars, format, relative = false, note }) {
    const used = parts.filter(({ key }) => bars.some(({ values }) => values[key]));
    const columns = [{ key: "part", label: "Part", header: true }];
    bars.forEach((bar, index) => {
        const whole = sum(used.map(({ key }) => bar.values[key] ?? 0));
        columns.push({ key: `bar${index}`, label: bar.label, number: true, format });
        columns.push({ key: `bar${index}`, label: "Share", number: true, format: (value) => share(value, whole) });
    });
    const row = (label, value) => ({
        part: label,
        ...Object.fromEntries(bars.map((bar, index) => [`bar${index}`, value(bar)])),
    });
    const rows = used.map((part) => row(part.label, (bar) => bar.values[part.key] ?? 0));
    return chartFrame({
        title,
        description: description ?? describe(title, used, bars, format),
        height: bars.length * bar_px + 40,
        option: stackOption(used, bars, relative, format),
        legend: used.map((part) => ({ name: part.label, colour: part.colour })),
        table: { columns, rows: [...rows, row("all", (bar) => sum(used.map(({ key }) => bar.values[key] ?? 0)))] },
        note,
    });
}

function describe(title, parts, bars, format) {
    const texts = bars.map(({ label, values }) => {
        const whole = sum(parts.map(({ key }) => values[key] ?? 0));
        const shares = parts.filter(({ key }) => values[key]).map((part) => `${part.label} ${share(values[part.key], whole)}`);
        return `${label}: ${format(whole)}: ${shares.join(", ")}`;
    });
    return `${title}. ${texts.join(". ")}.`;
}

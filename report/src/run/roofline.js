import { tooltipLines } from "../common/bars.js";
import { chartFrame } from "../common/chart.js";
import { count, number, rate, share, time } from "../common/format.js";

const flops_per_mac = 2;

const flops = (value) => rate(value, "FLOP/s");

/** What was computed, on which of the two roofs: {name, roof, flops, bytes, busy_ps, intensity, reached}. */
function works(stats) {
    const list = Object.entries(stats.gpu?.kernels ?? {}).map(([name, kernel]) => ({ name, roof: "gpu", ...kernel }));
    if (stats.pim?.macs > 0) {
        const { macs, column_bytes, busy_ps } = stats.pim;
        list.push({ name: "PIM bank engines", roof: "pim_attention", flops: macs * flops_per_mac, bytes: column_bytes, busy_ps });
    }
    return list.map((work) => ({
        ...work,
        intensity: work.bytes > 0 ? work.flops / work.bytes : null,
        reached: work.busy_ps > 0 ? work.flops / (work.busy_ps * 1e-12) : null,
    }));
}

function roofs(stats) {
    const { gpu = {}, pim = {} } = stats;
    return [
        { key: "gpu", label: "GPU roof", peak: gpu.peak_flops_per_s, bandwidth: gpu.peak_bytes_per_s },
        {
            key: "pim_attention",
            label: "PIM roof",
            peak: pim.peak_macs_per_s * flops_per_mac,
            bandwidth: pim.peak_column_bytes_per_s,
        },
    ].filter(({ peak, bandwidth }) => peak > 0 && bandwidth > 0);
}

const limit = (roof, intensity) => Math.min(roof.peak, roof.bandwidth * intensity);

function extent(values) {
    const exponents = values.map((value) => Math.log10(value));
    return [10 ** Math.floor(Math.min(...exponents) - 0.2), 10 ** Math.ceil(Math.max(...exponents) + 0.2)];
}

function rooflineOption(shown, lines) {
    const [low, high] = extent([...shown.map(({ intensity }) => intensity), ...lines.map(({ peak, bandwidth }) => peak / bandwidth)]);
    const [bottom, top] = extent([...shown.map(({ reached }) => reached), ...lines.map(({ peak }) => peak)]);
    return ({ theme, narrow }) => ({
        grid: { left: 12, right: narrow ? 16 : 100, top: 28, bottom: 28 },
        tooltip: {
            formatter: ({ data, seriesName }) =>
                data.work
                    ? tooltipLines(data.work.name, [
                          { colour: theme.parts[data.work.roof], text: `${number(data.work.intensity)} FLOP/B, ${flops(data.work.reached)}` },
                      ])
                    : seriesName,
        },
        xAxis: { type: "log", min: low, max: high, name: "FLOP per byte", nameLocation: "middle", nameGap: 26, axisLabel: { formatter: (value) => number(value) } },
        yAxis: { type: "log", min: bottom, max: top, name: "FLOP/s", axisLabel: { formatter: (value) => rate(value, "") } },
        series: [
            ...lines.map((roof) => ({
                name: roof.label,
                type: "line",
                symbol: "none",
                silent: true,
                lineStyle: { color: theme.parts[roof.key], width: 2, type: roof.key === "gpu" ? "solid" : "dashed" },
                data: [low, roof.peak / roof.bandwidth, high].map((intensity) => [intensity, limit(roof, intensity)]),
            })),
            ...["gpu", "pim_attention"].map((roof) => ({
                name: roof,
                type: "scatter",
                symbol: roof === "gpu" ? "circle" : "diamond",
                symbolSize: 12,
                itemStyle: { color: theme.parts[roof], borderColor: theme.ground, borderWidth: 1 },
                label: { show: true, position: "right", formatter: ({ data }) => data.work.name, color: theme.text, fontSize: 11 },
                labelLayout: { hideOverlap: true },
                data: shown.filter((work) => work.roof === roof).map((work) => ({ value: [work.intensity, work.reached], work })),
            })),
        ],
    });
}

/** Kernels and the PIM engines under their roofs; null without any. */
export function rooflineChart(stats) {
    const list = works(stats);
    const lines = roofs(stats);
    const shown = list.filter(({ intensity, reached }) => intensity > 0 && reached > 0);
    if (shown.length === 0 || lines.length === 0) {
        return null;
    }
    const roofOf = (work) => lines.find(({ key }) => key === work.roof);
    const rows = list.map((work) => {
        const roof = roofOf(work);
        return { ...work, of_roof: roof && work.intensity > 0 ? work.reached / limit(roof, work.intensity) : null };
    });
    const longest = rows.reduce((a, b) => (b.busy_ps > a.busy_ps ? b : a));
    return chartFrame({
        title: "Roofline of the GPU's kernels and the PIM engines",
        description:
            `${shown.length} kinds of work by operations per byte and per second, under the roofs of GPU and PIM. ` +
            `The longest, ${longest.name}, ran ${time(longest.busy_ps)} at ${flops(longest.reached)}, ${share(longest.of_roof)} of its roof.`,
        height: 380,
        legend: lines.map(({ key, label }) => ({ name: label, colour: (theme) => theme.parts[key] })),
        option: rooflineOption(shown, lines),
        note: "Roofs after efficiency. One multiply-accumulate counts as two operations; bytes of PIM are the columns that its banks read.",
        table: {
            columns: [
                { key: "name", label: "Work", header: true },
                { key: "count", label: "Count", number: true, format: count },
                { key: "busy_ps", label: "Time", number: true, format: time },
                { key: "flops", label: "FLOP", number: true, format: (value) => number(value) },
                { key: "bytes", label: "Bytes", number: true, format: (value) => number(value) },
                { key: "intensity", label: "FLOP/B", number: true, format: (value) => number(value) },
                { key: "reached", label: "Reached", number: true, format: flops },
                { key: "of_roof", label: "Of the roof", number: true, format: (value) => share(value) },
            ],
            rows,
        },
    });
}

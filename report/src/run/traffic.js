import { chartFrame } from "../common/chart.js";
import { bytes, count, number, rate, share, time } from "../common/format.js";

const burst_bytes = 32; // of a channel, and a column that PIM reads (docs/stats.md)

const byName = ([a], [b]) => a.localeCompare(b, "en", { numeric: true });

function linkOption(rows) {
    const percent = (value) => `${number(100 * value, 3)} %`;
    return ({ theme, narrow }) => ({
        grid: { left: 8, right: 20, top: 4, bottom: 4 },
        tooltip: { valueFormatter: (value) => share(value) },
        xAxis: { type: "value", max: ({ max }) => (max > 0.5 ? 1 : null), splitNumber: narrow ? 3 : 6, axisLabel: { formatter: percent } },
        yAxis: {
            type: "category",
            inverse: true,
            data: rows.map(({ name }) => name),
            axisTick: { show: false },
            axisLabel: { interval: 0, hideOverlap: false, width: narrow ? 120 : 220, overflow: "truncate", color: theme.text },
        },
        series: [
            {
                type: "bar",
                barMaxWidth: 16,
                itemStyle: { color: theme.parts.pcie },
                data: rows.map(({ utilisation }) => utilisation),
            },
        ],
    });
}

function linkChart(stats) {
    const rows = Object.entries(stats.links ?? {}).sort(byName).map(([name, link]) => ({ name, ...link }));
    if (!rows.some(({ utilisation }) => utilisation > 0)) {
        return null;
    }
    const busiest = rows.reduce((a, b) => (b.utilisation > a.utilisation ? b : a));
    return chartFrame({
        title: "PCIe links: share of the run in which each direction was busy",
        description: `${rows.length} directions of links. Busiest: ${busiest.name}, ${share(busiest.utilisation)} of the run.`,
        height: rows.length * 24 + 40,
        option: linkOption(rows),
        table: {
            columns: [
                { key: "name", label: "Link", header: true, className: "wrap" },
                { key: "utilisation", label: "Busy", number: true, format: (value) => share(value) },
                { key: "busy_ps", label: "Time", number: true, format: time },
                { key: "tlps", label: "TLPs", number: true, format: count },
                { key: "payload_bytes", label: "Payload", number: true, format: bytes },
                { key: "wire_bytes", label: "On the wire", number: true, format: bytes },
                { key: "replays", label: "Sent again", number: true, format: count },
                { key: "starved_ps", label: "Out of credits", number: true, format: time },
            ],
            rows,
        },
    });
}

const perSecond = (value, ps) => (ps > 0 && value !== undefined ? value / (ps * 1e-12) : undefined);

function channelRows(stats) {
    return Object.entries(stats.channels ?? {}).sort(byName).map(([name, channel]) => {
        const accesses = (channel.reads ?? 0) + (channel.writes ?? 0);
        const missed = (channel.row_misses ?? 0) + (channel.row_conflicts ?? 0);
        const hits = channel.row_hits ?? 0;
        return {
            name,
            ...channel,
            bandwidth: perSecond(accesses * burst_bytes, stats.simulated_ps),
            columns: perSecond((channel.pim_columns ?? 0) * burst_bytes, stats.simulated_ps),
            hit_rate: hits + missed > 0 ? hits / (hits + missed) : null,
        };
    });
}

const channelColumns = [
    { key: "name", label: "Channel", header: true, className: "wrap" },
    { key: "bandwidth", label: "Through the interface", number: true, format: (value) => rate(value, "B/s") },
    { key: "columns", label: "Read inside the banks", number: true, format: (value) => rate(value, "B/s") },
    { key: "hit_rate", label: "Row hits", number: true, format: (value) => share(value) },
    { key: "activates", label: "Rows opened", number: true, format: count },
    { key: "reads", label: "Reads", number: true, format: count },
    { key: "writes", label: "Writes", number: true, format: count },
    { key: "refreshes", label: "Refreshes", number: true, format: count },
    { key: "macs", label: "MACs", number: true, format: count },
    { key: "lookups", label: "Lookups", number: true, format: count },
];

function channelChart(stats, rows, { value, title, part }) {
    if (!rows.some((row) => row[value] > 0)) {
        return null;
    }
    const mean = rows.reduce((total, row) => total + (row[value] ?? 0), 0) / rows.length;
    const busiest = rows.reduce((a, b) => (b[value] > a[value] ? b : a));
    return chartFrame({
        title,
        description: `${rows.length} channels, on average ${rate(mean, "B/s")} each; the most in ${busiest.name}, ${rate(busiest[value], "B/s")}.`,
        height: 220,
        option: ({ theme }) => ({
            tooltip: { valueFormatter: (number) => rate(number, "B/s") },
            xAxis: { type: "category", data: rows.map(({ name }) => name), axisTick: { show: false } },
            yAxis: { type: "value", axisLabel: { formatter: (number) => rate(number, "B/s") } },
            series: [{ type: "bar", barMaxWidth: 24, itemStyle: { color: theme.parts[part] }, data: rows.map((row) => row[value] ?? 0) }],
        }),
        table: { columns: channelColumns, rows },
    });
}

function bankNote(stats) {
    const utilisation = stats.pim?.bank_utilisation;
    const inside = stats.pim?.busy_ps > 0 && stats.pim.peak_column_bytes_per_s > 0;
    const lines = [];
    if (utilisation !== undefined) {
        lines.push(`${share(utilisation)} of the PIM memory's banks hold a part of some KV head among those served side by side.`);
    }
    if (inside) {
        const reached = perSecond(stats.pim.column_bytes, stats.pim.busy_ps);
        lines.push(
            `While computing, the banks read ${rate(reached, "B/s")} of columns, ${share(reached, stats.pim.peak_column_bytes_per_s)} of their peak.`,
        );
    }
    return lines.map((line) => Object.assign(document.createElement("p"), { textContent: line }));
}

/** Charts of what memory channels and links carried, and a text about the banks. */
export function trafficCharts(stats) {
    const rows = channelRows(stats);
    const charts = [
        channelChart(stats, rows, { value: "columns", title: "Columns read inside the banks, mean over the run", part: "pim_attention" }),
        channelChart(stats, rows, { value: "bandwidth", title: "Through the channels' interfaces, mean over the run", part: "gpu" }),
        linkChart(stats),
    ].filter(Boolean);
    const columns = document.createElement("div");
    columns.className = "columns";
    columns.append(...charts);
    return charts.length === 0 ? [] : [...bankNote(stats), columns];
}

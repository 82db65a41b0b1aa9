import { stackedBars } from "../common/bars.js";
import { element } from "../common/dom.js";
import { bytes, ratio } from "../common/format.js";
import { dataTable } from "../common/table.js";

const names = { gpu: "GPU memory", pim: "PIM memory", host: "Host memory" };
const kinds = [
    { key: "weights", label: "weights", colour: (theme) => theme.parts.gpu },
    { key: "kv", label: "KV cache", colour: (theme) => theme.parts.pim_attention },
    { key: "buffers", label: "buffers", colour: (theme) => theme.parts.pcie },
    { key: "free", label: "free", colour: (theme) => theme.line },
];

function memoryChart(stats) {
    const bars = Object.entries(stats.memory ?? {})
        .filter(([, memory]) => memory.capacity_bytes > 0)
        .map(([name, memory]) => {
            const used = memory.weights_bytes + memory.kv_bytes + memory.buffer_bytes;
            return {
                label: `${names[name] ?? name}, ${bytes(memory.capacity_bytes)}`,
                values: {
                    weights: memory.weights_bytes,
                    kv: memory.kv_bytes,
                    buffers: memory.buffer_bytes,
                    free: Math.max(0, memory.capacity_bytes - used),
                },
            };
        });
    return bars.length === 0
        ? null
        : stackedBars({ title: "What is in each memory", parts: kinds, bars, format: bytes, relative: true });
}

function cacheTable(kv) {
    const row = (name, value) => (value === undefined ? null : { name, value, smaller: ratio(kv.bytes_fp16, value) });
    const rows = [
        row("in 16 bits", kv.bytes_fp16),
        row("as stored, in whole columns", kv.bytes_stored),
        row("without padding to columns", kv.bytes_packed),
        kv.bytes_spilled > 0 ? { name: "of it in host memory", value: kv.bytes_spilled, smaller: "" } : null,
    ];
    return dataTable({
        caption: "KV cache",
        columns: [
            { key: "name", label: "KV cache", header: true },
            { key: "value", label: "Size", number: true, format: bytes },
            { key: "smaller", label: "Smaller by", number: true },
        ],
        rows: rows.filter(Boolean),
    });
}

/** What the memories hold, and how large the KV cache is. */
export function memoryCharts(stats) {
    const chart = memoryChart(stats);
    const cache = stats.kv?.bytes_fp16 > 0 ? cacheTable(stats.kv) : null;
    return chart || cache ? [element("div", { class: "columns" }, chart, cache)] : [];
}

import { tooltipLines } from "../common/bars.js";
import { chartFrame } from "../common/chart.js";
import { element, freshId } from "../common/dom.js";
import { sum } from "../common/figures.js";
import { share, time } from "../common/format.js";

const row_px = 18;
const most_rows = 24; // above it, tracks of a kind are shown as one at first

/** "pim.channel3.moves" is of the kind "pim.channel*.moves". */
const kindOf = (path) => path.replace(/\d+/g, "*");

/** Tracks of a kind as one, with the mean of their bins. */
function mergeKinds(tracks) {
    const kinds = new Map();
    for (const track of tracks) {
        const kind = kindOf(track.path);
        kinds.set(kind, [...(kinds.get(kind) ?? []), track]);
    }
    return [...kinds].map(([kind, members]) =>
        members.length === 1
            ? members[0]
            : {
                  path: `${kind} (${members.length})`,
                  group: members[0].group,
                  busy: members[0].busy.map((_, bin) => sum(members.map((track) => track.busy[bin])) / members.length),
              },
    );
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Shares as the page holds them, two digits of base 64 for each in thousandths, or as timeline.json does, a list. */
function shares(busy) {
    const place = (index) => digits.indexOf(busy[index]);
    return Array.isArray(busy)
        ? busy
        : Array.from({ length: busy.length / 2 }, (_, bin) => (64 * place(2 * bin) + place(2 * bin + 1)) / 1000);
}

const mean = (track) => sum(track.busy) / Math.max(track.busy.length, 1);

/** A round step (1, 2 or 5 times a power of ten) that goes about `count` times into `span`. */
function roundStep(span, count) {
    const power = 10 ** Math.floor(Math.log10(span / count));
    return [1, 2, 5, 10].map((factor) => factor * power).find((step) => span / step <= count);
}

/** Round times at the bins that hold them: {bin: text}. */
function ticks(view, bins, count) {
    const span = bins * view.bin_ps;
    const step = roundStep(span, count);
    const labels = {};
    for (let ps = 0; ps < span; ps += step) {
        labels[Math.floor(ps / view.bin_ps)] = time(ps);
    }
    return labels;
}

function heatOption(view, tracks) {
    const bins = tracks[0].busy.length;
    const cells = tracks.flatMap((track, row) => track.busy.map((busy, bin) => [bin, row, busy])).filter(([, , busy]) => busy > 0);
    return ({ theme, narrow }) => {
        const labels = ticks(view, bins, narrow ? 4 : 10);
        return {
            grid: { left: 4, right: 16, top: 4, bottom: 4 },
            tooltip: {
                formatter: ({ value: [bin, row, busy], color }) =>
                    tooltipLines(tracks[row].path, [
                        { colour: color, text: `${time(bin * view.bin_ps)} to ${time((bin + 1) * view.bin_ps)}: ${share(busy)} busy` },
                    ]),
            },
            xAxis: {
                type: "category",
                data: Array.from({ length: bins }, (_, bin) => bin),
                axisTick: { show: false },
                axisLabel: { interval: (bin) => bin in labels, formatter: (bin) => labels[bin], hideOverlap: true },
            },
            yAxis: {
                type: "category",
                inverse: true,
                data: tracks.map(({ path }) => path),
                axisTick: { show: false },
                axisLabel: {
                    interval: 0,
                    hideOverlap: false,
                    fontSize: 11,
                    color: theme.text,
                    width: narrow ? 120 : 230,
                    overflow: "truncate",
                },
            },
            visualMap: {
                show: false,
                min: 0,
                max: 1,
                dimension: 2,
                inRange: { color: [theme.heat_low, theme.heat_high] },
            },
            series: [{ type: "heatmap", data: cells, progressive: 0, itemStyle: { borderWidth: 0 } }],
        };
    };
}

function heatMap(view, tracks) {
    const busiest = [...tracks].sort((a, b) => mean(b) - mean(a)).slice(0, 3);
    const span_ps = view.end_ps - view.start_ps;
    return chartFrame({
        title: `How busy each track was: ${view.name}, ${time(span_ps)}`,
        description:
            `Heat map of ${tracks.length} tracks over ${time(span_ps)}. Busiest on average: ` +
            `${busiest.map((track) => `${track.path} ${share(mean(track))}`).join(", ")}.`,
        height: tracks.length * row_px + 36,
        renderer: "canvas",
        option: heatOption(view, tracks),
        note: `Begins ${time(view.start_ps)} after reset; each cell is ${time(view.bin_ps)}.`,
        table: {
            columns: [
                { key: "path", label: "Track", header: true, className: "wrap" },
                { key: "mean", label: "Busy", number: true, format: (value) => share(value) },
                { key: "peak", label: "Busiest cell", number: true, format: (value) => share(value) },
                { key: "first", label: "First at work", number: true, format: time },
            ],
            rows: tracks.map((track) => ({
                path: track.path,
                mean: mean(track),
                peak: Math.max(0, ...track.busy),
                first: track.busy.some((busy) => busy > 0) ? track.busy.findIndex((busy) => busy > 0) * view.bin_ps : null,
            })),
        },
    });
}

/** What may be chosen of a window's tracks: {label, tracks}. */
function selections(tracks) {
    const groups = [...new Set(tracks.map(({ group }) => group))];
    const merged = { label: "all, alike ones as one", tracks: mergeKinds(tracks) };
    const every = { label: `every track (${tracks.length})`, tracks };
    const single = groups.map((group) => {
        const members = tracks.filter((track) => track.group === group);
        return { label: `${group} (${members.length})`, tracks: members };
    });
    return tracks.length > most_rows ? [merged, ...single, every] : [every, ...single, merged];
}

function select(label, options, onChange) {
    const id = freshId("select");
    const field = element("select", { id, on: { change: () => onChange(field.selectedIndex) } }, options.map((text) => element("option", {}, text)));
    return { field, label: element("span", {}, element("label", { for: id }, `${label} `), field) };
}

/** Which window of `timeline` and which tracks are shown can be chosen; null without any. */
export function timelineChart(timeline) {
    const views = (timeline?.windows ?? [])
        .map((view) => ({
            ...view,
            tracks: view.tracks.filter(({ busy }) => busy.length > 0).map((track) => ({ ...track, busy: shares(track.busy) })),
        }))
        .filter(({ tracks }) => tracks.length > 0)
        .reverse(); // the last decode step before the whole run
    if (views.length === 0) {
        return null;
    }
    const place = element("div");
    let view = views[0];
    const show = (index) => place.replaceChildren(heatMap(view, selections(view.tracks)[index].tracks));
    const tracks = select("Tracks", selections(view.tracks).map(({ label }) => label), show);
    const window = select("Time", views.map(({ name }) => name), (index) => {
        view = views[index];
        tracks.field.replaceChildren(...selections(view.tracks).map(({ label }) => element("option", {}, label)));
        show(0);
    });
    show(0);
    const scale = element("span", {}, "0 % ", element("span", { class: "scale heat", "aria-hidden": "true" }), " 100 % busy");
    return [element("div", { class: "controls" }, window.label, tracks.label, scale), place];
}

import { element, freshId } from "./dom.js";
import { echarts } from "./echarts.js";
import { dataTable } from "./table.js";
import { onThemeChange, theme } from "./theme.js";

const narrow_px = 560;

/** What all charts have in common; what a chart's own option gives stands before it. */
function withDefaults(option, colours) {
    const axis = (given) => ({
        ...given,
        nameTextStyle: { color: colours.faint, ...given.nameTextStyle },
        axisLabel: { color: colours.faint, hideOverlap: true, ...given.axisLabel },
        axisLine: { lineStyle: { color: colours.line }, ...given.axisLine },
        splitLine: { lineStyle: { color: colours.line }, ...given.splitLine },
    });
    const axes = (given) => (Array.isArray(given) ? given.map(axis) : given ? axis(given) : undefined);
    return {
        animation: false,
        color: colours.series,
        textStyle: { color: colours.text, fontFamily: "system-ui, sans-serif" },
        aria: { enabled: false, decal: { show: colours.patterns } },
        legend: { show: false },
        ...option,
        grid: { left: 8, right: 16, top: 16, bottom: 8, outerBoundsMode: "same", ...option.grid },
        tooltip: {
            confine: true,
            backgroundColor: colours.ground,
            borderColor: colours.line,
            textStyle: { color: colours.text },
            ...option.tooltip,
        },
        xAxis: axes(option.xAxis),
        yAxis: axes(option.yAxis),
    };
}

/** Buttons that show and hide the series of `chart`, in place of a legend that only a mouse can use. */
function legendButtons(entries, current) {
    return entries.map(({ name, colour }) => {
        const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
        const paint = () => (swatch.style.background = colour(theme()));
        paint();
        onThemeChange(paint);
        const button = element("button", { type: "button", "aria-pressed": "true" }, swatch, name);
        button.addEventListener("click", () => {
            const shown = button.getAttribute("aria-pressed") !== "true";
            button.setAttribute("aria-pressed", String(shown));
            current()?.dispatchAction({ type: shown ? "legendSelect" : "legendUnSelect", name });
        });
        return button;
    });
}

/**
 * Draws when the place is seen, and again when its width or the theme changes; gives up what it holds when the place is
 * taken out of the page.
 */
function keepDrawn(place, option, renderer, onDrawn) {
    let chart = null;
    const draw = () => {
        const colours = theme();
        const narrow = place.clientWidth < narrow_px;
        chart.setOption(withDefaults(option({ theme: colours, narrow, width: place.clientWidth }), colours), {
            replaceMerge: ["xAxis", "yAxis", "series", "grid"],
        });
        onDrawn(chart);
    };
    let width = 0;
    const observer = new ResizeObserver(() => {
        if (!place.isConnected) {
            observer.disconnect();
            chart?.dispose();
            chart = null;
            return;
        }
        if (place.clientWidth === 0 || place.clientWidth === width) {
            return;
        }
        width = place.clientWidth;
        chart ??= echarts.init(place, null, { renderer });
        chart.resize();
        draw();
    });
    observer.observe(place);
    onThemeChange(() => chart && draw());
    return () => chart;
}

/**
 * A chart with its title, legend and the table that says the same in text.
 *
 * `title`; `description`: what a screen reader says of the picture, with its answer; `height` in px; `option({theme,
 * narrow, width})`: ECharts' option (colours, fonts, tooltip and axes have defaults); `legend`: [{name of a series,
 * colour(theme)}]; `table`: {columns, rows} as dataTable takes them; `note`: text or node below; `renderer`: "svg", or
 * "canvas" for thousands of marks; `onClick(params)`: of a mark, for what can be done in another way too.
 */
export function chartFrame({ title, description, height, option, legend = [], table, note, renderer = "svg", onClick }) {
    const caption = freshId("chart");
    const place = element("div", { class: "drawing", role: "img", "aria-label": description });
    place.style.height = `${height}px`;
    const current = keepDrawn(place, option, renderer, (chart) => {
        buttons.forEach((button, index) => {
            const type = button.getAttribute("aria-pressed") === "true" ? "legendSelect" : "legendUnSelect";
            chart.dispatchAction({ type, name: legend[index].name });
        });
        if (onClick) {
            chart.off("click");
            chart.on("click", onClick);
        }
    });
    const buttons = legendButtons(legend, () => current());
    const details = table
        ? element("details", {}, element("summary", {}, "Figures as a table"), dataTable({ caption: title, sort: true, ...table }))
        : null;
    return element(
        "figure",
        { class: "chart", "aria-labelledby": caption },
        element("figcaption", { id: caption }, title),
        buttons.length === 0 ? null : element("div", { class: "legend", role: "group", "aria-label": "Shown series" }, buttons),
        place,
        note ? element("p", { class: "faint" }, note) : null,
        details,
    );
}

import { parseQuantity } from "./quantity.js";

/** Of a sweep with several sets of points: the axis that says to which set a point belongs. */
export const set_axis = "set";

/** Figures that follow from others; each is undefined where those are missing. */
export const derived_figures = {
    "derived.pcie_share": (figures) => ratio(figures["decode.breakdown_ps.pcie"], figures["decode.total_ps"]),
    "derived.kv_compression": (figures) => ratio(figures["kv.bytes_fp16"], figures["kv.bytes_stored"]),
};

/** a / b; undefined where one is not there or nothing may be divided by b. */
export function ratio(a, b) {
    return Number.isFinite(a) && Number.isFinite(b) && b !== 0 ? a / b : undefined;
}

/** What is shown of a value of an axis that a point does not have. */
export function valueText(value) {
    return value === undefined || value === "" ? "(none)" : value;
}

/**
 * What the page works on, from `sweep.json`: {title, version, axes, points, figure_keys}.
 * An axis is {name, values, numbers}: numbers holds each value's number in base units and is null if one has none, or
 * their units differ. A point is as in `sweep.json`, with its label and its derived figures.
 */
export function readSweep(sweep) {
    const points = sweep.points.map((point) => readPoint(point));
    const axes = readAxes(sweep, points);
    for (const point of points) {
        point.label = pointLabel(point, axes);
    }
    return { title: sweep.title, version: sweep.version, axes, points, figure_keys: figureKeys(points) };
}

function readPoint(point) {
    const figures = { ...point.figures };
    for (const [key, compute] of Object.entries(derived_figures)) {
        const value = compute(figures);
        if (value !== undefined) {
            figures[key] = value;
        }
    }
    return { ...point, axes: { ...point.axes }, figures };
}

function readAxes(sweep, points) {
    const axes = sweep.axes.map(({ name, values }) => ({ name, values }));
    const sets = [...new Set(points.map((point) => point.set))];
    if (sets.length > 1 && !axes.some((axis) => axis.name === set_axis)) {
        axes.unshift({ name: set_axis, values: sets });
        for (const point of points) {
            point.axes[set_axis] = point.set;
        }
    }
    return axes.map((axis) => ({
        name: axis.name,
        numbers: axisNumbers(axis.values),
        values: points.some((point) => point.axes[axis.name] === undefined) ? [...axis.values, ""] : [...axis.values],
    }));
}

function axisNumbers(values) {
    const quantities = values.map(parseQuantity);
    if (quantities.some((quantity) => !quantity || quantity.unit !== quantities[0].unit)) {
        return null;
    }
    return new Map(values.map((value, i) => [value, quantities[i].value]));
}

function pointLabel(point, axes) {
    const values = axes.map((axis) => point.axes[axis.name]).filter((value) => value !== undefined && value !== "");
    return values.length ? values.join(" · ") : point.name;
}

function figureKeys(points) {
    const keys = new Set();
    for (const point of points) {
        for (const [key, value] of Object.entries(point.figures)) {
            if (typeof value === "number") {
                keys.add(key);
            }
        }
    }
    return [...keys].sort();
}

/** The path of a file in a point's directory, as a link needs it. */
export function pointFile(point, file) {
    return [...point.directory.split("/"), file].map(encodeURIComponent).join("/");
}

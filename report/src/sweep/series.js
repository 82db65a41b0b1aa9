import { valueText } from "./points.js";

/**
 * Curves of a figure along an axis: one for each combination of the other axes' values; those in `fixed` (axis -> value)
 * must have that value. Each is {name, data: [{x, y, point}]} in the order of the axis; x is the value's number where
 * the axis has numbers, else its text.
 */
export function buildSeries({ points, axes }, { x_axis, figure, fixed = {} }) {
    const axis = axes.find(({ name }) => name === x_axis);
    const others = axes.filter(({ name }) => name !== x_axis);
    const curves = new Map();
    for (const point of points) {
        const value = point.axes[x_axis];
        const y = point.figures[figure];
        if (value === undefined || !Number.isFinite(y) || !hasValues(point, fixed, x_axis)) {
            continue;
        }
        const name = curveName(point, others, fixed);
        if (!curves.has(name)) {
            curves.set(name, []);
        }
        curves.get(name).push({ x: axis.numbers ? axis.numbers.get(value) : value, y, value, point });
    }
    const place = (entry) => (axis.numbers ? entry.x : axis.values.indexOf(entry.value));
    return [...curves].map(([name, data]) => ({ name, data: data.sort((a, b) => place(a) - place(b)) }));
}

function hasValues(point, fixed, x_axis) {
    return Object.entries(fixed).every(([axis, value]) => axis === x_axis || (point.axes[axis] ?? "") === value);
}

function curveName(point, others, fixed) {
    const varying = others.filter(({ name, values }) => fixed[name] === undefined && values.length > 1);
    return varying.map(({ name }) => valueText(point.axes[name])).join(" · ") || "all points";
}

/** The points that pass: every word of `text` is in the point's label or status, and each axis of `wanted` has its value. */
export function filterPoints(points, text, wanted) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return points.filter((point) => {
        const line = `${point.label} ${point.status}`.toLowerCase();
        return (
            words.every((word) => line.includes(word)) &&
            Object.entries(wanted).every(([axis, value]) => (point.axes[axis] ?? "") === value)
        );
    });
}

/** What a column sorts by: {axis}, a figure's key, "point" or "status". */
export function sortKey(point, column, axes) {
    if (column.startsWith("axis:")) {
        const axis = axes.find(({ name }) => name === column.slice("axis:".length));
        return axis?.values.indexOf(point.axes[axis.name] ?? "");
    }
    if (column === "point") {
        return point.index;
    }
    return column === "status" ? point.status : point.figures[column];
}

/** Numbers before texts; without a value last in either direction; ties keep the sweep's order. */
export function sortPoints(points, column, descending, axes) {
    const keyed = points.map((point) => ({ point, key: sortKey(point, column, axes) }));
    const sign = descending ? -1 : 1;
    return keyed
        .sort((a, b) => {
            if (a.key === undefined || b.key === undefined) {
                return (a.key === undefined) - (b.key === undefined) || a.point.index - b.point.index;
            }
            return sign * compareKeys(a.key, b.key) || a.point.index - b.point.index;
        })
        .map(({ point }) => point);
}

function compareKeys(a, b) {
    if (typeof a === "number" && typeof b === "number") {
        return a - b;
    }
    if (typeof a !== typeof b) {
        return typeof a === "number" ? -1 : 1;
    }
    return String(a).localeCompare(String(b), "en");
}

import { ratio } from "./points.js";

/**
 * Each point's figure beside that of its baseline: {point, baseline, value, baseline_value, difference, ratio}.
 * `baseline` is {index}: one point for all; or {axis, value}: for each point the one that has `value` on `axis` and
 * the same values on all other axes. What is not known is undefined. With `inverse` the ratio is the baseline's value
 * over the point's, a gain where less is better.
 */
export function differences({ points, all_points, axes }, { baseline, figure, inverse = false }) {
    const find = baselineOf(all_points, axes, baseline);
    return points.map((point) => {
        const other = find(point);
        const value = point.figures[figure];
        const baseline_value = other?.figures[figure];
        const both = Number.isFinite(value) && Number.isFinite(baseline_value);
        return {
            point,
            baseline: other,
            value,
            baseline_value,
            difference: both ? value - baseline_value : undefined,
            ratio: inverse ? ratio(baseline_value, value) : ratio(value, baseline_value),
        };
    });
}

function baselineOf(points, axes, baseline) {
    if (baseline.index !== undefined) {
        const chosen = points.find(({ index }) => index === baseline.index);
        return () => chosen;
    }
    const others = axes.filter(({ name }) => name !== baseline.axis);
    const place = (point) => JSON.stringify(others.map(({ name }) => point.axes[name] ?? ""));
    const by_place = new Map();
    for (const point of points) {
        if ((point.axes[baseline.axis] ?? "") === baseline.value) {
            by_place.set(place(point), point);
        }
    }
    return (point) => by_place.get(place(point));
}

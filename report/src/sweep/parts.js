/** What a decode step divides into: a figure of a mean step, and the figures of all steps whose shares it is cut by. */
export const divisions = {
    time: { total: "decode.mean_step_ps", parts: "decode.breakdown_ps." },
    energy: { total: "decode.mean_step_energy_pj", parts: "decode.energy_pj." },
};

/** The parts' names that some point has, in the order in which the points bring them. */
export function partNames(points, division) {
    const prefix = divisions[division].parts;
    const names = new Set();
    for (const point of points) {
        for (const key of Object.keys(point.figures)) {
            if (key.startsWith(prefix)) {
                names.add(key.slice(prefix.length));
            }
        }
    }
    return [...names];
}

/** {part: share of a mean decode step}, which sum to the step's total (or to 1 with `relative`); null without figures. */
export function stepParts(point, division, relative) {
    const { total, parts } = divisions[division];
    const entries = Object.entries(point.figures).filter(
        ([key, value]) => key.startsWith(parts) && Number.isFinite(value),
    );
    const sum = entries.reduce((so_far, [, value]) => so_far + value, 0);
    const whole = relative ? 1 : point.figures[total];
    if (sum === 0 || !Number.isFinite(whole)) {
        return null;
    }
    return Object.fromEntries(entries.map(([key, value]) => [key.slice(parts.length), (value / sum) * whole]));
}

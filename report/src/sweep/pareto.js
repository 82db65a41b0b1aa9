/**
 * The Pareto front of points in two figures, each to be smallest ("min") or largest ("max"): those that no other point
 * beats in one figure without losing in the other. In order of x, best first; points that are equal in both are all
 * on it. Points without both figures are left out.
 */
export function paretoFront(points, x, y, x_goal = "min", y_goal = "min") {
    const cost = (point, figure, goal) => (goal === "min" ? 1 : -1) * point.figures[figure];
    const candidates = points
        .filter((point) => Number.isFinite(point.figures[x]) && Number.isFinite(point.figures[y]))
        .map((point) => ({ point, x: cost(point, x, x_goal), y: cost(point, y, y_goal) }))
        .sort((a, b) => a.x - b.x || a.y - b.y || a.point.index - b.point.index);
    const front = [];
    for (const candidate of candidates) {
        const last = front[front.length - 1];
        const equals_last = last && candidate.x === last.x && candidate.y === last.y;
        if (!last || candidate.y < last.y || equals_last) {
            front.push(candidate);
        }
    }
    return front.map(({ point }) => point);
}

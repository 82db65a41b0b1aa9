import assert from "node:assert/strict";
import test from "node:test";

import { paretoFront } from "../../src/sweep/pareto.js";

const named = (pairs) => pairs.map(([x, y], index) => ({ index, figures: { x, y } }));
const front = (pairs, ...goals) => paretoFront(named(pairs), "x", "y", ...goals).map(({ index }) => index);

/** By the definition: nobody is at least as good in both and better in one. */
function frontByDefinition(points, x_sign, y_sign) {
    const beats = (a, b) => {
        const dx = x_sign * (a.figures.x - b.figures.x);
        const dy = y_sign * (a.figures.y - b.figures.y);
        return dx <= 0 && dy <= 0 && (dx < 0 || dy < 0);
    };
    return points.filter((point) => !points.some((other) => beats(other, point))).map(({ index }) => index);
}

test("what another point beats in both figures is not on the front", () => {
    assert.deepEqual(
        front([
            [1, 5],
            [2, 2],
            [3, 3],
            [5, 1],
        ]),
        [0, 1, 3],
    );
});

test("a point that is equal in one figure and worse in the other is not on the front", () => {
    assert.deepEqual(
        front([
            [1, 1],
            [1, 2],
            [2, 1],
        ]),
        [0],
    );
});

test("equal points are all on the front", () => {
    assert.deepEqual(
        front([
            [1, 1],
            [1, 1],
            [2, 2],
        ]),
        [0, 1],
    );
});

test("the largest is best where asked for", () => {
    assert.deepEqual(
        front(
            [
                [1, 5],
                [2, 6],
                [3, 4],
            ],
            "max",
            "max",
        ),
        [2, 1],
    );
    assert.deepEqual(
        front(
            [
                [1, 5],
                [2, 6],
                [3, 4],
            ],
            "min",
            "max",
        ),
        [0, 1],
    );
});

test("points without both figures are left out", () => {
    assert.deepEqual(
        front([
            [undefined, 1],
            [1, NaN],
            [2, 2],
        ]),
        [2],
    );
    assert.deepEqual(front([]), []);
});

test("it is what the definition says for 200 points on a coarse grid in all four directions", () => {
    let state = 12345;
    const next = () => (state = (state * 1103515245 + 12345) % 2147483648) >> 16;
    const points = named(Array.from({ length: 200 }, () => [next() % 40, next() % 40]));
    for (const [x_goal, x_sign] of [
        ["min", 1],
        ["max", -1],
    ]) {
        for (const [y_goal, y_sign] of [
            ["min", 1],
            ["max", -1],
        ]) {
            const found = paretoFront(points, "x", "y", x_goal, y_goal).map(({ index }) => index);
            assert.deepEqual(
                found.sort((a, b) => a - b),
                frontByDefinition(points, x_sign, y_sign),
            );
        }
    }
});

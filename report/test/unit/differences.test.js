import assert from "node:assert/strict";
import test from "node:test";

import { differences } from "../../src/sweep/differences.js";
import { readSweep } from "../../src/sweep/points.js";
import { sampleSweep } from "./sample.js";

const steps = Object.fromEntries([10, 20, 40, 5, 8, 10].map((value, index) => [index, { t: value }]));

function compare(choice, figures = steps, shown = () => true) {
    const { points, axes } = readSweep(sampleSweep(figures));
    return differences({ points: points.filter(shown), all_points: points, axes }, { figure: "t", ...choice });
}

test("each point is compared with the one that differs from it only in the baseline's axis", () => {
    const rows = compare({ baseline: { axis: "variant", value: "gpu" } });
    assert.deepEqual(
        rows.map(({ ratio }) => ratio),
        [1, 1, 1, 0.5, 0.4, 0.25],
    );
    assert.deepEqual(
        rows.map(({ baseline }) => baseline.index),
        [0, 1, 2, 0, 1, 2],
    );
    assert.deepEqual(
        rows.map(({ difference }) => difference),
        [0, 0, 0, -5, -12, -30],
    );
});

test("a baseline that the filter hides still counts", () => {
    const rows = compare(
        { baseline: { axis: "variant", value: "gpu" } },
        steps,
        ({ axes }) => axes.variant === "aqpim",
    );
    assert.deepEqual(
        rows.map(({ ratio }) => ratio),
        [0.5, 0.4, 0.25],
    );
});

test("one point can be the baseline of all", () => {
    assert.deepEqual(
        compare({ baseline: { index: 0 } }).map(({ ratio }) => ratio),
        [1, 2, 4, 0.5, 0.8, 1],
    );
});

test("an inverse ratio says how many times less a point has than its baseline", () => {
    const rows = compare({ baseline: { axis: "variant", value: "gpu" }, inverse: true });
    assert.deepEqual(
        rows.slice(3).map(({ ratio }) => ratio),
        [2, 2.5, 4],
    );
});

test("without a baseline or its figure there is no ratio", () => {
    const rows = compare({ baseline: { axis: "variant", value: "gpu" } }, { ...steps, 1: {}, 2: { t: 0 } });
    assert.deepEqual(
        rows.map(({ ratio }) => ratio),
        [1, undefined, undefined, 0.5, undefined, undefined],
    );
    assert.deepEqual(
        compare({ baseline: { index: 99 } }).map(({ ratio }) => ratio),
        Array(6).fill(undefined),
    );
});

import assert from "node:assert/strict";
import test from "node:test";

import { filterPoints, sortPoints } from "../../src/sweep/choose.js";
import { readSweep } from "../../src/sweep/points.js";
import { sampleSweep } from "./sample.js";

const indices = (points) => points.map(({ index }) => index);

test("every word of the filter has to be found", () => {
    const { points } = readSweep(sampleSweep());
    assert.deepEqual(indices(filterPoints(points, "GPU 20", {})), [1]);
    assert.deepEqual(indices(filterPoints(points, "", {})), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(indices(filterPoints(points, "gpu aqpim", {})), []);
});

test("the status can be searched for", () => {
    const sweep = sampleSweep();
    sweep.points[4].status = "failed";
    assert.deepEqual(indices(filterPoints(readSweep(sweep).points, "failed", {})), [4]);
});

test("wanted values of axes are exact and also find points without a value", () => {
    const sweep = sampleSweep();
    delete sweep.points[3].axes["workload.prompt"];
    const { points } = readSweep(sweep);
    assert.deepEqual(indices(filterPoints(points, "", { variant: "aqpim", "workload.prompt": "4096" })), [5]);
    assert.deepEqual(indices(filterPoints(points, "", { "workload.prompt": "" })), [3]);
});

test("figures sort as numbers and a missing one is last in both directions", () => {
    const { points, axes } = readSweep(sampleSweep({ 0: { t: 10 }, 1: { t: 9 }, 2: { t: 100 } }));
    assert.deepEqual(indices(sortPoints(points, "t", false, axes)), [1, 0, 2, 3, 4, 5]);
    assert.deepEqual(indices(sortPoints(points, "t", true, axes)), [2, 0, 1, 3, 4, 5]);
});

test("an axis sorts in its own order, not by the alphabet", () => {
    const { points, axes } = readSweep(sampleSweep());
    assert.deepEqual(indices(sortPoints(points, "axis:variant", false, axes)), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(indices(sortPoints(points, "axis:workload.prompt", true, axes)), [2, 5, 1, 4, 0, 3]);
});

test("sorting leaves the list that it was given as it was", () => {
    const { points, axes } = readSweep(sampleSweep({ 0: { t: 2 }, 1: { t: 1 } }));
    sortPoints(points, "t", false, axes);
    assert.deepEqual(indices(points), [0, 1, 2, 3, 4, 5]);
});

test("texts and numbers in one column do not mix", () => {
    const { points, axes } = readSweep(sampleSweep({ 0: { t: "b" }, 1: { t: 5 }, 2: { t: "a" }, 3: { t: -1 } }));
    assert.deepEqual(indices(sortPoints(points, "t", false, axes)), [3, 1, 2, 0, 4, 5]);
});

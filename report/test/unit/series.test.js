import assert from "node:assert/strict";
import test from "node:test";

import { readSweep } from "../../src/sweep/points.js";
import { buildSeries } from "../../src/sweep/series.js";
import { sampleSweep } from "./sample.js";

const steps = Object.fromEntries([10, 20, 40, 5, 6, 8].map((value, index) => [index, { t: value }]));
const pairs = (series) => series.map(({ name, data }) => [name, data.map(({ x, y }) => [x, y])]);

test("there is a curve for each value of the other axis", () => {
    const series = buildSeries(readSweep(sampleSweep(steps)), { x_axis: "workload.prompt", figure: "t" });
    assert.deepEqual(pairs(series), [
        [
            "gpu",
            [
                [1024, 10],
                [2048, 20],
                [4096, 40],
            ],
        ],
        [
            "aqpim",
            [
                [1024, 5],
                [2048, 6],
                [4096, 8],
            ],
        ],
    ]);
});

test("along an axis of names the points keep the axis's order", () => {
    const model = readSweep(sampleSweep(steps));
    model.points.reverse();
    const series = buildSeries(model, { x_axis: "variant", figure: "t", fixed: { "workload.prompt": "2048" } });
    assert.deepEqual(pairs(series), [
        [
            "all points",
            [
                ["gpu", 20],
                ["aqpim", 6],
            ],
        ],
    ]);
});

test("numbers are in order of size however the sweep lists them", () => {
    const sweep = sampleSweep(steps);
    sweep.axes[1].values.reverse();
    const series = buildSeries(readSweep(sweep), { x_axis: "workload.prompt", figure: "t", fixed: { variant: "gpu" } });
    assert.deepEqual(pairs(series)[0][1], [
        [1024, 10],
        [2048, 20],
        [4096, 40],
    ]);
});

test("a fixed value of the curve's own axis is passed over", () => {
    const fixed = { "workload.prompt": "1024", variant: "aqpim" };
    const series = buildSeries(readSweep(sampleSweep(steps)), { x_axis: "workload.prompt", figure: "t", fixed });
    assert.equal(series[0].data.length, 3);
});

test("failed points and figures that are no numbers leave gaps", () => {
    const series = buildSeries(readSweep(sampleSweep({ ...steps, 1: {}, 4: { t: "x" } })), {
        x_axis: "workload.prompt",
        figure: "t",
    });
    assert.deepEqual(
        series.map(({ data }) => data.length),
        [2, 2],
    );
});

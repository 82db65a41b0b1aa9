import assert from "node:assert/strict";
import test from "node:test";

import { partNames, stepParts } from "../../src/sweep/parts.js";

const point = {
    figures: {
        "decode.mean_step_ps": 100,
        "decode.breakdown_ps.host": 50,
        "decode.breakdown_ps.pcie": 150,
        "decode.energy_pj.pcie": 7,
    },
};

test("a mean step divides as all steps together do", () => {
    assert.deepEqual(stepParts(point, "time", false), { host: 25, pcie: 75 });
    assert.deepEqual(stepParts(point, "time", true), { host: 0.25, pcie: 0.75 });
});

test("without the step's total there are only shares", () => {
    assert.equal(stepParts(point, "energy", false), null);
    assert.deepEqual(stepParts(point, "energy", true), { pcie: 1 });
});

test("a point without parts or with empty ones has no division", () => {
    assert.equal(stepParts({ figures: {} }, "time", true), null);
    assert.equal(stepParts({ figures: { "decode.breakdown_ps.host": 0 } }, "time", true), null);
});

test("all parts that any point has are named once", () => {
    const other = { figures: { "decode.breakdown_ps.gpu": 1, "decode.breakdown_ps.pcie": 1 } };
    assert.deepEqual(partNames([point, other], "time"), ["host", "pcie", "gpu"]);
});

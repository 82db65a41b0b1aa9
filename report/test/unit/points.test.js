import assert from "node:assert/strict";
import test from "node:test";

import { pointFile, readSweep } from "../../src/sweep/points.js";
import { parseQuantity } from "../../src/sweep/quantity.js";
import { sampleSweep } from "./sample.js";

test("a quantity is read in its base unit", () => {
    assert.deepEqual(parseQuantity("4096"), { value: 4096, unit: "" });
    assert.deepEqual(parseQuantity("16GiB"), { value: 16 * 2 ** 30, unit: "B" });
    assert.deepEqual(parseQuantity("25GB/s"), { value: 25e9, unit: "B/s" });
    assert.deepEqual(parseQuantity("0.5 MHz"), { value: 5e5, unit: "Hz" });
    assert.equal(parseQuantity("2pJ/bit").unit, "J/bit");
});

test("a text that is no number is no quantity", () => {
    for (const text of ["", "auto", "gpu", "4096 tokens", "1.2.3", "1e3x", "-"]) {
        assert.equal(parseQuantity(text), null, text);
    }
});

test("an axis has numbers only where all its values have one of the same unit", () => {
    const sweep = sampleSweep();
    sweep.axes.push({ name: "mixed", values: ["1GiB", "2GB/s"] }, { name: "link", values: ["25GB/s", "0.1TB/s"] });
    const numbers = Object.fromEntries(readSweep(sweep).axes.map((axis) => [axis.name, axis.numbers]));
    assert.equal(numbers.variant, null);
    assert.equal(numbers.mixed, null);
    assert.deepEqual([...numbers["workload.prompt"].values()], [1024, 2048, 4096]);
    assert.deepEqual([...numbers.link.values()], [25e9, 100e9]);
});

test("several sets of points become an axis of their own", () => {
    const sweep = sampleSweep();
    sweep.points[0].set = "reference";
    const { axes, points } = readSweep(sweep);
    assert.deepEqual(axes[0].values, ["reference", "grid"]);
    assert.equal(points[0].axes.set, "reference");
    assert.equal(points[0].label, "reference · gpu · 1024");
});

test("a value that a point does not have is the empty one, the last of its axis", () => {
    const sweep = sampleSweep();
    delete sweep.points[3].axes["workload.prompt"];
    const { axes, points } = readSweep(sweep);
    assert.deepEqual(axes[1].values, ["1024", "2048", "4096", ""]);
    assert.equal(points[3].label, "aqpim");
});

test("shares and compression follow from the figures and are left out where one is missing", () => {
    const figures = {
        "decode.breakdown_ps.pcie": 30,
        "decode.total_ps": 40,
        "kv.bytes_fp16": 65,
        "kv.bytes_stored": 10,
    };
    const { points, figure_keys } = readSweep(
        sampleSweep({ 0: figures, 1: { "kv.bytes_fp16": 65, "kv.bytes_stored": 0 } }),
    );
    assert.equal(points[0].figures["derived.pcie_share"], 0.75);
    assert.equal(points[0].figures["derived.kv_compression"], 6.5);
    assert.equal(points[1].figures["derived.pcie_share"], undefined);
    assert.equal(points[1].figures["derived.kv_compression"], undefined);
    assert.ok(figure_keys.includes("derived.kv_compression"));
});

test("only numbers are figures to draw", () => {
    const { figure_keys } = readSweep(sampleSweep({ 0: { a: 1, b: "text", c: true } }));
    assert.deepEqual(figure_keys, ["a"]);
});

test("a link to a point's file is fit for a URL", () => {
    assert.equal(pointFile({ directory: "points/0_a+b=50%#" }, "report.html"), "points/0_a%2Bb%3D50%25%23/report.html");
});

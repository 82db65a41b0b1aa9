import assert from "node:assert/strict";
import test from "node:test";

import { formatHash, joinList, parseHash, splitList } from "../../src/sweep/view_state.js";

const fields = [
    { name: "figure", default: "t", allows: (text) => ["t", "energy"].includes(text) },
    { name: "filter", default: "", allows: () => true },
    { name: "axis:a=b", default: "", allows: () => true },
];

test("what was written is read back", () => {
    const values = { figure: "energy", filter: "a & b = 50% #1 ä", "axis:a=b": "x" };
    assert.deepEqual(parseHash(`#${formatHash(values, fields)}`, fields), values);
});

test("defaults are not written", () => {
    assert.equal(formatHash({ figure: "t", filter: "", "axis:a=b": "" }, fields), "");
    assert.equal(formatHash({ figure: "energy", filter: "", "axis:a=b": "" }, fields), "figure=energy");
});

test("unknown names and values that are not allowed count as not given", () => {
    assert.deepEqual(parseHash("#figure=nonsense&other=1", fields), { figure: "t", filter: "", "axis:a=b": "" });
    assert.deepEqual(parseHash("#%E0%A4%A", fields), { figure: "t", filter: "", "axis:a=b": "" });
});

test("lists are joined and split again", () => {
    assert.deepEqual(splitList(""), []);
    assert.deepEqual(splitList(joinList(["a", "b"])), ["a", "b"]);
});

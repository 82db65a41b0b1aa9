import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import * as browsers from "../browser.js";
import { makeFolder } from "../pages.js";

// A page that does wrong what the other tests look for.
const bad_page = `<!DOCTYPE html><html lang="en"><head><title>bad</title></head><body><main><h1>Bad</h1>
<p style="color:#bbb;background:#fff">hardly to be read</p>
<div style="width:3000px">too wide</div>
<a href="#here" style="outline:none">no focus to see</a>
<figure class="chart"><figcaption>Mute</figcaption><div role="img" aria-label="chart"></div></figure>
<img alt="" src="other.png">
<script>console.warn("watch out"); setTimeout(() => { throw new Error("thrown"); });</script>
</main></body></html>`;

const scene = {};

before(async () => {
    Object.assign(scene, makeFolder());
    const file = path.join(scene.folder, "bad.html");
    writeFileSync(file, bad_page);
    scene.browser = await browsers.launch();
    Object.assign(scene, await browsers.openPage(scene.browser, file, { size: browsers.sizes.phone }));
});
after(async () => {
    await scene.browser?.close();
    scene.remove();
});

test("messages, exceptions and requests are complained of", () => {
    const text = scene.complaints.join("\n");
    for (const part of ["console: watch out", "exception: thrown", "request: file:", "other.png"]) {
        assert.ok(text.includes(part), `${part} is missing in ${text}`);
    }
});

test("what is too wide is found", async () => {
    const { pixels, beyond } = await browsers.overflow(scene.page);
    assert.ok(pixels > 2000);
    assert.equal(beyond.length, 1);
});

test("text of too little contrast is found", async () => {
    assert.match((await browsers.violations(scene.page)).join("\n"), /color-contrast/);
});

test("a chart without picture and text is found", async () => {
    assert.deepEqual(await browsers.chartsWithoutText(scene.page), ["Mute"]);
    assert.deepEqual(await browsers.drawnCharts(scene.page), [{ title: "Mute", drawn: false }]);
});

test("a focus that does not show is found and what Tab never reaches too", async () => {
    await browsers.tabTo(scene.page, "a");
    assert.equal((await browsers.focused(scene.page)).visible, false);
    await assert.rejects(browsers.tabTo(scene.page, "h1", 5), /did not reach h1/);
});

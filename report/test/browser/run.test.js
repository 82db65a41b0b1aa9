import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";

import * as browsers from "../browser.js";
import { makeFolder, runPage } from "../pages.js";
import { testQuality } from "./quality.js";

const scene = {};

before(async () => {
    Object.assign(scene, makeFolder());
    scene.file = runPage(scene.folder, "run");
    scene.browser = await browsers.launch();
});
after(async () => {
    await scene.browser?.close();
    scene.remove();
});

testQuality("run", () => scene);

test("the run page is smaller than 1 MB", () => assert.ok(statSync(scene.file).size < 1e6));

test("parameters are filtered and sorted by keyboard", async () => {
    const { page, complaints } = await browsers.openPage(scene.browser, scene.file);
    const shown = () =>
        page.$$eval("#parameters tbody tr:not([hidden])", (rows) =>
            rows.map((row) => [...row.cells].map(({ textContent }) => textContent)),
        );
    const all = (await shown()).length;
    await browsers.tabTo(page, '#parameters input[type="search"]');
    await page.keyboard.type("workload.steps");
    const rows = await shown();
    assert.ok(rows.length > 0 && rows.length < all);
    assert.deepEqual([rows[0][0], rows[0][1]], ["workload.steps", "4"]);
    await browsers.tabTo(page, "#parameters th button");
    await page.keyboard.press("Enter");
    assert.equal(await page.$eval("#parameters th[aria-sort]", (head) => head.getAttribute("aria-sort")), "ascending");
    await page.keyboard.press("Space");
    assert.equal(await page.$eval("#parameters th[aria-sort]", (head) => head.getAttribute("aria-sort")), "descending");
    assert.deepEqual(complaints, []);
    await page.close();
});

test("the keyboard hides and shows a chart's series", async () => {
    const { page, complaints } = await browsers.openPage(scene.browser, scene.file);
    const button = "figure.chart .legend button";
    const pressed = () => page.$eval(button, (first) => first.getAttribute("aria-pressed"));
    const picture = () => page.$eval("figure.chart:has(.legend) .drawing", ({ innerHTML }) => innerHTML);
    const before_press = await picture();
    await browsers.tabTo(page, button);
    await page.keyboard.press("Space");
    await browsers.settle(page);
    assert.equal(await pressed(), "false");
    assert.notEqual(await picture(), before_press);
    await page.keyboard.press("Enter");
    assert.equal(await pressed(), "true");
    assert.deepEqual(complaints, []);
    await page.close();
});

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";

import * as browsers from "../browser.js";
import { comparisonPage, makeFolder, runPage } from "../pages.js";
import { testQuality } from "./quality.js";

const scene = {};

before(async () => {
    Object.assign(scene, makeFolder());
    const runs = { aqpim: [], attacc: ["workload.policy=fp16"] };
    Object.entries(runs).forEach(([name, settings]) => runPage(scene.folder, name, ...settings));
    scene.file = comparisonPage(
        scene.folder,
        Object.keys(runs).map((name) => path.join(scene.folder, name)),
    );
    scene.browser = await browsers.launch();
});
after(async () => {
    await scene.browser?.close();
    scene.remove();
});

testQuality("comparison", () => scene);

test("the comparison names both runs and the parameter that differs", async () => {
    const { page, complaints } = await browsers.openPage(scene.browser, scene.file);
    const text = await page.$eval("body", ({ innerText }) => innerText);
    for (const part of ["aqpim", "attacc", "workload.policy", "fp16"]) {
        assert.ok(text.includes(part), part);
    }
    assert.deepEqual(complaints, []);
    await page.close();
});

test("another baseline is chosen by keyboard", async () => {
    const { page, complaints } = await browsers.openPage(scene.browser, scene.file);
    const text = () => page.$eval("main", ({ textContent }) => textContent);
    const before_choice = await text();
    await browsers.tabTo(page, "select");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.notEqual(await text(), before_choice);
    assert.deepEqual(complaints, []);
    await page.close();
});

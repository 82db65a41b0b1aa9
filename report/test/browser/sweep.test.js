import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as browsers from "../browser.js";
import { makeFolder, sweepPage } from "../pages.js";
import { failure_message, sampleSweep } from "../sample_sweep.js";
import { testQuality } from "./quality.js";

const sweep = sampleSweep();
const scene = {};

before(async () => {
    Object.assign(scene, makeFolder());
    scene.file = sweepPage(scene.folder, sweep);
    scene.browser = await browsers.launch();
});
after(async () => {
    await scene.browser?.close();
    scene.remove();
});

testQuality("sweep", () => scene);

/** A test on the page, after which it must have nothing to complain of. */
function pageTest(name, body, options = {}) {
    test(name, async () => {
        const { page, complaints } = await browsers.openPage(scene.browser, scene.file, options);
        await body(page);
        await browsers.settle(page);
        assert.deepEqual(complaints, []);
        await page.close();
    });
}

const shownIndices = (page) =>
    page.$$eval("#points-table tbody th", (cells) => cells.map((cell) => Number(cell.textContent)));
const sortOf = (page, label) =>
    page.$$eval(
        "#points-table thead th",
        (heads, wanted) => heads.find((head) => head.textContent === wanted).getAttribute("aria-sort"),
        label,
    );
const controlId = (page, section, label) =>
    page.$$eval(
        `#${section} label`,
        (labels, wanted) => `#${labels.find(({ textContent }) => textContent === wanted).htmlFor}`,
        label,
    );
const indicesWhere = (wanted) => sweep.points.filter(wanted).map(({ index }) => index);

/** The rows of a chart's table, as texts. */
const tableOf = (page, section) =>
    page.$$eval(`#${section} details table tbody tr`, (rows) =>
        rows.map((row) => [...row.cells].map(({ textContent }) => textContent)),
    );

pageTest("points and failures are counted and a failure's message is shown as text", async (page) => {
    const counts = await page.$$eval("#overview dd", (all) => all.map(({ textContent }) => textContent));
    assert.deepEqual(counts, ["24", "23", "1"]);
    const failed = await page.$eval("#failures tbody", ({ textContent }) => textContent);
    assert.ok(failed.includes(failure_message), failed);
    assert.equal(await page.$eval("h1", ({ textContent }) => textContent), sweep.title);
});

pageTest("each point that is done leads to its report, and the results to their files", async (page) => {
    const links = await page.$$eval("#points-table tbody a", (all) => all.map((link) => link.getAttribute("href")));
    const done = sweep.points.filter(({ status }) => status === "done");
    assert.deepEqual(
        links,
        done.map(({ directory }) => `${directory}/report.html`),
    );
    const files = await page.$$eval("#overview a", (all) => all.map((link) => link.getAttribute("href")));
    assert.deepEqual(files, ["sweep.csv", "sweep.json"]);
});

pageTest("Enter on a column's head sorts by it, and a second time the other way round", async (page) => {
    const by_step = sweep.points
        .filter(({ status }) => status === "done")
        .sort((a, b) => a.figures["decode.mean_step_ps"] - b.figures["decode.mean_step_ps"] || a.index - b.index);
    await browsers.tabTo(page, "#points-table th:nth-child(6) button");
    await page.keyboard.press("Enter");
    assert.equal(await sortOf(page, "Decode step"), "ascending");
    assert.equal(await sortOf(page, "Point"), null);
    assert.deepEqual(
        (await shownIndices(page)).slice(0, -1),
        by_step.map(({ index }) => index),
    );
    await page.keyboard.press("Space");
    assert.equal(await sortOf(page, "Decode step"), "descending");
    const indices = await shownIndices(page);
    assert.equal(indices[0], by_step[by_step.length - 1].index);
    assert.equal(indices[23], 23, "the failed point stays last");
});

pageTest("the filter's words and lists narrow the table and the charts, by keyboard", async (page) => {
    await browsers.tabTo(page, await controlId(page, "points", "Words"));
    await page.keyboard.type("aqpim 40");
    const expected = indicesWhere(({ axes }) => axes.variant === "aqpim" && axes["workload.prompt"] === "4095");
    assert.deepEqual(await shownIndices(page), expected);
    await browsers.tabTo(page, await controlId(page, "points", "workload.model"));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.deepEqual(await shownIndices(page), expected.slice(0, 1));
    assert.equal((await tableOf(page, "breakdown")).length, 1);
    assert.match(await page.$eval("#points [role=status]", ({ textContent }) => textContent), /^1 of 24/);
});

pageTest("chosen points alone are in the breakdown and the focus stays in their boxes", async (page) => {
    await browsers.tabTo(page, '#points-table input[value="3"]');
    await page.keyboard.press("Space");
    assert.equal(await page.evaluate(() => document.activeElement.value), "3");
    await browsers.tabTo(page, '#points-table input[value="9"]');
    await page.keyboard.press("Space");
    const rows = await tableOf(page, "breakdown");
    assert.deepEqual(
        rows.map(([label]) => label),
        ["gpu_host · mistral-7b · 32767", "gpu · mistral-7b · 8191"],
    );
    assert.deepEqual(rows[0].slice(1, 4), ["1 µs", "70.4 ms", "2 ms"], "host, PCIe, GPU");
});

pageTest("columns are added and removed by keyboard", async (page) => {
    await browsers.tabTo(page, "#points > details > summary");
    await page.keyboard.press("Enter");
    await browsers.tabTo(page, "#column-to-add");
    await page.keyboard.type("errors.c");
    await browsers.tabTo(page, "#column-to-add + button");
    await page.keyboard.press("Enter");
    const heads = () => page.$$eval("#points-table thead th", (all) => all.map(({ textContent }) => textContent));
    assert.ok((await heads()).includes("errors.capacity"));
    await browsers.tabTo(page, '[aria-label="× Decode step: remove column"]');
    await page.keyboard.press("Enter");
    assert.ok(!(await heads()).includes("Decode step"));
});

pageTest("a curve is drawn for each value of the axes that are not fixed", async (page) => {
    const names = () => page.$$eval("#curves .legend button", (all) => all.map(({ textContent }) => textContent));
    assert.equal((await names()).length, 6);
    await page.select(await controlId(page, "curves", "workload.model"), "mistral-7b");
    assert.deepEqual(await names(), ["gpu_host", "gpu", "aqpim"]);
    assert.equal((await tableOf(page, "curves")).length, 12);
    await page.select(await controlId(page, "curves", "Along"), "variant");
    assert.deepEqual(await names(), ["4095", "8191", "16383", "32767"]);
});

pageTest("the Pareto front is listed for the goals chosen", async (page) => {
    const front = () =>
        page.$$eval("#front > div > div.table tbody th", (all) => all.map(({ textContent }) => textContent));
    assert.deepEqual(await front(), ["aqpim · llama-3.2-3b · 4095"], "least time and least energy");
    await page.select(await controlId(page, "front", "Across, the"), "max");
    const done = sweep.points
        .filter(({ status }) => status === "done")
        .map(({ figures, axes }) => ({
            step: figures["decode.mean_step_ps"],
            energy: figures["decode.token_energy_pj"],
            label: Object.values(axes).join(" · "),
        }));
    const expected = done
        .filter((a) => !done.some((b) => b !== a && b.step >= a.step && b.energy <= a.energy))
        .sort((a, b) => b.step - a.step);
    assert.deepEqual(
        await front(),
        expected.map(({ label }) => label),
        "most time for least energy",
    );
});

pageTest("ratios are to the point that differs only in the baseline's axis", async (page) => {
    await page.select(await controlId(page, "differences", "Baseline"), "axis:variant:gpu");
    await page.select(await controlId(page, "differences", "Ratio"), "baseline");
    const rows = await tableOf(page, "differences");
    const row = rows.find(([label]) => label === "aqpim · mistral-7b · 32767");
    // (72 + 0.003) ms over (1 + 8 + 0.003) ms.
    assert.deepEqual(row.slice(1), ["9.003 ms", "gpu · mistral-7b · 32767", "72 ms", "−63 ms", "8×"]);
});

pageTest("the address holds all that was chosen and gives the same view again", async (page) => {
    await page.select(await controlId(page, "points", "variant"), "aqpim");
    await page.select(await controlId(page, "breakdown", "Divide"), "energy");
    await page.select(await controlId(page, "curves", "Figure"), "decode.tokens_per_s");
    const hash = new URL(page.url()).hash;
    const again = await browsers.openPage(scene.browser, scene.file, { hash });
    for (const section of ["curves", "breakdown", "differences"]) {
        assert.deepEqual(await tableOf(again.page, section), await tableOf(page, section), section);
    }
    assert.deepEqual(await shownIndices(again.page), await shownIndices(page));
    assert.deepEqual(again.complaints, []);
    await again.page.close();
});

pageTest("links within the page leave the choices in the address", async (page) => {
    await page.select(await controlId(page, "points", "variant"), "gpu");
    const hash = new URL(page.url()).hash;
    await page.click('nav a[href="#front"]');
    assert.equal(new URL(page.url()).hash, hash);
    assert.equal(await page.evaluate(() => document.activeElement.id), "front");
});

pageTest(
    "an address with nonsense in it shows the view as it is at first",
    async (page) => assert.equal((await shownIndices(page)).length, 24),
    { hash: "#sort=nonsense&chosen=99&x=%E0%A4%A&front_x=&baseline=axis" },
);

test("a sweep of which every point failed has its messages and no charts", async () => {
    const failed = sampleSweep();
    failed.points.forEach((point) => Object.assign(point, { status: "failed", message: "no memory", figures: {} }));
    const { folder, remove } = makeFolder();
    const { page, complaints } = await browsers.openPage(scene.browser, sweepPage(folder, failed));
    assert.equal((await page.$$("#failures tbody tr")).length, 24);
    assert.equal((await page.$$("figure.chart")).length, 0);
    assert.deepEqual(await browsers.violations(page), []);
    assert.deepEqual(complaints, []);
    await page.close();
    remove();
});

test("a thousand points are all there and can be filtered", async () => {
    const many = sampleSweep();
    many.axes.push({ name: "pcie.lanes", values: Array.from({ length: 44 }, (_, i) => String(i)) });
    many.points = many.axes[3].values.flatMap((lanes) =>
        many.points.map((point) => ({ ...point, axes: { ...point.axes, "pcie.lanes": lanes } })),
    );
    many.points.forEach((point, index) => (point.index = index));
    const { folder, remove } = makeFolder();
    const file = sweepPage(folder, many);
    const { page, complaints } = await browsers.openPage(scene.browser, file);
    assert.equal((await shownIndices(page)).length, 24 * 44);
    await page.select(await controlId(page, "points", "pcie.lanes"), "43");
    assert.equal((await shownIndices(page)).length, 24);
    assert.deepEqual(complaints, []);
    await page.close();
    remove();
});

import assert from "node:assert/strict";
import test from "node:test";

import * as browsers from "../browser.js";

/** What holds for every page. `place()` gives {browser, file} once they are there. */
export function testQuality(name, place) {
    for (const [size_name, size] of Object.entries(browsers.sizes)) {
        for (const dark of [false, true]) {
            test(`the ${name} page is readable at ${size.width} px, ${dark ? "dark" : "light"}`, async () => {
                const { browser, file } = place();
                const { page, complaints } = await browsers.openPage(browser, file, { size, dark });
                const { pixels, beyond } = await browsers.overflow(page);
                assert.deepEqual(beyond, [], `wider than the ${size_name}`);
                assert.ok(pixels <= 0, `${pixels} px to scroll sideways`);
                await checkGround(page, dark);
                assert.deepEqual(await browsers.violations(page), []);
                await checkCharts(page);
                assert.deepEqual(complaints, []);
                await page.close();
            });
        }
    }

    test(`the ${name} page has one heading of level 1 and skips no level`, async () => {
        const { browser, file } = place();
        const { page } = await browsers.openPage(browser, file);
        const levels = await page.$$eval("h1, h2, h3, h4, h5, h6", (all) =>
            all.map(({ tagName }) => Number(tagName[1])),
        );
        assert.equal(levels[0], 1);
        assert.equal(levels.filter((level) => level === 1).length, 1);
        levels.slice(1).forEach((level, i) => assert.ok(level <= levels[i] + 1, `h${level} after h${levels[i]}`));
        await page.close();
    });

    test(`the ${name} page's skip link leads to the figures`, async () => {
        const { browser, file } = place();
        const { page, complaints } = await browsers.openPage(browser, file);
        await page.keyboard.press("Tab");
        assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
        await page.keyboard.press("Enter");
        assert.equal(await page.evaluate(() => document.activeElement.id), "main");
        assert.deepEqual(complaints, []);
        await page.close();
    });

    test(`the ${name} page shows where the focus is, on everything that Tab reaches`, async () => {
        const { browser, file } = place();
        const { page } = await browsers.openPage(browser, file);
        const reached = new Set();
        for (let presses = 0; presses < 60; presses += 1) {
            await page.keyboard.press("Tab");
            const { tag, what, visible } = await browsers.focused(page);
            if (tag === "BODY") {
                break;
            }
            reached.add(tag);
            assert.ok(visible, `${what} does not show the focus`);
        }
        assert.ok(reached.has("A"), "no link was reached");
        await page.close();
    });
}

async function checkGround(page, dark) {
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const brightness =
        colour
            .match(/\d+/g)
            .slice(0, 3)
            .reduce((sum, part) => sum + Number(part), 0) / 3;
    assert.equal(brightness < 128, dark, `ground is ${colour}`);
}

async function checkCharts(page) {
    const charts = await browsers.drawnCharts(page);
    assert.ok(charts.length > 0, "there are no charts");
    assert.deepEqual(
        charts.filter(({ drawn }) => !drawn),
        [],
        "nothing is drawn",
    );
    assert.deepEqual(await browsers.chartsWithoutText(page), [], "no text says what these show");
}

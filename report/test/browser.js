import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// Packages are in the build tree, not beside this file.
const tree = process.env.AQPIM_REPORT_TEST_TREE;
const require = createRequire(path.join(tree, "package.json"));
const { default: puppeteer } = await import(pathToFileURL(require.resolve("puppeteer-core")));
const axe_script = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1600, height: 1000 } };

/** Chromium without a window. The sandbox needs a user other than root; only the project's own pages are opened. */
export function launch() {
    return puppeteer.launch({
        executablePath: process.env.AQPIM_CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-dev-shm-usage", "--allow-file-access-from-files", "--hide-scrollbars"],
    });
}

/**
 * A page open on `file`, with `complaints`: whatever it should not have done, in words: messages of level error or
 * warning, exceptions, requests other than for the file itself and for data in it.
 */
export async function openPage(browser, file, { size = sizes.desk, dark = false, hash = "" } = {}) {
    const page = await browser.newPage();
    const complaints = [];
    page.on("console", (message) => {
        if (["error", "warn", "assert"].includes(message.type())) {
            complaints.push(`console: ${message.text()}`);
        }
    });
    page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
    const address = pathToFileURL(file).href;
    page.on("request", (request) => {
        const url = request.url();
        if (url.split("#")[0] !== address && !/^(data|blob):/.test(url)) {
            complaints.push(`request: ${url}`);
        }
    });
    await page.setViewport(size);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
    await page.goto(address + hash, { waitUntil: "load" });
    await settle(page);
    return { page, complaints };
}

/** Two frames: sizes are observed and charts drawn. */
export const settle = (page) =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** How far the page reaches beyond the window's width, in CSS pixels, and the elements that do. */
export function overflow(page) {
    return page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        const scrolls = (node) =>
            node && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
        const beyond = [...document.body.querySelectorAll("*")]
            .filter((node) => node.getBoundingClientRect().right > width + 1 && !scrolls(node.parentElement))
            .map((node) => `${node.tagName} ${node.id} ${node.className}`.trim());
        return { pixels: document.documentElement.scrollWidth - width, beyond: beyond.slice(0, 5) };
    });
}

/** Violations of WCAG 2 A and AA that axe finds, one text each with where. */
export async function violations(page) {
    await page.evaluate(axe_script);
    const found = await page.evaluate(() =>
        window.axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
            resultTypes: ["violations"],
        }),
    );
    return found.violations.flatMap(({ id, help, nodes }) =>
        nodes.slice(0, 3).map((node) => `${id}: ${help}: ${node.target.join(" ")} ${node.failureSummary}`),
    );
}

/** Charts whose picture or table of figures is missing, by their titles. */
export function chartsWithoutText(page) {
    return page.evaluate(() =>
        [...document.querySelectorAll("figure.chart")]
            .filter((figure) => {
                const picture = figure.querySelector('[role="img"]');
                const rows = figure.querySelectorAll("details table tbody tr");
                return (picture?.getAttribute("aria-label") ?? "").length < 20 || rows.length === 0;
            })
            .map((figure) => figure.querySelector("figcaption").textContent),
    );
}

/** The titles of the charts, and of those in which nothing is drawn. */
export function drawnCharts(page) {
    return page.evaluate(() =>
        [...document.querySelectorAll("figure.chart")].map((figure) => {
            const picture = figure.querySelector('[role="img"]');
            const drawn = picture.querySelectorAll("svg path").length > 0 || picture.querySelector("canvas") !== null;
            return { title: figure.querySelector("figcaption").textContent, drawn };
        }),
    );
}

/** Presses Tab until `selector` has the focus; how often that took, or throws after `most`. */
export async function tabTo(page, selector, most = 400) {
    for (let presses = 1; presses <= most; presses += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) {
            return presses;
        }
    }
    throw new Error(`Tab did not reach ${selector} in ${most} presses`);
}

/** What has the focus, and whether that shows: an outline of 2 px or more. */
export function focused(page) {
    return page.evaluate(() => {
        const node = document.activeElement;
        const style = getComputedStyle(node);
        return {
            tag: node.tagName,
            what: `${node.tagName} ${node.id} ${node.textContent.slice(0, 40)}`,
            visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        };
    });
}

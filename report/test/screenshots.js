// usage: AQPIM_REPORT_TEST_TREE=BUILD/report-test node screenshots.js RUN_DIR SWEEP_DIR OUT_DIR
// Pictures of a run's and a sweep's report, wide and narrow: OUT_DIR/report-{run,sweep}-{wide,narrow}.png.
import path from "node:path";

import { launch, openPage, sizes } from "./browser.js";

const shots = {
    wide: { size: sizes.desk, height: 2200 },
    narrow: { size: { ...sizes.phone, deviceScaleFactor: 2 }, height: 1480 },
};

const [run, sweep, out] = process.argv.slice(2);
const browser = await launch();
for (const [name, directory] of Object.entries({ run, sweep })) {
    for (const [shape, { size, height }] of Object.entries(shots)) {
        const { page } = await openPage(browser, path.join(directory, "report.html"), { size });
        const clip = { x: 0, y: 0, width: size.width, height };
        await page.screenshot({
            path: path.join(out, `report-${name}-${shape}.png`),
            clip,
            captureBeyondViewport: true,
        });
        await page.close();
    }
}
await browser.close();

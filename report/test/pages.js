import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const binary = path.join(process.env.AQPIM_BUILD ?? path.join(root, "build"), "aqpim-vp");

/** A folder that goes when `remove()` is called. */
export function makeFolder() {
    const folder = mkdtempSync(path.join(tmpdir(), "aqpim-report-"));
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function aqpim(...words) {
    execFileSync(binary, words, { stdio: ["ignore", "ignore", "inherit"], timeout: 60_000 });
}

/** A real run, of the default job made short; returns its page. */
export function runPage(folder, name, ...settings) {
    const directory = path.join(folder, name);
    const short = ["workload.steps=4", ...settings];
    aqpim(
        "run",
        path.join(root, "configs/aqpim.cfg"),
        "--quiet",
        "--out",
        directory,
        ...short.flatMap((setting) => ["--set", setting]),
    );
    return path.join(directory, "report.html");
}

/** The page that compares the runs in `directories`. */
export function comparisonPage(folder, directories) {
    const file = path.join(folder, "comparison.html");
    aqpim("report", ...directories, "--out", file);
    return file;
}

/** The page of a sweep with these results, as `sweep.json` has them. */
export function sweepPage(folder, sweep) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "sweep.json"), JSON.stringify(sweep));
    aqpim("report", folder);
    return path.join(folder, "report.html");
}

// usage: node bundle.mjs TREE
// Makes TREE/run.html, sweep.html and compare.html, each with all its script and style inside, from src/; packages are
// taken from TREE/node_modules.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const source = path.dirname(fileURLToPath(import.meta.url));
const tree = path.resolve(process.argv[2]);
const esbuild = createRequire(path.join(tree, "package.json"))("esbuild");
const template = readFileSync(path.join(source, "src/page.html"), "utf8");

/** The template with each of its slots filled once; what the program fills when it writes a page stays. */
function fill(slots) {
    let page = template;
    for (const [slot, text] of Object.entries(slots)) {
        page = page.replace(`@${slot}@`, () => text);
    }
    for (const slot of ["AQPIM_TITLE", "AQPIM_DATA"]) {
        if (page.split(`@${slot}@`).length !== 2) {
            throw new Error(`@${slot}@ must stand exactly once in a page`);
        }
    }
    return page;
}

async function bundle(name) {
    const result = await esbuild.build({
        entryPoints: [path.join(source, "src", name, "main.js")],
        outdir: tree,
        bundle: true,
        minify: true,
        write: false,
        format: "iife",
        target: "es2020",
        charset: "utf8",
        legalComments: "none",
        logLevel: "warning",
        nodePaths: [path.join(tree, "node_modules")],
    });
    const output = (extension) => result.outputFiles.find((file) => file.path.endsWith(extension))?.text ?? "";
    writeFileSync(path.join(tree, `${name}.html`), fill({ STYLE: output(".css"), SCRIPT: output(".js") }));
}

await Promise.all(["run", "sweep", "compare"].map(bundle));

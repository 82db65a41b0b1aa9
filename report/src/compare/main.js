import { element } from "../common/dom.js";
import { addSection, readData, showFailure, showHeader } from "../common/page.js";
import { figureTable, parameterTable } from "./differences.js";
import { answerTable, comparisonCharts } from "./overview.js";

/** What the reader chooses: which run the others are held against, and whether equal figures are shown. */
function controls(runs, onChange) {
    const baseline = element("select", { id: "baseline" }, runs.map(({ title }) => element("option", {}, title)));
    const different = element("input", { type: "checkbox" });
    const change = () => onChange(baseline.selectedIndex, different.checked);
    baseline.addEventListener("change", change);
    different.addEventListener("change", change);
    return {
        baseline: element("p", {}, element("label", { for: "baseline" }, "Baseline "), baseline),
        different: element("p", {}, element("label", {}, different, " only figures that differ")),
    };
}

function showComparison({ title, runs }) {
    showHeader(title, runs.map((run) => `${run.title}: aqpim-vp ${run.stats.version}, configuration ${run.stats.configuration_digest}`));
    const answers = element("div");
    const figures = element("div");
    const show = (baseline, only_different) => {
        answers.replaceChildren(answerTable(runs, baseline));
        figures.replaceChildren(figureTable(runs, baseline, only_different));
    };
    show(0, false);
    const { baseline, different } = controls(runs, show);
    addSection("answers", "Answers", baseline, answers);
    addSection("charts", "Time and energy", comparisonCharts(runs));
    const parameters = parameterTable(runs) ?? element("p", {}, "All runs have the same parameters.");
    addSection("parameters", "Parameters that differ", parameters);
    addSection("figures", "All figures", different, figures);
}

const data = readData();
if (data?.runs?.length > 0) {
    showComparison(data);
} else {
    showFailure("This page holds no runs.");
}

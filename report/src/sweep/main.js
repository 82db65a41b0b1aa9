import { addSection, readData, showFailure, showHeader } from "../common/page.js";
import { breakdownSection } from "./breakdown.js";
import { differencesSection } from "./compare.js";
import { curvesSection } from "./curves.js";
import { viewFields } from "./fields.js";
import { frontSection } from "./front.js";
import { failures, overview } from "./overview.js";
import { readSweep } from "./points.js";
import { pointsTable } from "./points_table.js";
import "./sweep.css";
import { View } from "./view.js";
import { ViewState } from "./view_state.js";

/** The hash holds the view, so links within the page go where they lead without changing it. */
function keepHash() {
    document.addEventListener("click", (event) => {
        const link = event.target.closest?.('a[href^="#"]');
        const target = link && document.getElementById(link.getAttribute("href").slice(1));
        if (target) {
            event.preventDefault();
            target.tabIndex = -1;
            target.focus({ preventScroll: true });
            target.scrollIntoView();
        }
    });
}

function build(sweep) {
    const model = readSweep(sweep);
    const view = new View(model, new ViewState(viewFields(model)));
    showHeader(model.title || "Sweep", [
        `Sweep of aqpim-vp ${model.version}. The address of this page holds all that is chosen on it.`,
    ]);
    addSection("overview", "Overview", overview(model));
    addSection("failures", "Points without figures", failures(model.points));
    addSection("points", "Points", pointsTable(view));
    addSection("curves", "Along an axis", curvesSection(view));
    addSection("breakdown", "Where a step goes", breakdownSection(view));
    addSection("front", "Pareto front", frontSection(view));
    addSection("differences", "Against a baseline", differencesSection(view));
    keepHash();
}

const sweep = readData();
if (sweep?.points) {
    build(sweep);
} else {
    showFailure("This page has no results of a sweep.");
}

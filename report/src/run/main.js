import { flatFigures } from "../common/figures.js";
import { figure } from "../common/format.js";
import { addSection, readData, showFailure, showHeader } from "../common/page.js";
import { parameterTable } from "../common/parameters.js";
import { dataTable } from "../common/table.js";
import { answers, conditions } from "./answers.js";
import { accuracyTable, errorTable } from "./checks.js";
import { energyCharts } from "./energy.js";
import { memoryCharts } from "./memory.js";
import { powerCharts } from "./power.js";
import { rooflineChart } from "./roofline.js";
import { timeCharts } from "./steps.js";
import { timelineChart } from "./timeline.js";
import { trafficCharts } from "./traffic.js";

function figureTable(stats) {
    const figures = flatFigures(stats, ["channels", "links", "schema"]);
    return dataTable({
        caption: "All figures",
        sort: true,
        filter: "Rows with",
        columns: [
            { key: "key", label: "Key in stats.json", header: true, className: "wrap" },
            { key: "value", label: "Value", number: true, format: (value, { key }) => figure(key, value) },
        ],
        rows: Object.entries(figures).map(([key, value]) => ({ key, value })),
    });
}

function showRun({ title, stats, parameters, timeline }) {
    showHeader(title, [`aqpim-vp ${stats.version}, configuration ${stats.configuration_digest}`]);
    addSection("answers", "Answers", answers(stats), conditions(stats));
    addSection("time", "Time", timeCharts(stats));
    addSection("timeline", "Timeline", timelineChart(timeline));
    addSection("traffic", "Bandwidth and links", trafficCharts(stats));
    addSection("roofline", "Roofline", rooflineChart(stats));
    addSection("energy", "Energy", energyCharts(stats));
    addSection("power", "Power", powerCharts(timeline));
    addSection("memory", "Memory", memoryCharts(stats));
    addSection("accuracy", "Accuracy", accuracyTable(stats.accuracy));
    addSection("errors", "Errors", errorTable(stats));
    addSection("figures", "All figures", figureTable(stats));
    addSection("parameters", "Parameters", parameterTable(parameters));
}

const data = readData();
if (data?.stats) {
    showRun(data);
} else {
    showFailure("This page holds no figures of a run.");
}

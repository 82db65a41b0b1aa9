import { valueText } from "./points.js";
import { splitList } from "./view_state.js";

/** Stands for "every value of this axis" in the fields of an axis. */
export const any_value = "*";

const main_columns = [
    "decode.mean_step_ps",
    "decode.tokens_per_s",
    "decode.token_energy_pj",
    "derived.kv_compression",
    "derived.pcie_share",
];

const oneOf = (name, options, chosen = options[0]) => ({
    name,
    default: chosen ?? "",
    allows: (text) => options.includes(text),
});

const variableAxes = (axes) => axes.filter(({ values }) => values.length > 1);

/** The axis that curves run along at first: the one of numbers with most values, else the first that varies. */
function firstCurveAxis(axes) {
    const varying = variableAxes(axes);
    const numeric = varying.filter(({ numbers }) => numbers).sort((a, b) => b.values.length - a.values.length);
    return (numeric[0] ?? varying[0])?.name;
}

/** Whether an axis's numbers span so much that a logarithmic scale suits them. */
function spansDecades(axis) {
    const numbers = [...(axis?.numbers?.values() ?? [])];
    return numbers.length > 2 && Math.min(...numbers) > 0 && Math.max(...numbers) / Math.min(...numbers) >= 8;
}

/** What a point may be compared with: [value of the field, text]; the first is the baseline at first. */
export function baselineChoices({ axes, points }) {
    const varying = variableAxes(axes);
    const named = [...varying.filter(({ numbers }) => !numbers), ...varying.filter(({ numbers }) => numbers)];
    return [
        ...named.flatMap(({ name, values }) =>
            values.map((value) => [`axis:${name}:${value}`, `${name} = ${valueText(value)}`]),
        ),
        ...points
            .filter(({ status }) => status === "done")
            .map(({ index, label }) => [`point:${index}`, `point ${index}: ${label}`]),
    ];
}

/** The choice of baseline as differences() takes it. */
export function parseBaseline(text) {
    const [kind, ...rest] = text.split(":");
    return kind === "point" ? { index: Number(rest[0]) } : { axis: rest[0], value: rest.slice(1).join(":") };
}

/** Whether a figure's values differ so much that small ones vanish on a linear scale. */
function spreadsWide(points, key) {
    const values = points.map(({ figures }) => figures[key]).filter(Number.isFinite);
    return values.length > 0 && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 20;
}

function tableFields({ axes, points, figure_keys }) {
    const columns = ["point", "status", ...axes.map(({ name }) => `axis:${name}`), ...figure_keys];
    const indices = new Set(points.map(({ index }) => String(index)));
    return [
        { name: "filter", default: "", allows: () => true },
        ...axes.map(({ name, values }) => oneOf(`only.${name}`, [any_value, ...values])),
        {
            name: "columns",
            default: main_columns.filter((key) => figure_keys.includes(key)).join(","),
            allows: (text) => splitList(text).every((key) => figure_keys.includes(key)),
        },
        oneOf("sort", columns),
        oneOf("order", ["up", "down"]),
        { name: "chosen", default: "", allows: (text) => splitList(text).every((index) => indices.has(index)) },
    ];
}

/** All choices of the page, for ViewState. */
export function viewFields(model) {
    const { axes, figure_keys, points } = model;
    const prefer = (key) => (figure_keys.includes(key) ? key : figure_keys[0]);
    const x = firstCurveAxis(axes);
    const curve = prefer("decode.mean_step_ps");
    const log = spansDecades(axes.find(({ name }) => name === x));
    return [
        ...tableFields(model),
        oneOf(
            "x",
            variableAxes(axes).map(({ name }) => name),
            x,
        ),
        oneOf("curve", figure_keys, curve),
        oneOf("x_scale", ["linear", "log"], log ? "log" : "linear"),
        oneOf("y_scale", ["linear", "log"], spreadsWide(points, curve) ? "log" : "linear"),
        ...axes.map(({ name, values }) => oneOf(`at.${name}`, [any_value, ...values])),
        oneOf("division", ["time", "energy"]),
        oneOf("bars", ["absolute", "share"]),
        oneOf("front_x", figure_keys, prefer("decode.mean_step_ps")),
        oneOf("front_y", figure_keys, prefer("decode.token_energy_pj")),
        oneOf("front_x_goal", ["min", "max"]),
        oneOf("front_y_goal", ["min", "max"]),
        oneOf(
            "baseline",
            baselineChoices(model).map(([value]) => value),
        ),
        oneOf("difference", figure_keys, prefer("decode.mean_step_ps")),
        oneOf("ratio", ["point", "baseline"]),
    ];
}

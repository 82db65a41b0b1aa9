// Quantities as people read them: four significant digits and the unit that fits. What is no number is shown as "–".

const missing = "–";
const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/** `value` in `digits` significant digits, without trailing zeros: 0.01234, 1234, 5.2e+12. */
export function number(value, digits = 4) {
    if (!isNumber(value)) {
        return missing;
    }
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e9)) {
        return value.toExponential(digits - 1);
    }
    const rounded = Number(value.toPrecision(digits));
    return size >= 1e4 ? grouped.format(rounded) : String(rounded);
}

/** All digits of an integer, in groups of three. */
export function count(value) {
    return isNumber(value) ? grouped.format(value) : missing;
}

function scaled(value, step, units) {
    if (!isNumber(value)) {
        return missing;
    }
    let unit = 0;
    let rest = value;
    while (Math.abs(Number(rest.toPrecision(4))) >= step && unit + 1 < units.length) {
        rest /= step;
        unit += 1;
    }
    return `${Number(rest.toPrecision(4))} ${units[unit]}`;
}

export const time = (ps) => scaled(ps, 1000, ["ps", "ns", "µs", "ms", "s"]);
export const bytes = (value) => scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
export const energy = (pj) => scaled(pj, 1000, ["pJ", "nJ", "µJ", "mJ", "J", "kJ"]);
export const power = (mw) => scaled(mw, 1000, ["mW", "W", "kW", "MW"]);
/** Of `unit`, with decimal prefixes: rate(3.35e12, "B/s") is "3.35 TB/s". */
export const rate = (value, unit) => scaled(value, 1000, ["", "k", "M", "G", "T", "P"].map((prefix) => prefix + unit));
/** `part` of `whole`: "12.3 %". */
export const share = (part, whole = 1) =>
    isNumber(part) && isNumber(whole) ? `${whole === 0 ? "0.0" : ((100 * part) / whole).toFixed(1)} %` : missing;
/** How many times `base` fits into `value`: "3.42×". */
export const ratio = (value, base) =>
    isNumber(value) && isNumber(base) && base !== 0 ? `${number(value / base, 3)}×` : missing;

/** A dotted key of stats.json by its unit: "decode.mean_step_ps" is a time. */
const byUnit = [
    [/_pj($|\.)/, energy],
    [/bytes_per_s$/, (value) => rate(value, "B/s")],
    [/flops_per_s$/, (value) => rate(value, "FLOP/s")],
    [/macs_per_s$/, (value) => rate(value, "MAC/s")],
    [/_ps($|\.)|\.ps$/, time],
    [/(^|[._])bytes($|_)/, bytes],
    [/utilisation$|share$|nearest_codes$/, (value) => share(value)],
    [/tokens_per_s$/, (value) => `${number(value)} tokens/s`],
    [/_s$/, (value) => `${number(value)} s`],
];

/** The value of a figure as stats.json has it, with the unit that its key ends in. */
export function figure(key, value) {
    if (!isNumber(value)) {
        return value === null || value === undefined ? missing : String(value);
    }
    const rule = byUnit.find(([pattern]) => pattern.test(key));
    return rule ? rule[1](value) : number(value);
}

const base_units = ["Hz", "B/s", "B", "J/bit", "J", "W", "A", "V", "FLOP/s", "s"];
const prefixes = {
    f: 1e-15,
    p: 1e-12,
    n: 1e-9,
    u: 1e-6,
    m: 1e-3,
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
};

/**
 * A configuration's number, with its unit or without: {value in base units, unit ("" without)}; null for any other text.
 */
export function parseQuantity(text) {
    const parts = /^\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*([A-Za-z/]*)\s*$/.exec(text);
    if (!parts) {
        return null;
    }
    const value = Number(parts[1]);
    if (parts[2] === "") {
        return { value, unit: "" };
    }
    const unit = base_units.find((base) => parts[2].endsWith(base) && parts[2].slice(0, -base.length) in prefixes);
    return unit ? { value: value * prefixes[parts[2].slice(0, -unit.length)], unit } : null;
}

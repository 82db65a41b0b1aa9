import { figureText } from "./names.js";

/** An axis of a figure's values with its unit; of bytes with ticks at powers of two. */
export function figureAxis(key, values, log = false) {
    const largest = Math.max(...values, 0);
    const in_bytes = /(^|[._])bytes($|_(?!per))/.test(key);
    return {
        type: log ? "log" : "value",
        interval: in_bytes && !log && largest > 0 ? 2 ** Math.ceil(Math.log2(largest / 6)) : undefined,
        axisLabel: { formatter: (value) => figureText(key, value) },
    };
}

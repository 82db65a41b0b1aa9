// Colours that charts share. Those of parts of the hardware are the same on every page, at least 3:1 against the ground,
// and apart from each other for people with protanopia, deuteranopia and tritanopia too.

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const moreContrast = window.matchMedia("(prefers-contrast: more)");

/** Parts of a breakdown as docs/stats.md has them, in the order in which they are shown. */
export const parts = [
    { key: "host", label: "host" },
    { key: "pcie", label: "PCIe" },
    { key: "gpu", label: "GPU" },
    { key: "pim_quantize", label: "PIM quantize" },
    { key: "pim_attention", label: "PIM attention" },
    { key: "overlapped", label: "overlapped" },
    { key: "idle", label: "idle" },
];

const light_colours = {
    host: "#5f2c08",
    pcie: "#e0701c",
    gpu: "#12744f",
    pim_quantize: "#3f97ee",
    pim_attention: "#2a2e6e",
    overlapped: "#a82fac",
    idle: "#8b939f",
};
const dark_colours = {
    host: "#f5e04e",
    pcie: "#dc731b",
    gpu: "#4bdc8c",
    pim_quantize: "#b4e6ff",
    pim_attention: "#2a82f0",
    overlapped: "#c68edb",
    idle: "#647080",
};

/** The colours in force: text, faint, ground, line, parts by key, and `series` for whatever has no fixed colour. */
export function theme() {
    const colours = dark.matches ? dark_colours : light_colours;
    return {
        ...(dark.matches
            ? { text: "#e4e7ec", faint: "#a3acb9", ground: "#14171c", line: "#39414d", heat_low: "#1f2c3a", heat_high: "#c6e2ff" }
            : { text: "#1d2129", faint: "#56606e", ground: "#ffffff", line: "#d8dde5", heat_low: "#e3edf7", heat_high: "#08306b" }),
        dark: dark.matches,
        patterns: moreContrast.matches,
        parts: colours,
        series: ["pim_attention", "pcie", "gpu", "overlapped", "host", "pim_quantize", "idle"].map((key) => colours[key]),
    };
}

/** `parts` as stacked bars take them. */
export const breakdownParts = parts.map((part) => ({ ...part, colour: (colours) => colours.parts[part.key] }));

/** Parts without colours of their own, as stacked bars take them, in the order given. */
export const numberedParts = (names) =>
    names.map((name, index) => ({
        key: name,
        label: name.replaceAll("_", " "),
        colour: (colours) => colours.series[index % colours.series.length],
    }));

/** Calls `listener` whenever theme() changes. */
export function onThemeChange(listener) {
    dark.addEventListener("change", listener);
    moreContrast.addEventListener("change", listener);
}

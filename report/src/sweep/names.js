import { figure, number } from "../common/format.js";

const titles = {
    "decode.mean_step_ps": "Decode step",
    "decode.tokens_per_s": "Tokens per second",
    "decode.token_ps": "Time per token",
    "decode.token_energy_pj": "Energy per token",
    "decode.mean_step_energy_pj": "Energy per decode step",
    "derived.kv_compression": "KV cache smaller by",
    "derived.pcie_share": "PCIe's share of decode",
    "prefill.ps": "Prefill",
    "kv.bytes_stored": "KV cache as stored",
    "kv.bytes_fp16": "KV cache in fp16",
};

/** A figure's name in a heading: in words where there are some, else its key. */
export const figureTitle = (key) => titles[key] ?? key;

/** A figure's name in a list to choose from: words and key. */
export const figureChoice = (key) =>
    titles[key] && !key.startsWith("derived.") ? `${titles[key]} (${key})` : figureTitle(key);

/** A figure's value with its unit. */
export function figureText(key, value) {
    return key === "derived.kv_compression" && Number.isFinite(value) ? `${number(value, 3)}×` : figure(key, value);
}

/** The figures in groups for a list to choose from: the main ones, then by the first part of their keys. */
export function figureGroups(keys) {
    const main = Object.keys(titles).filter((key) => keys.includes(key));
    const groups = [{ label: "Main figures", options: main.map((key) => [key, figureChoice(key)]) }];
    for (const key of keys.filter((other) => !main.includes(other))) {
        const label = key.split(".")[0];
        const group = groups.find((other) => other.label === label) ?? groups[groups.push({ label, options: [] }) - 1];
        group.options.push([key, key]);
    }
    return groups.filter(({ options }) => options.length > 0);
}

import { element } from "../common/dom.js";
import { headlines, verdict } from "../common/figures.js";
import * as format from "../common/format.js";

function answer(name, value, more = null, className = "") {
    return value === undefined
        ? null
        : element(
              "div",
              {},
              element("dt", {}, name),
              element("dd", { class: className || null }, value),
              more ? element("dd", { class: "more" }, more) : null,
          );
}

const ifKnown = (value, text) => (value === undefined || value === null ? undefined : text(value));

/** What the run is for, first. */
export function answers(stats) {
    const found = headlines(stats);
    const end = verdict(stats);
    const range = found.steps > 1 ? ` (${format.time(Math.min(...stats.decode.step_ps))} to ${format.time(Math.max(...stats.decode.step_ps))})` : "";
    return element(
        "dl",
        { class: "answers" },
        answer("Outcome", end.text, null, end.good ? "good" : "bad"),
        answer("Decode step", ifKnown(found.step_ps, format.time), `mean of ${found.steps}${range}`),
        answer("Output", ifKnown(found.tokens_per_s, (value) => `${format.number(value)} tokens/s`), `batch ${stats.workload?.batch ?? "unknown"}`),
        answer("Energy per token", ifKnown(found.token_pj, format.energy), ifKnown(found.total_pj, (pj) => `${format.energy(pj)} in all`)),
        answer("KV cache smaller by", ifKnown(found.compression, (value) => `${format.number(value, 3)}×`), `${format.bytes(stats.kv?.bytes_stored)} stored, ${format.bytes(stats.kv?.bytes_fp16)} in fp16`),
        answer("Error of attention", ifKnown(stats.accuracy?.relative_l2_exact, (value) => format.number(value, 3)), "relative L2, against exact"),
        answer("Prefill", ifKnown(found.prefill_ps, format.time)),
        answer("Errors", format.count(found.errors), found.errors === 0 ? "none counted" : "see Errors", found.errors === 0 ? "" : "bad"),
    );
}

/** Under which conditions the figures hold, where they are not the plain ones. */
export function conditions(stats) {
    const lines = [
        ifKnown(stats.energy?.lookup_charge, (charge) => `A lookup is charged with ${charge === "column" ? "the whole column of 32 B that it reads" : charge === "value" ? "the 2 B that it returns" : charge}.`),
        stats.data === "timing" ? "Commands were timed and nothing was computed: there is no accuracy." : undefined,
        stats.kv?.layers_spilled > 0 ? `The KV cache of ${stats.kv.layers_spilled} layers (${format.bytes(stats.kv.bytes_spilled)}) did not fit and is kept in host memory.` : undefined,
        stats.kv?.tokens_that_fit > 0 ? `A memory was too small: a prompt of ${format.count(stats.kv.tokens_that_fit)} tokens would fit.` : undefined,
    ].filter((line) => line !== undefined);
    return lines.length === 0 ? null : element("ul", { class: "conditions" }, lines.map((line) => element("li", {}, line)));
}

/**
 * All numbers, texts and flags of a `stats.json` by dotted key, lists left out. `skip`: what the first part of a key may
 * be of that is left out too.
 */
export function flatFigures(stats, skip = []) {
    const figures = {};
    const add = (value, key) => {
        if (value !== null && typeof value === "object" && !Array.isArray(value)) {
            Object.entries(value).forEach(([name, part]) => add(part, key === "" ? name : `${key}.${name}`));
        } else if (value !== null && value !== undefined && !Array.isArray(value)) {
            figures[key] = value;
        }
    };
    Object.entries(stats)
        .filter(([name]) => !skip.includes(name))
        .forEach(([name, value]) => add(value, name));
    return figures;
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);

/**
 * The figures that answer what a run is for, where it has them: {step_ps, tokens_per_s, token_pj, compression, ...}. What
 * older runs did not write is worked out from what they have.
 */
export function headlines(stats) {
    const steps = stats.decode?.step_ps ?? [];
    const total_ps = stats.decode?.total_ps ?? sum(steps);
    const tokens = stats.decode?.tokens ?? steps.length * (stats.workload?.batch ?? 0);
    const kv = stats.kv ?? {};
    return {
        steps: steps.length,
        step_ps: steps.length === 0 ? undefined : (stats.decode.mean_step_ps ?? Math.floor(total_ps / steps.length)),
        tokens_per_s: stats.decode?.tokens_per_s ?? (total_ps > 0 && tokens > 0 ? tokens / (total_ps * 1e-12) : undefined),
        token_pj: stats.decode?.token_energy_pj,
        prefill_ps: stats.prefill?.ps || undefined,
        total_pj: stats.energy?.total_pj ?? (stats.energy_pj ? sum(Object.values(stats.energy_pj)) : undefined),
        compression: kv.bytes_stored > 0 ? kv.bytes_fp16 / kv.bytes_stored : undefined,
        errors: sum(Object.values(stats.errors ?? {})),
    };
}

/** How the run ended, in words, and whether well. */
export function verdict(stats) {
    const { exited, passed, code } = stats.firmware ?? {};
    if (!exited) {
        return { good: false, text: "firmware did not end" };
    }
    return passed ? { good: true, text: "success" } : { good: false, text: `firmware failed: ${code}` };
}

/** One average decode step by parts, or null without steps. */
export function meanStep(stats) {
    const steps = stats.decode?.step_ps?.length ?? 0;
    return steps === 0 || !stats.decode.breakdown_ps
        ? null
        : Object.fromEntries(Object.entries(stats.decode.breakdown_ps).map(([key, ps]) => [key, ps / steps]));
}

const others = "others";

/**
 * The names of parts in all of `bars` ({values: {part: number}}) from the largest on; in place of those behind the first
 * `most` stands "others", so that each can have a colour of its own.
 */
export function largestNames(bars, most = 6) {
    const totals = new Map();
    bars.forEach(({ values }) => Object.entries(values).forEach(([name, value]) => totals.set(name, (totals.get(name) ?? 0) + value)));
    const sorted = [...totals.keys()].sort((a, b) => totals.get(b) - totals.get(a));
    return sorted.length <= most + 1 ? sorted : [...sorted.slice(0, most), others];
}

/** `values` with those that are not in `names` added up as "others". */
export function mergeOthers(values, names) {
    const merged = Object.fromEntries(names.map((name) => [name, values[name] ?? 0]));
    if (names.includes(others)) {
        merged[others] = sum(Object.keys(values).filter((name) => !names.includes(name)).map((name) => values[name]));
    }
    return merged;
}

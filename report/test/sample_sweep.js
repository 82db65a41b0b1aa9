// A sweep as `sweep.json` has it, made up: its figures follow from simple formulas, so that tests know them.

const variants = {
    gpu_host: { pcie_ps: 1.1e9, gpu_ps: 2e9, pim_ps: 0, token_pj: 9e9, stored: 1 },
    gpu: { pcie_ps: 0, gpu_ps: 9e9, pim_ps: 0, token_pj: 3e9, stored: 1 },
    aqpim: { pcie_ps: 0, gpu_ps: 1e9, pim_ps: 1e9, token_pj: 1e9, stored: 6.5 },
};
const models = { "mistral-7b": 1, "llama-3.2-3b": 0.5 };
const prompts = ["4095", "8191", "16383", "32767"];

/** Where PCIe moves the cache, and where the PIM or GPU reads it, time grows with the context. */
export function stepParts(variant, model, prompt) {
    const { pcie_ps, gpu_ps, pim_ps } = variants[variant];
    const contexts = (Number(prompt) + 1) / 4096;
    const parts = {
        host: 1e6,
        pcie: pcie_ps * contexts * 8,
        gpu: gpu_ps * (variant === "gpu" ? contexts : 1),
        pim_quantize: 0,
        pim_attention: pim_ps * contexts,
        overlapped: 2e6,
        idle: 0,
    };
    return Object.fromEntries(Object.entries(parts).map(([part, ps]) => [part, Math.round(ps * models[model])]));
}

function figuresOf(variant, model, prompt) {
    const parts = stepParts(variant, model, prompt);
    const step_ps = Object.values(parts).reduce((sum, ps) => sum + ps, 0);
    const steps = 2;
    const batch = 16;
    const fp16 = 2 ** 20 * Number(prompt) * models[model];
    const energy = { gpu_memory: 0.6, pcie: variant === "gpu_host" ? 0.3 : 0, pim_activate: 0.05, pim_lookup: 0.05 };
    const step_pj = variants[variant].token_pj * models[model] * batch;
    return {
        configuration_digest: "0123456789abcdef",
        data: "timing",
        ...Object.fromEntries(Object.entries(parts).map(([part, ps]) => [`decode.breakdown_ps.${part}`, ps * steps])),
        "decode.total_ps": step_ps * steps,
        "decode.mean_step_ps": step_ps,
        "decode.token_ps": Math.floor(step_ps / batch),
        "decode.tokens": steps * batch,
        "decode.tokens_per_s": (batch / step_ps) * 1e12,
        ...Object.fromEntries(
            Object.entries(energy).map(([part, share]) => [`decode.energy_pj.${part}`, share * step_pj * steps]),
        ),
        "decode.mean_step_energy_pj": step_pj,
        "decode.token_energy_pj": step_pj / batch,
        "errors.capacity": 0,
        "firmware.passed": true,
        "kv.bytes_fp16": fp16,
        "kv.bytes_stored": Math.round(fp16 / variants[variant].stored),
        simulated_ps: step_ps * steps * 2,
        "workload.batch": batch,
    };
}

/** What a point that failed tells; markup in it must be shown, not run. */
export const failure_message = 'pim.capacity: 64 GiB do not fit </script><img src=x onerror="console.error(1)">';

/** 24 points, the last of which failed. */
export function sampleSweep() {
    const points = [];
    for (const variant of Object.keys(variants)) {
        for (const model of Object.keys(models)) {
            for (const prompt of prompts) {
                const index = points.length;
                const name = `${String(index).padStart(2, "0")}_${variant}_${model}_${prompt}`;
                const failed = index === 23;
                points.push({
                    index,
                    set: "grid",
                    name,
                    directory: `points/${name}`,
                    axes: { variant, "workload.model": model, "workload.prompt": prompt },
                    status: failed ? "failed" : "done",
                    exit_status: failed ? 2 : 0,
                    message: failed ? failure_message : "",
                    figures: failed ? {} : figuresOf(variant, model, prompt),
                });
            }
        }
    }
    const axes = [
        { name: "variant", values: Object.keys(variants) },
        { name: "workload.model", values: Object.keys(models) },
        { name: "workload.prompt", values: prompts },
    ];
    return { schema: 1, version: "0.1.0", title: "A made-up sweep <b>", axes, points };
}

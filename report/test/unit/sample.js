/** A small sweep, as `sweep.json` has it: two variants by three prompts; the figures of a point in `figures`. */
export function sampleSweep(figures = {}) {
    const points = [];
    for (const variant of ["gpu", "aqpim"]) {
        for (const prompt of ["1024", "2048", "4096"]) {
            const index = points.length;
            points.push({
                index,
                set: "grid",
                name: `${index}_${variant}_${prompt}`,
                directory: `points/${index}_${variant}_${prompt}`,
                axes: { variant, "workload.prompt": prompt },
                status: "done",
                exit_status: 0,
                message: "",
                figures: figures[index] ?? {},
            });
        }
    }
    const axes = [
        { name: "variant", values: ["gpu", "aqpim"] },
        { name: "workload.prompt", values: ["1024", "2048", "4096"] },
    ];
    return { schema: 1, version: "0.1.0", title: "sample", axes, points };
}

#!/usr/bin/python3
"""Remakes the tables and the picture of docs/accuracy.md: how far attention is from exact attention, by how the cache is kept.

    accuracy_study.py --build build --markdown docs/accuracy.md --picture docs/images/accuracy.svg

Runs `aqpim-vp run configs/aqpim.cfg` for each variant on two passages and compares, in float64, attention.npy with exact
attention over the inputs, and the vectors that the dumped codes stand for with the keys and values. What is found offline
(orders of channels, codebooks) is found on the other passage. Each table of the page stands between two comments and is
put in its place; with neither option tables are printed. The picture needs matplotlib. Exit status: 1 if a run failed, or
the platform's own `accuracy` differs; the other runs are shown all the same.
"""

import argparse
import concurrent.futures
import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

import numpy as np

from accuracy_figures import Failure, Passage, measure
from offline_codebooks import offline_codebooks

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSAGES = ("manual_a", "manual_b")
SEEDS = (1, 2, 3, 4, 5)
OFFLINE_SEEDS = SEEDS[:3]  # finding codebooks takes long
CONFIG = ROOT / "configs" / "aqpim.cfg"


class Variant(NamedTuple):
    """A row of a table. In settings {folder} is where what was found on the other passage lies."""

    name: str
    settings: tuple = ()
    code_bits: float = 2  # for each value, without codebooks and uncompressed tokens


HEADINGS = {"attention": "attention", "outputs": "each output", "first_steps": "each output, first steps", "keys": "keys",
            "values": "values", "attended_keys": "keys by attention", "attended_values": "values by attention",
            "prompt_keys": "keys, prompt", "later_keys": "keys, later", "prompt_values": "values, prompt",
            "later_values": "values, later", "worst": "share of the worst 1 %", "only_keys": "only keys",
            "only_values": "only values", "only_prompt": "only the prompt", "only_later": "only later tokens"}


class Table(NamedTuple):
    variants: tuple
    columns: tuple = ("attention", "outputs", "first_steps", "keys", "values")
    seeds: tuple = SEEDS[:1]
    sizes: bool = False  # show what is stored


def coded(subvectors, centroids):
    settings = (f"pq.subvectors={subvectors}", f"pq.centroids={centroids}")
    return Variant(f"m = {subvectors}, K = {centroids}", settings, subvectors * np.log2(centroids) / 64)


def offline(name, of):
    books = [f"pq.codebook_{kind}={{folder}}/codebook_{of}_{kind[0]}.npy" for kind in ("keys", "values")]
    return Variant(name, ("pq.initial=given", "pq.iterations=0", *books))


SORTED_KEYS = "workload.key_order={folder}/channel_order_k.npy"
SORTED_VALUES = "workload.value_order={folder}/channel_order_v.npy"
TABLES = {
    "kinds": Table((Variant("fp16", ("workload.policy=fp16",), 16), Variant("int4", ("workload.policy=int4",), 4),
                    coded(32, 256), Variant("int2", ("workload.policy=int2",), 2), coded(16, 256)), sizes=True),
    "sources": Table((Variant("m = 16, K = 256"),),
                     ("attention", "only_keys", "only_values", "only_prompt", "only_later", "worst")),
    "subvectors": Table(tuple(coded(m, 256) for m in (2, 4, 8, 16, 32, 64)), sizes=True),
    "centroids": Table(tuple(coded(16, k) for k in (16, 64, 128, 256, 512)), sizes=True),
    "uncompressed": Table(tuple(Variant(f"{sinks} sinks, {recent} recent", (f"pq.sinks={sinks}", f"pq.recent={recent}"))
                                for recent in (0, 32, 64) for sinks in (0, 8)), sizes=True),
    "codebooks": Table((Variant("online, of each head"), offline("offline, of each head", "head"),
                        offline("offline, of a layer's heads together", "layer")),
                       ("attention", "outputs", "first_steps", "prompt_keys", "later_keys", "prompt_values", "later_values"),
                       OFFLINE_SEEDS),
    "iterations": Table(tuple(Variant(f"{count} iterations", (f"pq.iterations={count}",)) for count in (0, 1, 2, 4, 8))),
    "weighting": Table((Variant("weighted"), Variant("all weights 1", ("workload.prefill_queries=",))),
                       ("attention", "outputs", "first_steps", "keys", "attended_keys", "values", "attended_values"), SEEDS),
    "sorting": Table((Variant("unsorted"), Variant("values sorted", (SORTED_VALUES,)), Variant("keys sorted", (SORTED_KEYS,)),
                      Variant("both sorted", (SORTED_KEYS, SORTED_VALUES))), seeds=SEEDS),
    "initial": Table((Variant("k-means++"), Variant("drawn at random", ("pq.initial=random",)),
                      Variant("evenly spaced", ("pq.initial=first",)),
                      Variant("k-means++, 300 tokens a codebook", ("pq.window=300",))), seeds=SEEDS),
    "arithmetic": Table((Variant("fp16, sums in fp32"), Variant("the same, values by loop", ("pq.value_path=loop",)),
                         Variant("all in fp16", ("pim.arithmetic=fp16",)), Variant("bf16", ("pim.arithmetic=bf16",)))),
}


class Study:
    """Runs the platform, each run once, and measures."""

    def __init__(self, build, activations, folder, steps):
        self.binary = build / "aqpim-vp"
        self.folder = folder
        self.steps = steps
        self.passages = [Passage(activations / name, steps) for name in PASSAGES]

    def command(self, *arguments):
        process = subprocess.run([self.binary, *map(str, arguments), "--quiet"], capture_output=True, text=True, check=False)
        if process.returncode:
            raise Failure(process.stderr.strip() or f"exit status {process.returncode}")

    def offline_folder(self, index, seed):
        """Where lies what was found for a passage from the other one."""
        return self.folder / f"offline-{index}-{seed}"

    def sort_channels(self, index, seed):
        other = self.passages[1 - index].folder
        self.command("sort-channels", CONFIG, "--keys", other / "keys.npy", "--values", other / "values.npy",
                     "--out", self.offline_folder(index, seed), "--set", f"sim.seed={seed}")

    def find_offline(self, index, seed):
        self.sort_channels(index, seed)
        if seed in OFFLINE_SEEDS:
            offline_codebooks(self.passages[1 - index], self.offline_folder(index, seed), 16, 256, seed)

    def run(self, settings, index, seed):
        passage = self.passages[index]
        out = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        tensors = [word for name in ("keys", "values", "queries", "prefill_queries")
                   for word in ("--set", f"workload.{name}={passage.folder / name}.npy")]
        own = [setting.format(folder=self.offline_folder(index, seed)) for setting in settings]
        assignments = [word for setting in (*own, f"workload.steps={self.steps}", f"sim.seed={seed}")
                       for word in ("--set", setting)]
        dump = [] if own and own[0].startswith("workload.policy") else ["--dump-pq", out / "pq"]
        sources = not settings and seed == SEEDS[0]
        # Against bfloat16 the platform takes exact attention over the inputs as they are stored.
        tolerance = 1e-3 if "pim.arithmetic=bf16" in settings else 1e-6
        self.command("run", CONFIG, *tensors, *assignments, *dump, "--out", out)
        figures = measure(passage, out, bool(dump), sources, tolerance)
        shutil.rmtree(out)
        return figures


def perform(study, tables):
    """{(settings, passage, seed): figures, or the Failure}, two runs at a time."""
    jobs = {(variant.settings, index, seed) for table in tables.values() for variant in table.variants
            for index in range(len(PASSAGES)) for seed in table.seeds}

    def attempt(job):
        settings, index, seed = job
        try:
            return study.find_offline(index, seed) if settings is None else study.run(settings, index, seed)
        except (Failure, OSError, ValueError) as failure:
            words = "what is found offline" if settings is None else " ".join(settings)
            print(f"accuracy_study: {words}, {PASSAGES[index]}, seed {seed}: {failure}", file=sys.stderr)
            return Failure(failure)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(attempt, [(None, index, seed) for seed in SEEDS for index in range(len(PASSAGES))]))
        return dict(zip(sorted(jobs), pool.map(attempt, sorted(jobs))))


def cell(figures, column):
    """Errors in per cent: the mean, and with several seeds the least and the greatest."""
    if any(isinstance(figure, Failure) for figure in figures):
        return "failed"
    if column == "bits":
        return f"{figures[0].bits:.2f}"
    errors = [100 * getattr(figure, column) for figure in figures]
    mean = f"{np.mean(errors):#.3g}"
    return mean if len(errors) == 1 else f"{mean} ({min(errors):#.3g} to {max(errors):#.3g})"


def as_markdown(lines):
    lines.insert(1, ["---"] + ["---:"] * (len(lines[0]) - 1))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown(table, found):
    """A row for each variant, "a / b" in each cell; with several seeds a row for each variant and passage."""
    figures = {(variant, index): [found[variant.settings, index, seed] for seed in table.seeds]
               for index in range(len(PASSAGES)) for variant in table.variants}
    lines = [["", *(("bits in codes", "bits in all") if table.sizes else ()),
              *(HEADINGS[column] for column in table.columns)]]
    if len(table.seeds) > 1:
        lines += [[f"{'ab'[index]}: {variant.name}", *(cell(figures[variant, index], column) for column in table.columns)]
                  for variant, index in figures]
    else:
        lines += [[variant.name, *((f"{variant.code_bits:g}", cell(figures[variant, 0], "bits")) if table.sizes else ()),
                   *(" / ".join(cell(figures[variant, index], column) for index in range(len(PASSAGES)))
                     for column in table.columns)] for variant in table.variants]
    return as_markdown(lines)


def shares(passages):
    """Where exact attention goes, in per cent."""
    rows = ((name, *(f"{100 * share:.2f}" for share in passage.shares.values())) for name, passage in zip("ab", passages))
    return as_markdown([("", *passages[0].shares), *rows])


def put_in_place(page, tables):
    """The page with each table between its comments."""
    for name, text in tables.items():
        begin, end = f"<!-- {name}: made by accuracy_study.py -->\n", f"<!-- end of {name} -->"
        before, found_begin, rest = page.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found_begin or not found_end:
            raise SystemExit(f"accuracy_study: the page has no place for {name}: {begin.strip()} ... {end}")
        page = f"{before}{begin}{text}\n{end}{after}"
    return page


def draw(found, file):
    """Mean error of an output by m, by K, and by whose codebook it is."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "accuracy", "font.size": 9})
    import matplotlib.pyplot as plt

    def errors(name, index):
        """Mean of the seeds of each variant of a table; not a number, and so not drawn, if one failed."""
        table = TABLES[name]
        figures = [[found[variant.settings, index, seed] for seed in table.seeds] for variant in table.variants]
        return [np.mean([100 * getattr(figure, "outputs", np.nan) for figure in seeds]) for seeds in figures]

    figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True, constrained_layout=True)
    panels = (("subvectors", "subvectors m of 64 channels (K = 256)", [2, 4, 8, 16, 32, 64]),
              ("centroids", "centroids K (m = 16)", [16, 64, 128, 256, 512]))
    for axis, (name, label, places) in zip(axes, panels):
        for index in range(len(PASSAGES)):
            axis.plot(places, errors(name, index), "os"[index] + "-", label=f"PQ, passage {'ab'[index]}")
        for kind, style in ((1, "--"), (3, ":")):
            axis.axhline(errors("kinds", 0)[kind], color="grey", linestyle=style,
                         label=f"{TABLES['kinds'].variants[kind].name}, passage a")
        axis.set(xscale="log", xlabel=label)
        axis.set_xticks(places, places)
    for index in range(len(PASSAGES)):
        axes[2].bar(np.arange(3) + 0.4 * index - 0.2, errors("codebooks", index), 0.38, label=f"passage {'ab'[index]}")
    axes[2].set_xticks(range(3), ["online,\nof each head", "offline,\nof each head", "offline,\nshared by heads"])
    axes[0].set(ylabel="mean error of an attention output, %", yscale="log", ylim=(0.2, 40))
    axes[0].set_yticks([0.3, 1, 3, 10, 30], ["0.3", "1", "3", "10", "30"])
    for axis in axes:
        axis.minorticks_off()
        axis.legend(fontsize=8, loc="lower left" if axis is axes[0] else "best")
        axis.grid(axis="y", alpha=0.3)
    figure.savefig(file, format="svg", metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where aqpim-vp is")
    parser.add_argument("--activations", type=pathlib.Path, default=ROOT / "data" / "activations",
                        help="folder with " + " and ".join(PASSAGES))
    parser.add_argument("--steps", type=int, default=64, help="decode steps of each run")
    parser.add_argument("--markdown", type=pathlib.Path, help="the page whose tables are made again")
    parser.add_argument("--picture", type=pathlib.Path, help="the picture to make, SVG")
    given = parser.parse_args()
    missing = [name for name in PASSAGES if not (given.activations / name).is_dir()]
    if missing:
        parser.error(f"{given.activations} has no {' and no '.join(missing)}")
    if given.picture:
        importlib.import_module("matplotlib")  # where it is missing, fail before the runs
    with tempfile.TemporaryDirectory() as folder:
        study = Study(given.build.resolve(), given.activations.resolve(), pathlib.Path(folder), given.steps)
        found = perform(study, TABLES)
    tables = {name: markdown(table, found) for name, table in TABLES.items()} | {"shares": shares(study.passages)}
    if given.markdown:
        given.markdown.write_text(put_in_place(given.markdown.read_text(), tables))
    else:
        print("\n\n".join(f"{name}\n\n{text}" for name, text in tables.items()))
    if given.picture:
        draw(found, given.picture)
    sys.exit(any(isinstance(figure, Failure) for figure in found.values()))


if __name__ == "__main__":
    main()

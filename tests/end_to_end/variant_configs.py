#!/usr/bin/python3
"""Runs layered configurations (docs/variants.md), and prints a table of every variant, model, context and batch.

usage: variant_configs.py [FOLDER]        (after a build; takes some minutes; results stay in FOLDER)
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

from runs import BINARY, ROOT

CONFIGS = ROOT / "configs"
MODELS = sorted(path.stem for path in (CONFIGS / "models").glob("*.cfg"))
LARGE_MODELS = ("llama-3-70b", "opt-66b", "gpt3-175b")  # beyond one H100's 80 GiB
SCALE = "in_package_x8"
VARIANTS = sorted(path.stem for path in (CONFIGS / "variants").glob("*.cfg") if path.stem != SCALE)
POINTS = ((4095, 1, 1), (32767, 16, 1), (131071, 64, 1), (4095, 16, 8))  # prompt, batch, steps


def is_in_package(variant):
    return "attach = gpu" in (CONFIGS / "variants" / f"{variant}.cfg").read_text()


def layers(model, variant, base=None):
    """Configuration files of a point, in their order."""
    large = model in LARGE_MODELS
    base = base or ("h100x8" if large else "h100")
    files = [CONFIGS / "base" / f"{base}.cfg", CONFIGS / "models" / f"{model}.cfg", CONFIGS / "variants" / f"{variant}.cfg"]
    if base == "h100x8" and is_in_package(variant):
        files.append(CONFIGS / "variants" / f"{SCALE}.cfg")
    return files


def run(files, folder, *settings):
    """Returns the finished process and its statistics, None where there are none."""
    assignments = [word for setting in settings for word in ("--set", setting)]
    process = subprocess.run([BINARY, "run", *files, "--out", folder, "--quiet", *assignments], capture_output=True, text=True,
                             timeout=500, check=False)
    stats = pathlib.Path(folder) / "stats.json"
    return process, json.loads(stats.read_text()) if stats.exists() else None


def cell(process, stats):
    if process.returncode != 0:
        short = re.search("capacity: (.*) of ([0-9]+) B is too small: ([0-9]+) B", process.stderr)
        return (f"{short[1]}: {int(short[3]) / 2**30:.0f} GiB" if short else process.stderr.strip()[:120])
    steps = stats["decode"]["step_ps"]
    spilled = stats["kv"]["layers_spilled"]
    return f"{sum(steps) / len(steps) / 1e9:.2f} ms" + (f" ({spilled} in RAM)" if spilled else "")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="aqpim-variants-"))
    print("| variant | model | " + " | ".join(f"{prompt + 1} x {batch}, {steps} steps" for prompt, batch, steps in POINTS) +
          " | wall s |")
    print("|" + "---|" * (len(POINTS) + 3))
    for variant in VARIANTS:
        for model in MODELS:
            cells, wall = [], 0
            for prompt, batch, steps in POINTS:
                settings = (f"workload.prompt={prompt}", f"workload.batch={batch}", f"workload.steps={steps}")
                process, stats = run(layers(model, variant), folder / f"{variant}-{model}-{prompt}-{batch}", *settings)
                cells.append(cell(process, stats))
                wall = max(wall, stats["wall_s"] if stats else 0)
            print(f"| {variant} | {model} | " + " | ".join(cells) + f" | {wall:.1f} |", flush=True)


if __name__ == "__main__":
    main()

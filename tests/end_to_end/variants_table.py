#!/usr/bin/python3
"""Prints the table of docs/validation.md: what changing one part of the hardware does to the main job.

usage: variants_table.py        (after a build; takes about half a minute)
"""

import json
import pathlib
import subprocess
import tempfile

from runs import BINARY, CONFIG

VARIANTS = (
    ("default", ()),
    ("PCIe x8", ("pcie.lanes=8",)),
    ("PCIe x4", ("pcie.lanes=4",)),
    ("PCIe Gen4", ("pcie.generation=4",)),
    ("8 channels", ("pim.channels=8",)),
    ("4 channels", ("pim.channels=4",)),
    ("MAC spacing 4", ("pim.mac_spacing=4",)),
    ("L = 1", ("pim.lookups_per_slot=1",)),
    ("value path loop", ("pq.value_path=loop",)),
    ("PIM in the GPU's package", ("pim.attach=gpu",)),
)
COLUMNS = ("variant", "prefill us", "PIM quantize us", "step us", "PIM attention us", "attention cycles",
           "GPU link up, busy us", "payload MB", "error")


def run(folder, settings):
    assignments = [word for setting in settings for word in ("--set", setting)]
    subprocess.run([BINARY, "run", CONFIG, "--out", folder, "--quiet", *assignments], check=True)
    return json.loads((folder / "stats.json").read_text())


def row(name, stats):
    steps = stats["decode"]["step_ps"]
    link = stats["links"]["pcie.gpu_link.up"]
    return (name, f"{stats['prefill']['ps'] / 1e6:.1f}", f"{stats['prefill']['breakdown_ps']['pim_quantize'] / 1e6:.1f}",
            f"{sum(steps) / len(steps) / 1e6:.2f}",
            f"{stats['decode']['breakdown_ps']['pim_attention'] / len(steps) / 1e6:.2f}",
            str(stats["pim"]["attention_cycles"]), f"{link['busy_ps'] / 1e6:.2f}", f"{link['payload_bytes'] / 1e6:.3f}",
            f"{stats['accuracy']['relative_l2_coded']:.2e}")


def main():
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS))
    with tempfile.TemporaryDirectory() as folder:
        for name, settings in VARIANTS:
            print("| " + " | ".join(row(name, run(pathlib.Path(folder) / "out", settings))) + " |", flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Compares `aqpim-vp replay` with what Ramulator2 (2.1) and DRAMsim3 gave for the same requests.

    dram_reference.py --build build [--reference CSV] [--streams SCRIPT] [--set KEY=VALUE]

Each row of the reference names a preset (configs/reference/PRESET.cfg) and a stream (dram_streams.py writes it); its cycles
are ticks of `tick_ps` from the first request to the last completion. Where both references agree within 1 %, or there is
only one, the total time has to be within 1 % of Ramulator2; on the others inside the band between them, widened by 1 %.
Prints a Markdown table; exit status 1 if a row fails.

The references were driven so: one channel, requests in order, each as soon as its queue has room; read and write queues of
32, FR-FCFS, writes drained between 0.8 and 0.2 of the queue, open page, all-bank refresh; address fields from the top: row,
bank, bank group, column, pseudo-channel. DRAMsim3: queues of 8 for each bank behind one of 32.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STREAM_ARGUMENTS = ("kind", "requests", "rows", "columns", "pseudo_channels", "burst_bytes", "interval")
TOLERANCE = 0.01
HEADING = """\
| preset | stream | requests | Ramulator2 cycles | DRAMsim3 cycles | our cycles | to Ramulator2 | to DRAMsim3 | has to be | verdict | wall s | M requests/s |
|---|---|---|---|---|---|---|---|---|---|---|---|"""


class Outcome(NamedTuple):
    cycles: float  # in ticks of the reference
    wall_s: float


def references(row):
    """Ramulator2's and DRAMsim3's cycles; None where there are none."""
    return [int(row[name]) if row[name] else None for name in ("ramulator2_cycles", "dramsim3_cycles")]


def allowed(row):
    """The cycles that are allowed, and why."""
    ramulator2, dramsim3 = references(row)
    if dramsim3 is None or abs(dramsim3 / ramulator2 - 1) <= TOLERANCE:
        return ramulator2 * (1 - TOLERANCE), ramulator2 * (1 + TOLERANCE), "Ramulator2's ± 1 %"
    low, high = sorted((ramulator2, dramsim3))
    return low * (1 - TOLERANCE), high * (1 + TOLERANCE), "in the band ± 1 %"


def difference(cycles, reference):
    return "" if reference is None else f"{100 * (cycles / reference - 1):+.2f} %"


def stream_name(row):
    return row["kind"] + (f", every {row['interval']} cycles" if row["interval"] != "0" else "")


def table_line(row, outcome):
    """The row's line of the table, and whether it passes."""
    low, high, requirement = allowed(row)
    passes = low <= outcome.cycles <= high
    ramulator2, dramsim3 = references(row)
    rate = int(row["requests"]) / outcome.wall_s / 1e6
    cells = (row["preset"], stream_name(row), row["requests"], ramulator2, dramsim3 or "", round(outcome.cycles),
             difference(outcome.cycles, ramulator2), difference(outcome.cycles, dramsim3), requirement,
             "holds" if passes else "FAILS", f"{outcome.wall_s:.3f}", f"{rate:.2f}")
    return f"| {' | '.join(map(str, cells))} |", passes


def replay(row, given, folder):
    requests = folder / "requests.txt"
    with requests.open("w") as file:
        subprocess.run([sys.executable, given.streams, *(row[name] for name in STREAM_ARGUMENTS)], stdout=file, check=True)
    settings = [word for setting in given.set for word in ("--set", setting)]
    subprocess.run([given.build / "aqpim-vp", "replay", ROOT / "configs" / "reference" / f"{row['preset']}.cfg",
                    "--requests", requests, "--out", folder / "out", "--quiet", *settings], check=True)
    stats = json.loads((folder / "out" / "stats.json").read_text())
    return Outcome(stats["simulated_ps"] / float(row["tick_ps"]), stats["wall_s"])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where aqpim-vp is")
    parser.add_argument("--reference", type=pathlib.Path, default=HERE / "dram_reference.csv")
    parser.add_argument("--streams", type=pathlib.Path, default=HERE / "dram_streams.py")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="for every replay; repeatable")
    return parser.parse_args()


def main():
    given = arguments()
    failures = 0
    print(HEADING)
    with given.reference.open() as file, tempfile.TemporaryDirectory() as folder:
        for row in csv.DictReader(file):
            line, passes = table_line(row, replay(row, given, pathlib.Path(folder)))
            print(line, flush=True)
            failures += not passes
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

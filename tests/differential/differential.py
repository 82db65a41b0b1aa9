#!/usr/bin/env python3
"""Runs random instruction sequences on aqpim-vp and on qemu-system-riscv64, and compares what they leave: registers,
CSRs, memory and the log of traps. README.md says what is generated, and what is left out."""

import argparse
import pathlib
import shutil
import sys
import tempfile

import report
from machines import Platform, Qemu
from reduction import reduce
from sequences import BATCH, EVERYTHING, LOG, Runner, Sequence

SKIPPED = 77  # the exit status by which CTest knows a skipped test


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="number of the first sequence")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--qemu", default="qemu-system-riscv64")
    parser.add_argument("--build", default=pathlib.Path(__file__).resolve().parents[2] / "build", help="build tree")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="parameter of the platform")
    parser.add_argument("--only-qemu", action="store_true", help="compare QEMU with itself")
    parser.add_argument("--statistics", action="store_true", help="count instructions and traps")
    parser.add_argument("--differences", type=int, default=3, help="how many to show in full")
    parser.add_argument("--reduce", action="store_true", help="drop instructions that a difference does not need")
    parser.add_argument("--seconds", type=int, default=120, help="allowed for a batch on one machine")
    parser.add_argument("--keep", type=pathlib.Path, help="folder to work in, which stays")
    return parser.parse_args()


def main():
    options = arguments()
    if not Qemu.find(options.qemu):
        print(f"skipped: {options.qemu} is not installed (Debian package qemu-system-misc)")
        return SKIPPED
    settings = [word for setting in options.set for word in ("--set", setting)]
    other = Qemu(options.qemu, "qemu again") if options.only_qemu else Platform(options.build, settings)
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="aqpim-differential-"))
    try:
        return compare(options, Runner([Qemu(options.qemu), other], folder, options.seconds))
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def compare(options, runner):
    statistics = report.Statistics()
    differing = []
    troubled = False
    numbers = range(options.first, options.first + options.sequences)
    for batch in range(numbers.start // BATCH, (numbers.stop - 1) // BATCH + 1):
        sequences = [Sequence(options.seed, n) for n in range(batch * BATCH, (batch + 1) * BATCH) if n in numbers]
        results = runner.run([s.record(LOG * options.statistics) for s in sequences], f"batch{batch}")
        for machine, (lines, trouble) in zip(runner.machines, results):
            if trouble:
                troubled = True
                print(f"{machine.name}: batch {batch}, {len(lines)} of {len(sequences)} sequences ended: {trouble}")
        for sequence in sequences:
            lines = [lines.get(sequence.index) for lines, _ in results]
            if options.statistics:
                statistics.add(sequence, lines[0])
            if None in lines or lines[0] != lines[1]:
                differing.append(sequence)
                if len(differing) <= options.differences:
                    show(options, runner, sequences[:sequences.index(sequence)], sequence)
    if options.statistics:
        print(statistics.text())
    print(f"{len(numbers) - len(differing)} of {len(numbers)} sequences agree (seed {options.seed})")
    if differing:
        print("different: " + " ".join(str(sequence.index) for sequence in differing[:50]))
    return 1 if differing or troubled else 0


def show(options, runner, before, sequence):
    """Runs the sequence again with all values, and prints where the machines part. What ran before matters only where
    it locked PMP entries."""
    before = [s.record() for s in before if s.locks]
    code = reduce(runner, before, sequence) if options.reduce else sequence.program.code
    name = f"sequence{sequence.index}"
    results = runner.run(before + [sequence.record(EVERYTHING, code)], name)
    lines = [lines.get(sequence.index, "") for lines, _ in results]
    print(report.difference(runner.machines, sequence, code, lines, runner.folder / name))


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs random instruction streams, unfiltered, on aqpim-vp alone: whatever they do, the simulator must neither crash
nor hang. A stream may end the whole run, for instance by destroying the harness; the rest then runs on its own."""

import argparse
import pathlib
import random
import shutil
import sys
import tempfile

from encoding import INSTRUCTIONS
from machines import Platform
from sequences import Runner, Sequence
from unprivileged import some_bits

BATCH = 50
PASS, FAIL, STOPPED = 0, 1, 3  # exit statuses: the finisher's two, and a deadlock or the time limit


class Stream(Sequence):
    """A sequence's scene with other code in it."""

    def random_code(self, seed):
        """Anything at random, and instructions with random operands."""
        source = random.Random(f"{seed}.{self.index} stream")
        space = len(self.program.code) - 4
        code = b""
        while space - len(code) >= 4:
            if source.random() < 0.4:
                bits, size = some_bits(source)
            else:
                instruction = source.choice(list(INSTRUCTIONS.values()))
                size = instruction.size
                bits = instruction.match | source.getrandbits(8 * size) & ~instruction.mask
            code += bits.to_bytes(size, "little")
        return code + bytes(space - len(code)) + self.program.code[-4:]


def run_batch(runner, streams, seed):
    """Returns what went wrong."""
    while streams:
        [(lines, trouble)] = runner.run([s.record(code=s.random_code(seed)) for s in streams], "streams")
        machine = runner.machines[0]
        if machine.status not in (PASS, FAIL, STOPPED) or "ERROR: AddressSanitizer" in trouble:
            return trouble
        done = max((i + 1 for i, s in enumerate(streams) if s.index in lines), default=0)
        streams = streams[done + 1:]
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--build", default=pathlib.Path(__file__).resolve().parents[2] / "build", help="build tree")
    parser.add_argument("--time-limit", default="10ms", help="simulated, of a batch")
    parser.add_argument("--seconds", type=int, default=120, help="allowed for a batch")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="aqpim-streams-"))
    machine = Platform(options.build, ["--set", f"sim.time_limit={options.time_limit}"])
    runner = Runner([machine], folder, options.seconds)
    try:
        for first in range(options.first, options.first + options.streams, BATCH):
            last = min(first + BATCH, options.first + options.streams)
            trouble = run_batch(runner, [Stream(options.seed, n) for n in range(first, last)], options.seed)
            if trouble:
                print(f"seed {options.seed}, streams {first} to {last - 1}: {trouble}")
                return 1
        print(f"{options.streams} streams ended (seed {options.seed})")
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

"""Numbered sequences, and runs of many of them on both machines."""

import concurrent.futures
import random

from layout import CODE, SETUP_CSRS, pack_record
from machines import build
from program import Program
from scene import Scene

BATCH = 250
LOCKED_IN_BATCH = 20  # the last sequences of a batch, because a locked PMP entry stays so
LOCKABLE = range(9, 15)
LOG, EVERYTHING = 8, 31  # what to print in full, of a record's groups X, F, C, L, M


class Sequence:
    """Number `index` of a seed; the same whatever else runs."""

    def __init__(self, seed, index):
        source = random.Random(f"{seed}.{index}")
        locks = index % BATCH >= BATCH - LOCKED_IN_BATCH
        self.index = index
        self.locks = locks
        self.scene = Scene(source, source.choice(LOCKABLE) if locks else None)
        self.program = Program(source, self.scene, source.randint(12, 45))
        self.values = self.scene.record(SETUP_CSRS) | {"start": self.scene.base + self.program.offset,
                                                       "end_offset": self.program.end_offset}

    def record(self, full=0, code=None, index=None):
        """The bytes for the harness. `full`: what to print in full; `code`: instead of its own, as long as that."""
        offset = self.program.offset
        padded = bytes(offset % 8) + (code or self.program.code)
        padded += bytes(-len(padded) % 8)
        pokes = list(self.scene.entries.items())
        for i in range(0, len(padded), 8):
            pokes.append((CODE + offset // 8 * 8 + i, int.from_bytes(padded[i:i + 8], "little")))
        return pack_record(self.values | {"full": full, "index": self.index if index is None else index}, pokes)


class Runner:
    """Runs records on machines, in a folder."""

    def __init__(self, machines, folder, seconds):
        self.machines = machines
        self.folder = folder
        self.seconds = seconds

    def run(self, records, name, seconds=None):
        """Per machine: what it printed, by number, and what went wrong."""
        folder = self.folder / name
        limit = seconds or self.seconds
        elf = build(folder, records)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            runs = list(pool.map(lambda machine: machine.run(elf, folder / machine.name, limit), self.machines))
        return [(lines_by_number(text), trouble) for text, trouble in runs]


def lines_by_number(text):
    """The lines that sequences ended with; a last line that is cut off is none."""
    whole = text[:text.rfind("\n") + 1]
    lines = (line.split(None, 1) for line in whole.splitlines() if " " in line.strip() and not line.startswith("!"))
    return {int(number, 16): rest for number, rest in lines}

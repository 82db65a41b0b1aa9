"""Sweeps of small jobs, and what they leave."""

import csv
import json
import os
import pathlib
import signal
import subprocess
import time

from runs import BINARY, RunTest

# A layer of two heads and 64 tokens: a point takes some 50 ms.
TINY = """[workload]
layers = 1
heads = 2
kv_heads = 1
head_dim = 64
prompt = 64
steps = 2

[pq]
subvectors = 16
centroids = 16
"""
# The same for as long as a test needs to step in: a third of a second or more.
LONG = TINY.replace("prompt = 64", "prompt = 256").replace("steps = 2", "steps = 300")
GRID = ("--axis", "workload.prompt=64,96,128", "--axis", "pcie.lanes=4,16")


class SweepTest(RunTest):
    """A test whose sweeps are in `folder`, of the configuration that config() wrote."""

    def config(self, text=TINY, name="tiny.cfg"):
        file = self.folder / name
        file.write_text(text)
        return file

    def sweep(self, *arguments, out="out"):
        """Finished, with its texts."""
        return self.aqpim("sweep", *arguments, "--out", out)

    def sweep_well(self, *arguments, out="out"):
        process = self.sweep(*arguments, "--quiet", out=out)
        self.assertEqual(process.returncode, 0, process.stderr)
        return self.results(out)

    def start_sweep(self, *arguments, out="out"):
        """Not finished."""
        process = subprocess.Popen([BINARY, "sweep", *map(str, arguments), "--out", out], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(end, process)
        return process

    def results(self, out="out"):
        return json.loads((self.folder / out / "sweep.json").read_text())

    def rows(self, out="out"):
        with open(self.folder / out / "sweep.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def texts(self, out="out"):
        return {name: (self.folder / out / name).read_bytes() for name in ("sweep.csv", "sweep.json", "report.html")}

    def outcomes(self, out="out"):
        """When each point that has ended did, by its name."""
        return {file.parent.name: file.stat().st_mtime_ns for file in (self.folder / out / "points").glob("*/outcome.json")}

    def await_outcomes(self, count, process, out="out"):
        deadline = time.monotonic() + 60
        while len(self.outcomes(out)) < count:
            self.assertLess(time.monotonic(), deadline, "points do not end")
            self.assertIsNone(process.poll(), "the sweep has ended")
            time.sleep(0.005)

    def assert_nothing_half_written(self, out="out"):
        names = [path.name for path in (self.folder / out).rglob("*")]
        self.assertEqual([name for name in names if "partial" in name], [])


def end(process):
    if process.poll() is None:
        process.kill()
    process.communicate()


def workers_in(folder):
    """Processes that run a point of a sweep there."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if b"--run-point" in words and any(word.startswith(os.fsencode(folder)) for word in words):
            found.append(int(entry.name))
    return found


def kill_sweep(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()

"""Runs aqpim-vp as a user would, and reads what it leaves."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("AQPIM_BUILD", ROOT / "build"))
BINARY = BUILD / "aqpim-vp"
FIRMWARE = BUILD / "firmware"
CONFIG = ROOT / "configs" / "aqpim.cfg"
# What AddressSanitizer says of itself when an exception leaves a function that ran among SystemC's own stacks.
SANITIZER_NOTE = re.compile("==[0-9]+==WARNING: ASan is ignoring|False positive error reports|"
                            "For details see https://github.com/google/sanitizers")
DATA = ROOT / "data" / "activations" / "manual_a"


class RunTest(unittest.TestCase):
    """A test with a folder of its own, that goes with it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="aqpim-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def aqpim(self, *arguments):
        """Any command; returns the finished process with its texts."""
        return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=500, cwd=self.folder,
                              check=False)

    def run_config(self, *arguments, name="out", config=CONFIG):
        return self.aqpim("run", config, "--out", self.folder / name, "--quiet", "--set", "sim.check_protocol=true",
                          *arguments)

    def run_well(self, *arguments, name="out", config=CONFIG):
        """A run that has to succeed; returns its statistics."""
        process = self.run_config(*arguments, name=name, config=config)
        self.assertEqual(process.returncode, 0, process.stderr)
        return self.stats(name)

    def stats(self, name="out"):
        return json.loads((self.folder / name / "stats.json").read_text())

    def assert_refused(self, process, status, *parts):
        """One line on stderr that holds every part, and the status."""
        self.assertEqual(process.returncode, status, process.stderr)
        lines = [line for line in process.stderr.splitlines() if not SANITIZER_NOTE.match(line)]
        self.assertEqual(len(lines), 1, process.stderr)
        self.assertTrue(lines[0].startswith("aqpim-vp: "), lines[0])
        for part in parts:
            self.assertIn(str(part), lines[0])


def simulated(stats):
    """The figures that must not depend on the machine."""
    return {key: value for key, value in stats.items() if key != "wall_s"}

"""What --vcd, --trace and --dram-trace write."""

import collections
import csv
import subprocess

from runs import ROOT, RunTest

SMALL = ("--set", "workload.steps=1", "--set", "pq.centroids=16", "--set", "pq.iterations=1", "--set", "pim.channels=4")


class Traces(RunTest):
    def test_every_trace_of_one_run(self):
        vcd, trace, commands = (self.folder / name for name in ("run.vcd", "run.json", "run.csv"))
        traced = self.run_well(*SMALL, "--vcd", vcd, "--trace", trace, "--dram-trace", commands)
        plain = self.run_well(*SMALL, name="plain")
        self.assertEqual({**traced, "wall_s": 0}, {**plain, "wall_s": 0})
        self.check_waveforms(vcd)
        self.check_trace(trace)
        self.check_commands(commands, traced)

    def check_waveforms(self, vcd):
        converted = subprocess.run(["vcd2fst", vcd, self.folder / "run.fst"], capture_output=True, text=True, check=False)
        self.assertEqual(converted.returncode, 0, converted.stderr)
        self.assertGreater((self.folder / "run.fst").stat().st_size, 1000)
        text = vcd.read_text()
        for scope in ("hart0", "gpu_link", "channel0", "bank_engines", "copy", "interrupt"):
            self.assertIn(f"$scope module {scope} $end", text)
        self.assertTrue(vcd.with_suffix(".vcd.gtkw").exists())

    def check_trace(self, trace):
        check = subprocess.run(["/usr/bin/python3", ROOT / "tests" / "checks" / "trace_check.py", trace],
                               capture_output=True, text=True, check=False)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        text = trace.read_text()
        for track in ("hart0", "firmware", "gpu_link", "channel3", "copy", "ATTEND", "CLUSTER"):
            self.assertIn(track, text)

    def check_commands(self, commands, stats):
        counts = collections.Counter()
        times = {}
        with open(commands, newline="") as file:
            for row in csv.DictReader(file):
                counts[row["channel"], row["command"]] += 1
                self.assertGreaterEqual(int(row["time_ps"]), times.get(row["channel"], 0))
                times[row["channel"]] = int(row["time_ps"])
        for channel in range(4):
            counted = stats["channels"][f"pim.channel{channel}"]
            self.assertEqual(counts[str(channel), "REFab"], counted["refreshes"])
            self.assertEqual(counts[str(channel), "RD"], counted["reads"])
            self.assertEqual(counts[str(channel), "WR"], counted["writes"])
            # One all-bank command is a slot in each of the 64 banks.
            self.assertEqual(counts[str(channel), "PIM_RET"] * 64, counted["lookup_slots"])

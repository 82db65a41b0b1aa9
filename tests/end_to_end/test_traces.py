"""What --vcd, --trace and --dram-trace write."""

import collections
import csv
import subprocess

from runs import BINARY, FIRMWARE, ROOT, RunTest

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
        for scope in ("hart0", "gpu_link", "channel0", "bank_engines", "copy0", "interrupt"):
            self.assertTrue(f"$scope module {scope} $end" in text, scope)
        self.assertTrue(vcd.with_suffix(".vcd.gtkw").exists())

    def check_trace(self, trace):
        check = subprocess.run(["/usr/bin/python3", ROOT / "tests" / "checks" / "trace_check.py", trace],
                               capture_output=True, text=True, check=False)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        text = trace.read_text()
        for track in ("hart0", "firmware", "gpu_link", "channel3", "copy0", "ATTEND", "CLUSTER"):
            self.assertTrue(track in text, track)

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


class InstructionTraces(RunTest):
    def harts(self, count, trace):
        config = self.folder / "machine.cfg"
        config.write_text(f"[host]\nharts = {count}\n")
        return self.run_config("--firmware", FIRMWARE / "harts.elf", "--trace-instructions", trace, config=config)

    def check_trace(self, file, instructions):
        lines = file.read_text().splitlines()
        # The last one, which is counted when it is done, may be under way when the run ends.
        self.assertIn(len(lines) - instructions, (0, 1))
        self.assertRegex(lines[0], r"^ *80000000:\s+30047073\s+csrc\s+mstatus,8")

    def test_each_hart_has_a_file_of_its_own(self):
        for count in (1, 3):
            trace = self.folder / f"of-{count}"
            process = self.harts(count, trace)
            self.assertEqual(process.returncode, 0, process.stderr)
            names = [trace.name] + [f"{trace.name}.{hart}" for hart in range(1, count)]
            self.assertEqual(sorted(file.name for file in self.folder.glob(f"{trace.name}*")), names)
            for hart, name in enumerate(names):
                self.check_trace(self.folder / name, self.stats()["harts"][f"hart{hart}"]["instructions"])

    def test_coverage_counts_what_all_harts_have_executed(self):
        config = self.folder / "machine.cfg"
        config.write_text("[host]\nharts = 2\n")
        file = self.folder / "coverage.csv"
        stats = self.run_well("--firmware", FIRMWARE / "harts.elf", "--instruction-coverage", file, config=config)
        head, *lines = [line.split(",") for line in file.read_text().splitlines()]
        self.assertEqual(head, ["mnemonic", "extension", "count"])
        counts = {mnemonic: int(count) for mnemonic, _, count in lines}
        retired = sum(hart["instructions"] for hart in stats["harts"].values())
        # Each hart's last one may be under way when the run ends.
        self.assertIn(sum(counts.values()) - retired, (0, 1, 2))
        self.assertGreater(counts["addi"], 100)
        self.assertGreaterEqual(counts["amoadd.d"] + counts["amoadd.w"] + counts["lr.d"] + counts["lr.w"], 2000)
        self.assertEqual(counts["fadd.d"], 0)

    def test_a_file_that_cannot_be_written_is_refused_before_the_run(self):
        (self.folder / "taken.1").mkdir()
        self.assert_refused(self.harts(1, "no/such/folder/t"), 2, "--trace-instructions: no/such/folder/t: its folder does not")
        self.assert_refused(self.harts(2, "taken"), 2, "taken.1: cannot be written")
        self.assert_refused(self.run_config("--vcd", "t.1", "--trace-instructions", "t", "--set", "host.harts=2"), 2,
                            "t.1 found twice")
        self.assertEqual(sorted(file.name for file in self.folder.iterdir()), ["machine.cfg", "taken.1"])

    def test_a_disk_that_gets_full_is_told_and_nothing_is_left(self):
        (self.folder / "empty.cfg").write_text("")
        limited = f"ulimit -f 200; trap '' XFSZ; exec {BINARY} run empty.cfg --firmware {FIRMWARE / 'harts.elf'} " \
                  "--quiet --trace-instructions t"
        process = subprocess.run(["sh", "-c", limited], capture_output=True, text=True, cwd=self.folder, check=False)
        self.assert_refused(process, 2, "t: cannot be written: the disk may be full")
        self.assertEqual([file.name for file in self.folder.iterdir() if file.is_file()], ["empty.cfg"])

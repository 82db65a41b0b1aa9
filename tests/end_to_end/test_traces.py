"""What --vcd, --trace and --dram-trace write."""

import collections
import csv
import decimal
import json
import pathlib
import re
import subprocess

from runs import BINARY, FIRMWARE, ROOT, RunTest, simulated

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
        self.check_save_files(vcd)
        self.check_fst(vcd)

    def check_save_files(self, vcd):
        """They name the waveform's signals, each once, and no others."""
        names = sorted(signals(vcd))
        for ending, pattern in (("gtkw", r"^\+\{[^}]*\} (\S+)$"), ("sucl", r"^variable_add (\S+)$")):
            text = pathlib.Path(f"{vcd}.{ending}").read_text()
            self.assertEqual(sorted(re.findall(pattern, text, re.MULTILINE)), names, ending)

    def check_fst(self, vcd):
        """A run's FST has the changes that its VCD has."""
        fst = self.folder / "same.fst"
        self.run_well(*SMALL, "--vcd", fst, name="fst")
        again = self.folder / "again.vcd"
        with open(again, "w") as out:
            subprocess.run(["fst2vcd", fst], stdout=out, check=True)
        self.assertEqual(signals(again), signals(vcd))

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


class Views(RunTest):
    """--signals and --window."""

    def traced(self, name, *options):
        """A trace's slices: (track, name, start, end) in picoseconds."""
        file = self.folder / f"{name}.json"
        stats = self.run_well(*SMALL, "--trace", file, *options, name=name)
        return slices(file), simulated(stats)

    def test_a_window_shows_what_the_whole_trace_has_there(self):
        whole, whole_stats = self.traced("whole")
        phases = {name: (start, end) for track, name, start, end in whole if track == "host.firmware"}
        start, end = phases["decode 0"]
        for name, window in (("time", f"{start}ps..{end}ps"), ("phase", "decode 0")):
            part, stats = self.traced(name, "--window", window)
            self.assertEqual(stats, whole_stats)
            self.assertEqual(part, clipped(whole, start, end), name)
        self.assertGreater(len(part), 100)

    def test_patterns_choose_tracks(self):
        part, _ = self.traced("part", "--signals", "pim.channel[01].*", "--signals", "gpu.*", "--signals", "!*.interrupt")
        tracks = {track for track, *_ in part}
        self.assertIn("pim.channel1.bank_engines", tracks)
        self.assertIn("gpu.compute", tracks)
        for track in tracks:
            self.assertRegex(track, r"^(pim\.channel[01]\.\w+|gpu\.(copy|compute)\d*)$")

    def test_a_window_of_commands(self):
        whole, part = self.folder / "whole.csv", self.folder / "part.csv"
        self.run_well(*SMALL, "--dram-trace", whole)
        self.run_well(*SMALL, "--dram-trace", part, "--window", "1ms..2ms")
        head, *lines = whole.read_text().splitlines()
        within = [line for line in lines if 10**9 <= int(line.split(",")[0]) < 2 * 10**9]
        self.assertGreater(len(within), 100)
        self.assertEqual(part.read_text().splitlines(), [head, *within])

    def test_what_cannot_be_shown_is_refused(self):
        for options, message in (
                (("--trace", "t", "--signals", "pin.*"), "--signals: 'pin.*' found, which matches no track"),
                (("--trace", "t", "--window", "soon"), "--window: 'soon' found"),
                (("--window", "1ms.."), "--window: nothing found that has one"),
                (("--signals", "*"), "--signals: nothing found that shows signals")):
            self.assert_refused(self.run_config(*SMALL, *options), 2, message)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_phase_that_never_begins_is_told(self):
        process = self.run_config(*SMALL, "--vcd", self.folder / "w.vcd", "--window", "decode 9")
        self.assert_refused(process, 0, "--window: the firmware has not begun a phase 'decode 9'; the traces are empty")
        self.assertIn("nothing_recorded", (self.folder / "w.vcd").read_text())

    def test_the_timeline_agrees_with_the_trace(self):
        whole, stats = self.traced("whole", "--signals", "*")
        run, step = json.loads((self.folder / "whole" / "timeline.json").read_text())["windows"]
        self.assertEqual((run["name"], run["start_ps"], run["end_ps"]), ("run", 0, stats["simulated_ps"]))
        self.assertEqual(step["name"], "last decode step")
        self.assertEqual(step["end_ps"] - step["start_ps"], stats["decode"]["step_ps"][-1])
        for window in (run, step):
            start, end = window["start_ps"], window["end_ps"]
            busy = {track["path"]: track["busy"] for track in window["tracks"]}
            for path in ("pim.channel3.moves", "gpu.compute", "host.hart0", "pim.command"):
                expected = union_ps(clipped(whole, start, end), path)
                self.assertLessEqual(len(busy[path]), 240)
                # Three decimals of each bin.
                self.assertAlmostEqual(bins_ps(busy[path], window), expected, delta=0.0006 * (end - start), msg=path)
            self.check_power(window)

    def check_power(self, window):
        power = window.get("power_mw")
        self.assertIsNotNone(power)
        times = power["time_ps"]
        self.assertEqual((times[0], times[-1]), (window["start_ps"], window["end_ps"]))
        self.assertEqual(times, sorted(set(times)))
        for values in power["components"].values():
            self.assertEqual(len(values), len(times) - 1)


def signals(vcd):
    """{name: [(time, value)]} of a VCD file."""
    scopes, names, found, now = [], {}, collections.defaultdict(list), 0
    for line in filter(str.strip, vcd.read_text().splitlines()):
        words = line.split()
        if words[0] == "$scope":
            scopes.append(words[2])
        elif words[0] == "$upscope":
            scopes.pop()
        elif words[0] == "$var":
            names[words[3]] = ".".join([*scopes, words[4]])
        elif line[0] == "#":
            now = int(line[1:])
        elif line[0] in "sr":
            found[names[words[1]]].append((now, words[0][1:]))
        elif line[0] in "01":
            found[names[line[1:]]].append((now, line[0]))
    return found


def slices(trace):
    """(track, name, start, end) of a trace's slices, in picoseconds."""
    events = json.loads(trace.read_text(), parse_float=decimal.Decimal)["traceEvents"]
    tracks = {(event["pid"], event["tid"]): event["args"]["name"].split(" (")[0]
              for event in events if event["ph"] == "M" and event["name"] == "thread_name"}
    found = []
    for event in events:
        if event["ph"] == "X":
            start, length = int(event["ts"] * 10**6), int(event["dur"] * 10**6)
            found.append((tracks[event["pid"], event["tid"]], event["name"], start, start + length))
    return sorted(found)


def clipped(found, start, end):
    """What is left of slices in [start, end)."""
    return sorted((track, name, max(begin, start), min(finish, end)) for track, name, begin, finish in found
                  if (begin < end and finish > start) or (begin == finish and start <= begin < end))


def union_ps(found, path):
    """The time in which a track has a slice."""
    total, reached = 0, 0
    for _, _, start, end in sorted((entry for entry in found if entry[0] == path), key=lambda entry: entry[2]):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def bins_ps(shares, window):
    """The busy time that a window's bins stand for."""
    start, end, width = (window[key] for key in ("start_ps", "end_ps", "bin_ps"))
    return sum(share * min(width, end - start - place * width) for place, share in enumerate(shares))


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

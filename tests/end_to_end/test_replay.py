"""Request traces through `aqpim-vp replay`: what it counts and times, and what it says of bad ones."""

import csv
import json
import os
import signal
import subprocess

from runs import BINARY, ROOT, RunTest

HBM2 = ROOT / "configs" / "reference" / "hbm2A.cfg"
DDR4 = ROOT / "configs" / "reference" / "ddr4_2400A.cfg"
# Of HBM2, in cycles. An activate takes two on the bus, and both what follows it and what it follows count from and to the
# second: after a precharge the first one hides in tRP.
CL, BL, RCD, RP = 14, 2, 14, 14
HIT = CL + BL
MISS = 1 + RCD + HIT
CONFLICT = RP + RCD + HIT
# Address fields of the preset, from the top: row, bank, bank group, column, burst of 32 B.
COLUMN, ROW = 1 << 5, 1 << 14
TIMES = ("wall_s", "read_s")


class ReplayTest(RunTest):
    def replay(self, requests, *arguments, config=HBM2, name="out"):
        file = self.folder / "requests.txt"
        file.write_text(requests if isinstance(requests, str) else "".join(f"{line}\n" for line in requests))
        return self.aqpim("replay", config, "--requests", file, "--out", self.folder / name, *arguments)

    def figures(self, requests, *settings, config=HBM2):
        assignments = [word for setting in settings for word in ("--set", setting)]
        process = self.replay(requests, "--quiet", *assignments, config=config)
        self.assertEqual((process.returncode, process.stdout, process.stderr), (0, "", ""))
        return self.stats()

    def both(self, requests, *settings):
        """What both fidelities find; they have to agree."""
        keys = ("simulated_ps", "requests", "row_hits", "row_misses", "row_conflicts", "avg_read_latency_ns")
        detailed, fast = ({key: stats[key] for key in keys} for stats in
                          (self.figures(requests, f"memory.fidelity={fidelity}", *settings) for fidelity in ("detailed", "fast")))
        self.assertEqual(detailed, fast)
        return detailed


class Replay(ReplayTest):
    def test_a_read_of_a_closed_bank_takes_an_activate_and_its_data(self):
        stats = self.both(["R 0"])
        self.assertEqual(stats["simulated_ps"], MISS * 1000)
        self.assertEqual((stats["row_hits"], stats["row_misses"], stats["row_conflicts"]), (0, 1, 0))

    def test_time_counts_from_the_first_request(self):
        self.assertEqual(self.both(["R 0 1000"])["simulated_ps"], MISS * 1000)

    def test_one_at_a_time_hits_and_conflicts_take_what_the_data_sheet_says(self):
        stats = self.both(["R 0", f"R {COLUMN:x} 100", f"R {ROW:x} 200"])
        self.assertEqual((stats["row_hits"], stats["row_misses"], stats["row_conflicts"]), (1, 1, 1))
        self.assertEqual(stats["simulated_ps"], (200 + CONFLICT) * 1000)
        self.assertAlmostEqual(stats["avg_read_latency_ns"], (MISS + HIT + CONFLICT) / 3)

    def test_all_figures_are_there(self):
        stats = self.figures(["R 0", "W 1000000", "R 20"])
        self.assertEqual(stats["schema"], "replay-1")
        self.assertEqual((stats["requests"], stats["reads"], stats["writes"]), (3, 2, 1))
        self.assertEqual(stats["simulated_ps"], 1000 * stats["total_cycles"])
        self.assertAlmostEqual(stats["bandwidth_gbps"], 3 * 32 / stats["simulated_ps"] * 1000)
        self.assertGreater(stats["energy_pj"]["host_access"], 0)
        channel = stats["channels"]["pim.channel0"]
        for key in channel:
            self.assertEqual(channel[key], stats[key], key)

    def test_bandwidth_and_cycles_of_a_clock_that_is_no_whole_number_of_picoseconds(self):
        stats = self.figures([f"R {i * 64:x}" for i in range(128)], config=DDR4)
        self.assertEqual(stats["simulated_ps"], round(stats["total_cycles"] * 2500 / 3))
        self.assertAlmostEqual(stats["bandwidth_gbps"], 128 * 64 * 3000 / 2500 / stats["total_cycles"])

    def test_channels_work_side_by_side_and_are_counted_apart(self):
        address_map = "dram.address_map=row:bank:bank_group:column:channel:burst"
        one = self.figures([f"R {i * 64:x}" for i in range(100)], "pim.channels=2", address_map)
        two = self.figures([f"R {i * 32:x}" for i in range(200)], "pim.channels=2", address_map)
        self.assertEqual(one["total_cycles"], two["total_cycles"])
        self.assertEqual([two["channels"][f"pim.channel{i}"]["requests"] for i in range(2)], [100, 100])
        self.assertEqual([one["channels"][f"pim.channel{i}"]["requests"] for i in range(2)], [100, 0])
        self.assertAlmostEqual(two["bandwidth_gbps"], 2 * one["bandwidth_gbps"])
        self.assertAlmostEqual(two["bandwidth_gbps"], sum(c["bandwidth_gbps"] for c in two["channels"].values()))

    def test_a_read_of_what_a_waiting_write_brings_is_answered_from_it(self):
        stats = self.figures([f"R {ROW:x}", "W 0", "R 0", "W 0"])
        self.assertEqual((stats["forwarded_reads"], stats["merged_writes"]), (1, 1))
        self.assertEqual(stats["row_hits"] + stats["row_misses"] + stats["row_conflicts"], 2)
        self.assertEqual((stats["reads"], stats["writes"]), (2, 2))

    def test_a_deeper_queue_lets_a_read_arrive_earlier(self):
        conflicts = [f"R {i * ROW:x}" for i in range(40)]
        for fidelity in ("detailed", "fast"):
            latencies = [self.figures(conflicts, f"memory.fidelity={fidelity}", f"memory.read_queue={entries}")
                         ["avg_read_latency_ns"] for entries in (1, 8, 64)]
            self.assertEqual(latencies, sorted(latencies))
            self.assertGreater(latencies[2], 5 * latencies[0])

    def test_a_hash_spreads_what_would_meet_in_one_bank(self):
        conflicts = [f"R {i * ROW:x}" for i in range(64)]
        plain = self.figures(conflicts)
        hashed = self.figures(conflicts, "dram.address_hash=bank^row[1:0],bank_group^row[3:2]")
        self.assertGreater(plain["total_cycles"], 4 * hashed["total_cycles"])

    def test_the_same_requests_in_other_words_give_the_same_figures(self):
        plain = self.figures("R 0\nW 20 5\nR 4000 90\n")
        other = self.figures("# reads\r\n\r\nR 0x0 # first\r\n W\t0X20  5 \r\nR 00004000 90")
        for stats in (plain, other):
            for key in TIMES:
                del stats[key]
        self.assertEqual(plain, other)

    def test_config_cfg_gives_the_same_figures_again(self):
        requests = [f"{'RW'[i % 3 // 2]} {i * 7919 % 65536 * 32:x} {i}" for i in range(2000)]
        first = self.figures(requests, "memory.fidelity=fast", "dram.nRCDRD=20")
        (self.folder / "out" / "config.cfg").rename(self.folder / "again.cfg")
        second = self.figures(requests, config=self.folder / "again.cfg")
        for key in TIMES:
            del first[key], second[key]
        self.assertEqual(first, second)

    def test_what_is_printed(self):
        process = self.replay(["R 0", "W 20"])
        self.assertEqual(process.returncode, 0, process.stderr)
        for part in ("2 requests", "cycles", "pim.channel0", "all", "GB/s", "row hits", str(self.folder / "out")):
            self.assertIn(part, process.stdout)

    def test_the_platforms_own_configuration_can_be_replayed(self):
        config = self.folder / "empty.cfg"
        config.write_text("")
        stats = self.figures([f"R {i * 32:x}" for i in range(64)], config=config)
        self.assertEqual(len(stats["channels"]), 16)
        self.assertEqual({channel["requests"] for channel in stats["channels"].values()}, {4})

    def test_a_command_trace_holds_every_command_and_changes_no_figure(self):
        requests = [f"{'RW'[i % 2]} {i * 32 * 7919 % ROW * 3:x}" for i in range(300)]
        for fidelity in ("detailed", "fast"):
            setting = ("--set", f"memory.fidelity={fidelity}", "--quiet")
            self.assertEqual(self.replay(requests, *setting).returncode, 0)
            untraced = self.stats()
            process = self.replay(requests, "--dram-trace", self.folder / "t.csv", *setting)
            self.assertEqual(process.returncode, 0, process.stderr)
            for key in TIMES:
                del untraced[key]
            self.assertEqual(untraced, {key: value for key, value in self.stats().items() if key not in TIMES})
            with (self.folder / "t.csv").open() as file:
                commands = list(csv.DictReader(file))
            times = [int(command["time_ps"]) for command in commands]
            self.assertEqual(times, sorted(times))
            counts = {name: sum(command["command"] == name for command in commands) for name in ("RD", "WR", "ACT", "REFab")}
            served = untraced["requests"] - untraced["forwarded_reads"] - untraced["merged_writes"]
            self.assertEqual(counts["RD"] + counts["WR"], served)
            self.assertEqual(counts["ACT"], untraced["activates"])
            self.assertEqual(counts["REFab"], untraced["refreshes"])


class BadRequests(ReplayTest):
    def setUp(self):
        super().setUp()
        (self.folder / "out").mkdir()
        (self.folder / "out" / "stats.json").write_text("an earlier run's")

    def refuse(self, process, status, *parts):
        self.assert_refused(process, status, *parts)
        self.assertEqual([file.name for file in (self.folder / "out").iterdir()], ["stats.json"])
        self.assertEqual((self.folder / "out" / "stats.json").read_text(), "an earlier run's")
        self.assertEqual(list(self.folder.glob("*.partial*")), [])

    def test_bad_lines(self):
        for requests, *parts in (
                ("R 0\nX 20\n", ":2:", "'X'", "R|W HEX_ADDRESS [ARRIVAL_CYCLE]"),
                ("R 0\n\n# text\nR 2g\n", ":4:", "'2g'", "hexadecimal address"),
                ("R 0 5\nR 0 4\n", ":2:", "'4'", "from 5"),
                ("R 0 5 6\n", ":1:", "'6'"),
                ("R 1000000000\n", ":1:", "'1000000000'", "up to 0xfffffff"),
                ("R 0 99999999999999999999\n", ":1:", "281474976710655"),
                ("R 0\nR\0 0\n", ":2:", "'R\\x00'"),
                ("", "no request found"),
        ):
            self.refuse(self.replay(requests), 2, "requests.txt", *parts)

    def test_files_that_cannot_be_read(self):
        out = ("--out", self.folder / "out")
        self.refuse(self.aqpim("replay", HBM2, *out), 2, "no --requests F given")
        self.refuse(self.aqpim("replay", "--requests", "x", *out), 2, "no CONFIG... given")
        self.refuse(self.aqpim("replay", HBM2, "--requests", "none.txt", *out), 2, "none.txt", "No such file")
        self.refuse(self.aqpim("replay", HBM2, "--requests", self.folder, *out), 2, str(self.folder), "Is a directory")
        self.refuse(self.aqpim("replay", HBM2, "--requests", "", *out), 2, "--requests")

    def test_configurations_that_do_not_fit(self):
        def refuse(setting, *parts):
            self.refuse(self.replay("R 0\n", "--set", setting), 2, *parts)

        refuse("dram.address_map=row:bank:bank_group:colum:burst", "dram.address_map", "'colum'")
        refuse("dram.address_map=row:bank:bank_group:column[4:3]:column[1:0]:burst", "lacks bit 2 of 'column'")
        refuse("dram.address_hash=bank^bank", "dram.address_hash", "hashed itself")
        refuse("memory.fidelity=exact", "memory.fidelity", "detailed")
        refuse("memory.read_queue=0", "memory.read_queue")

    def test_outputs_that_cannot_be_written(self):
        requests = self.folder / "requests.txt"
        self.refuse(self.replay("R 0\n", "--dram-trace", requests), 2, "--dram-trace", "--requests reads")
        self.assertEqual(requests.read_text(), "R 0\n")
        self.refuse(self.replay("R 0\n", "--dram-trace", self.folder / "no" / "t.csv"), 2, "its folder does not exist")
        self.refuse(self.replay("R 0\n", "--dram-trace", "/dev/null"), 2, "no regular file")
        self.refuse(self.replay("R 0\n", "--vcd", "x"), 2, "unrecognised option '--vcd'")

    def test_a_signal_ends_the_replay_in_order(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        process = subprocess.Popen([BINARY, "replay", HBM2, "--requests", pipe, "--out", self.folder / "out"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with pipe.open("w") as requests:  # opens when the replay reads
            process.send_signal(signal.SIGINT)
            requests.write("R 0\nR 20\n")
        _, error = process.communicate(timeout=60)
        self.refuse(subprocess.CompletedProcess([], process.returncode, "", error), 3, "interrupted after 0 of 2 requests")


class Report(ReplayTest):
    def test_a_replay_is_no_run_that_a_report_could_show(self):
        self.figures(["R 0"])
        self.assert_refused(self.aqpim("report", self.folder / "out"), 2, "stats.json", "replay-1")
        self.assertEqual(json.loads((self.folder / "out" / "stats.json").read_text())["requests"], 1)

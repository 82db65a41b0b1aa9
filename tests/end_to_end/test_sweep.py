"""Sweeps: their points are runs; killed, failed and interrupted ones; what they leave."""

import json
import os
import signal
import time

from runs import CONFIG, DATA
from sweeps import GRID, LONG, SweepTest, kill_sweep, workers_in

EXCEPT = ("wall_s", "schema", "version", "links", "channels", "harts")


def figures(value, key=""):
    """Numbers, texts and flags by dotted key."""
    if isinstance(value, dict):
        merged = {}
        for name, member in value.items():
            if key or name not in EXCEPT:
                merged.update(figures(member, f"{key}.{name}" if key else name))
        return merged
    return {} if isinstance(value, list) or value is None else {key: value}


class Grid(SweepTest):
    def test_points_have_the_figures_of_runs(self):
        config = self.config()
        sweep = self.sweep_well(config, *GRID, "--jobs", "2")
        self.assertEqual([axis["name"] for axis in sweep["axes"]], ["workload.prompt", "pcie.lanes"])
        self.assertEqual([point["name"] for point in sweep["points"]],
                         ["0-64-4", "1-64-16", "2-96-4", "3-96-16", "4-128-4", "5-128-16"])
        rows = self.rows()
        for index, (point, row) in enumerate(zip(sweep["points"], rows, strict=True)):
            settings = [word for item in point["axes"].items() for word in ("--set", "=".join(item))]
            process = self.aqpim("run", config, *settings, "--quiet", "--out", "alone")
            self.assertEqual(process.returncode, 0, process.stderr)
            expected = figures(self.stats("alone"))
            self.assertEqual(point["figures"], expected)
            self.assertEqual((point["index"], point["status"], point["exit_status"]), (index, "done", 0))
            self.assertEqual(row["index"], str(index))
            self.assertEqual(row["workload.prompt"], point["axes"]["workload.prompt"])
            self.assertEqual(float(row["simulated_ps"]), expected["simulated_ps"])
            # Its files are a run's.
            folder = self.folder / "out" / point["directory"]
            self.assertEqual((folder / "attention.npy").read_bytes(), (self.folder / "alone" / "attention.npy").read_bytes())
            outcome = json.loads((folder / "outcome.json").read_text())
            self.assertEqual((outcome["status"], outcome["configuration_digest"]), ("done", expected["configuration_digest"]))
        self.assert_nothing_half_written()

    def test_the_number_of_jobs_changes_no_byte(self):
        config = self.config()
        for jobs in ("1", "2", "6"):
            self.sweep_well(config, *GRID, "--jobs", jobs, out=jobs)
        self.assertEqual(self.texts("1"), self.texts("2"))
        self.assertEqual(self.texts("1"), self.texts("6"))
        for point in self.results("1")["points"]:
            config = [(self.folder / jobs / point["directory"] / "point.cfg").read_text() for jobs in ("1", "2")]
            self.assertEqual(*config)

    def test_configurations_are_an_axis_and_their_paths_are_their_own(self):
        (self.folder / "variants").mkdir()
        self.config(f"[pcie]\nlanes = 4\n[workload]\nvalue_order =\nkeys = {DATA}/keys.npy\n", "variants/a.cfg")
        self.config("[workload]\nkeys = ../k.npy\n[pcie]\nlanes = 8\n", "variants/b.cfg")
        self.config("[pcie]\nlanes = 16\n", "variants/c.cfg")
        (self.folder / "k.npy").write_bytes((DATA / "keys.npy").read_bytes())
        sweep = self.sweep_well(CONFIG, "--axis", "variant=variants/a.cfg,variants/b.cfg+variants/c.cfg", "--set",
                                "workload.steps=1", "--set", "pq.iterations=1")
        self.assertEqual([point["axes"]["variant"] for point in sweep["points"]], ["a", "b+c"])
        second = (self.folder / "out" / sweep["points"][1]["directory"] / "config.cfg").read_text()
        self.assertIn("lanes = 16\n", second)
        self.assertIn(f"keys = {self.folder}/k.npy\n", second)

    def test_points_of_one_configuration_run_once(self):
        self.config("[pcie]\nlanes = 8\n", "a.cfg")
        self.config("[pcie]\nlanes = 8\n", "b.cfg")
        sweep = self.sweep_well(self.config(), "--axis", "variant=a.cfg,b.cfg")
        self.assertEqual([point["directory"] for point in sweep["points"]], ["points/0-a", "points/0-a"])
        self.assertEqual(sweep["points"][0]["figures"], sweep["points"][1]["figures"])
        self.assertEqual(list(self.outcomes()), ["0-a"])

    def test_the_table_and_the_progress(self):
        process = self.sweep(self.config(), *GRID, "--progress", "on")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("left", process.stderr)
        lines = process.stdout.splitlines()
        self.assertEqual(len(lines), 1 + 6 + 2)
        self.assertTrue(lines[1].startswith("0-64-4 "))
        self.assertTrue(lines[1].endswith("  done"))
        self.assertEqual(lines[-2:], ["6 of 6 points done, 0 failed", "results out"])


class Failures(SweepTest):
    def test_failing_points_are_told_and_the_others_are_done(self):
        # 3 lanes are not allowed; 500000 tokens do not fit; the others are fine.
        process = self.sweep(self.config(), "--axis", "workload.prompt=64,500000", "--axis", "pcie.lanes=3,4", "--quiet",
                             "--set", "sim.data=timing", "--set", "dram.rows=16")
        self.assertEqual(process.returncode, 1, process.stderr)
        lines = process.stderr.splitlines()
        self.assertEqual(len(lines), 3, process.stderr)
        for line, parts in zip(lines, (("0-64-3", "pcie.lanes", "3 is not a power of two"),
                                       ("2-500000-3", "pcie.lanes"), ("3-500000-4", "capacity")), strict=True):
            self.assertTrue(line.startswith("aqpim-vp: " + parts[0]), line)
            for part in parts[1:]:
                self.assertIn(part, line)
        self.assertEqual([(row["status"], row["exit_status"]) for row in self.rows()],
                         [("failed", "2"), ("done", "0"), ("failed", "2"), ("failed", "1")])
        self.assertEqual([bool(point["figures"]) for point in self.results()["points"]], [False, True, False, False])
        self.assertNotIn(str(self.folder), (self.folder / "out" / "sweep.csv").read_text())

    def test_a_failed_point_runs_again_and_the_others_do_not(self):
        self.config("[workload]\nbatch = 0\n", "variant.cfg")
        self.config("", "plain.cfg")
        arguments = (self.config(), "--axis", "variant=plain.cfg,variant.cfg", "--quiet")
        self.assertEqual(self.sweep(*arguments).returncode, 1)
        first = self.outcomes()
        self.config("[workload]\nbatch = 2\n", "variant.cfg")
        self.sweep_well(*arguments[:-1])
        self.assertEqual(self.outcomes()["0-plain"], first["0-plain"])
        self.assertEqual(self.results()["points"][1]["figures"]["workload.batch"], 2)

    def test_a_point_whose_process_is_killed_is_a_failed_one(self):
        process = self.start_sweep(self.config(LONG), "--axis", "pcie.lanes=4,8", "--jobs", "1", "--quiet")
        while not workers_in(self.folder):
            time.sleep(0.01)
        for worker in workers_in(self.folder):
            os.kill(worker, signal.SIGKILL)
        error = process.communicate(timeout=100)[1]
        self.assertEqual(process.returncode, 1, error)
        self.assertIn("0-4: killed by signal 9", error)
        self.assertEqual([point["status"] for point in self.results()["points"]], ["failed", "done"])

    def test_usage(self):
        config = self.config()
        axis = ("--axis", "pcie.lanes=4,8")
        for arguments, parts in (((config,), ("--axis",)), (axis, ("CONFIG",)),
                                 ((config, "--axis", "pcie.lanes"), ("pcie.lanes", "KEY=VALUE1")),
                                 ((config, "--axis", "pcie.lane=4"), ("pcie.lane", "'pcie.lanes'")),
                                 ((config, *axis, *axis), ("found twice",)),
                                 ((config, *axis, "--set", "pcie.lanes=2"), ("--set", "'2'")),
                                 ((config, *axis, "--jobs", "0"), ("--jobs", "1 to 4096")),
                                 ((config, *axis, "--executor", "cloud"), ("cloud", "local, slurm")),
                                 (("nowhere.cfg", *axis), ("nowhere.cfg",))):
            self.assert_refused(self.sweep(*arguments), 2, *parts)
        self.assertFalse((self.folder / "out").exists())


class Resume(SweepTest):
    AXES = ("--axis", "pcie.lanes=1,2,4,8,16", "--jobs", "2")

    def undisturbed(self, config):
        self.sweep_well(config, *self.AXES, out="undisturbed")
        return self.texts("undisturbed")

    def test_killed_in_the_middle_it_goes_on_without_repeating_or_losing_a_point(self):
        config = self.config(LONG)
        process = self.start_sweep(config, *self.AXES, "--quiet")
        self.await_outcomes(2, process)
        kill_sweep(process)
        self.assertFalse((self.folder / "out" / "sweep.json").exists())
        before = self.outcomes()
        self.sweep_well(config, *self.AXES)
        after = self.outcomes()
        self.assertEqual(len(after), 5)
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertEqual(self.texts(), self.undisturbed(config))
        self.assert_nothing_half_written()

    def test_points_end_with_a_sweep_that_is_killed(self):
        process = self.start_sweep(self.config(LONG), *self.AXES, "--quiet")
        self.await_outcomes(1, process)
        kill_sweep(process)
        deadline = time.monotonic() + 20
        while workers_in(self.folder):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_interrupted_it_says_how_to_go_on_and_keeps_what_is_done(self):
        config = self.config(LONG)
        undisturbed = self.undisturbed(config)
        for number, out in ((signal.SIGINT, "int"), (signal.SIGTERM, "term")):
            process = self.start_sweep(config, *self.AXES, "--quiet", out=out)
            self.await_outcomes(1, process, out)
            process.send_signal(number)
            error = process.communicate(timeout=60)[1]
            self.assertEqual(process.returncode, 3, error)
            self.assertIn("the same command goes on", error)
            self.assertEqual(workers_in(self.folder), [])
            before = self.outcomes(out)
            self.assertEqual(len(self.results(out)["points"]), len(before))
            self.assert_nothing_half_written(out)
            self.sweep_well(config, *self.AXES, out=out)
            after = self.outcomes(out)
            self.assertEqual({name: after[name] for name in before}, before)
            self.assertEqual(self.texts(out), undisturbed)

    def test_a_point_whose_inputs_have_changed_runs_again(self):
        keys = self.folder / "keys.npy"
        keys.write_bytes((DATA / "keys.npy").read_bytes())
        arguments = (CONFIG, "--keys", keys, "--set", "workload.steps=1", "--set", "pq.iterations=1", "--axis",
                     "pcie.lanes=4,8")
        self.sweep_well(*arguments)
        first = self.outcomes()
        self.sweep_well(*arguments)
        self.assertEqual(self.outcomes(), first)
        keys.write_bytes((DATA / "keys.npy").read_bytes())
        self.sweep_well(*arguments)
        self.assertTrue(all(self.outcomes()[name] > first[name] for name in first))

    def test_another_plan_is_refused_by_what_differs_unless_it_begins_anew(self):
        config = self.config()
        self.sweep_well(config, "--axis", "pcie.lanes=4,8")
        (self.folder / "out" / "notes.txt").write_text("mine")
        before = self.texts()
        self.assert_refused(self.sweep(config, "--axis", "pcie.lanes=4,16"), 2, "pcie.lanes=4,8 there",
                            "pcie.lanes=4,16 here", "--restart")
        self.assert_refused(self.sweep(config, "--axis", "pcie.lanes=4,8", "--set", "workload.batch=2"), 2, "workload.batch")
        self.assertEqual(self.texts(), before)
        self.sweep_well(config, "--axis", "pcie.lanes=16", "--restart")
        self.assertEqual([folder.name for folder in (self.folder / "out" / "points").iterdir()], ["0-16"])
        self.assertEqual((self.folder / "out" / "notes.txt").read_text(), "mine")

    def test_two_sweeps_do_not_share_a_directory(self):
        config = self.config(LONG)
        process = self.start_sweep(config, *self.AXES, "--quiet")
        self.await_outcomes(1, process)
        self.assert_refused(self.sweep(config, *self.AXES), 2, "another sweep")
        error = process.communicate(timeout=200)[1]
        self.assertEqual(process.returncode, 0, error)

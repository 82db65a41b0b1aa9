"""Sweeps on a Slurm cluster: the same results as here; failed, killed and interrupted ones."""

import os
import signal
import time
import unittest.mock

from slurm_cluster import SlurmCluster
from sweeps import GRID, LONG, SweepTest, kill_sweep, workers_in

ON_SLURM = ("--executor", "slurm")
AXES = ("--axis", "pcie.lanes=1,2,4,8,16")


class SweepOnSlurm(SweepTest):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(SlurmCluster())
        cls.enterClassContext(unittest.mock.patch.dict(os.environ, cls.cluster.environment))

    def tasks(self, out):
        """What Slurm knows of a sweep's tasks, a line each; also of those that have ended."""
        folder = str(self.folder / out / "slurm")
        return [line for line in self.cluster.command("scontrol", "--oneliner", "show", "job").splitlines()
                if f"WorkDir={folder} " in line]

    def running_task(self):
        return self.cluster.command("squeue", "-h", "-t", "RUNNING", "-o", "%F_%K").strip()

    def await_worker(self, process):
        while not workers_in(self.folder):
            self.assertIsNone(process.poll(), "the sweep has ended")
            time.sleep(0.01)

    def scripts(self, out="out"):
        return sorted(path.name for path in (self.folder / out / "slurm").glob("*.sh"))

    def test_it_leaves_the_same_bytes_as_here(self):
        config = self.config()
        self.sweep_well(config, *GRID, out="here")
        self.sweep_well(config, *GRID, *ON_SLURM, "--slurm-options", "--partition=main --comment='two words'",
                        out="there")
        self.assertEqual(self.texts("there"), self.texts("here"))
        self.assertEqual(len(self.tasks("there")), 6)
        self.assertIn("Comment=two words", self.tasks("there")[0])
        before = self.outcomes("there")
        self.sweep_well(config, *GRID, *ON_SLURM, out="there")
        self.assertEqual(self.outcomes("there"), before)
        self.assertEqual(self.scripts("there"), ["array-1.sh"])

    def test_a_failing_point_is_told_alike_and_the_others_are_done(self):
        arguments = (self.config(), "--axis", "workload.prompt=64,500000", "--axis", "pcie.lanes=3,4", "--set",
                     "sim.data=timing", "--set", "dram.rows=16")
        here = self.sweep(*arguments, "--quiet", out="here")
        there = self.sweep(*arguments, *ON_SLURM, out="there")
        self.assertEqual((there.returncode, there.stderr), (here.returncode, here.stderr))
        self.assertEqual(there.returncode, 1)
        self.assertEqual(self.texts("there")["sweep.csv"], self.texts("here")["sweep.csv"])
        self.assertEqual(len(self.tasks("there")), 2)

    def test_a_path_may_hold_spaces_quotes_and_percents(self):
        self.sweep_well(self.config(), "--axis", "pcie.lanes=4,8", *ON_SLURM, out="it's a \"50 %a\" $HOME * out")

    def test_a_point_whose_process_is_killed_is_told_alike(self):
        process = self.start_sweep(self.config(LONG), "--axis", "pcie.lanes=4,8", *ON_SLURM, "--jobs", "1")
        self.await_worker(process)
        for worker in workers_in(self.folder):
            os.kill(worker, signal.SIGKILL)
        error = process.communicate(timeout=100)[1]
        self.assertEqual(process.returncode, 1, error)
        self.assertEqual(error, "aqpim-vp: 0-4: killed by signal 9\n")
        self.assertEqual([point["status"] for point in self.results()["points"]], ["failed", "done"])

    def test_a_point_that_someone_cancels_in_slurm_is_a_failed_one(self):
        process = self.start_sweep(self.config(LONG), "--axis", "pcie.lanes=4,8", *ON_SLURM, "--jobs", "1")
        self.await_worker(process)
        self.cluster.command("scancel", self.running_task())
        error = process.communicate(timeout=100)[1]
        self.assertEqual(process.returncode, 1, error)
        self.assertEqual(error, "aqpim-vp: 0-4: ended by Slurm: CANCELLED\n")

    def test_tasks_go_on_when_the_sweep_is_killed_and_the_next_one_waits_for_them(self):
        config = self.config(LONG)
        self.sweep_well(config, *AXES, out="here")
        process = self.start_sweep(config, *AXES, *ON_SLURM)
        self.await_outcomes(1, process)
        kill_sweep(process)
        before = self.outcomes()
        self.sweep_well(config, *AXES, *ON_SLURM)
        after = self.outcomes()
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertEqual(self.texts(), self.texts("here"))
        self.assertEqual(self.scripts(), ["array-1.sh"])
        tasks = self.tasks("out")
        self.assertEqual(len(tasks), 5)
        for task in tasks:
            self.assertIn(" Restarts=0 ", task)
        self.assert_nothing_half_written()

    def test_a_requeued_task_runs_its_point_again_and_no_ended_point(self):
        config = self.config(LONG)
        process = self.start_sweep(config, "--axis", "pcie.lanes=4,8", *ON_SLURM, "--jobs", "1")
        self.await_worker(process)
        job = self.running_task()
        self.cluster.command("scontrol", "requeue", job)
        while self.cluster.command("squeue", "-h", "-j", job, "-o", "%T").strip() != "PENDING":
            self.assertIsNone(process.poll(), "the sweep has ended")
            time.sleep(0.1)
        # Otherwise it waits for two minutes. Within the second in which a task was killed, slurmd takes its next start
        # for one that was ordered before ("Job credential revoked").
        time.sleep(2)
        self.cluster.command("scontrol", "update", f"JobId={job}", "StartTime=now")
        error = process.communicate(timeout=300)[1]
        self.assertEqual(process.returncode, 0, error)
        self.assertEqual([point["status"] for point in self.results()["points"]], ["done", "done"])
        self.assertEqual(sorted("Restarts=1 " in task for task in self.tasks("out")), [False, True])

    def test_interrupted_it_cancels_its_tasks_and_the_same_command_goes_on(self):
        config = self.config(LONG)
        process = self.start_sweep(config, *AXES, *ON_SLURM)
        self.await_outcomes(1, process)
        process.send_signal(signal.SIGINT)
        error = process.communicate(timeout=100)[1]
        self.assertEqual(process.returncode, 3, error)
        self.assertIn("the same command goes on", error)
        self.assertEqual(self.cluster.command("squeue", "-h"), "")
        self.assertEqual(workers_in(self.folder), [])
        before = self.outcomes()
        self.sweep_well(config, *AXES, *ON_SLURM)
        after = self.outcomes()
        self.assertEqual(len(after), 5)
        self.assertEqual({name: after[name] for name in before}, before)

    def test_beginning_anew_ends_what_a_killed_sweep_left(self):
        config = self.config(LONG)
        process = self.start_sweep(config, *AXES, *ON_SLURM)
        self.await_outcomes(1, process)
        kill_sweep(process)
        self.sweep_well(config, "--axis", "pcie.lanes=16", *ON_SLURM, "--restart")
        self.assertEqual(self.cluster.command("squeue", "-h"), "")
        self.assertEqual(list(self.outcomes()), ["0-16"])

    def test_what_slurm_refuses_is_told_in_its_words(self):
        arguments = (self.config(), "--axis", "pcie.lanes=4,8", "--executor", "slurm")
        self.assert_refused(self.sweep(*arguments, "--slurm-options", "--partition=nowhere"), 2, "invalid partition",
                            "nowhere")
        with unittest.mock.patch.dict(os.environ, {"PATH": "/nowhere"}):
            self.assert_refused(self.sweep(*arguments), 2, "squeue", "PATH")
        self.assertEqual(self.cluster.command("squeue", "-h"), "")

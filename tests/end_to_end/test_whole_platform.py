"""The job on platforms with more than the default one has."""

import json
import subprocess

from programs import FIDELITIES
from runs import ROOT, RunTest


class Everything(RunTest):
    """Two GPUs, cascaded switches, every TLP, and every trace."""

    SETTINGS = ("platform.gpus=2", "platform.pim_devices=2", "platform.topology=cascaded", "pcie.fidelity=detailed",
                "workload.policy=fp16", "platform.kv=host", "workload.steps=2", "workload.batch=2")

    def test_at_once(self):
        words = [word for setting in self.SETTINGS for word in ("--set", setting)]
        trace, vcd = self.folder / "run.json", self.folder / "run.vcd"
        traced = self.run_well(*words, "--trace", trace, "--vcd", vcd)
        plain = self.run_well(*words, name="plain")
        self.assertEqual({**traced, "wall_s": 0}, {**plain, "wall_s": 0})
        self.assertEqual(set(traced["errors"].values()), {0})
        self.check_trace(trace)
        self.check_waveforms(vcd)

    def check_trace(self, trace):
        check = subprocess.run(["/usr/bin/python3", ROOT / "tests" / "checks" / "trace_check.py", trace],
                               capture_output=True, text=True, check=False)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        events = json.loads(trace.read_text())["traceEvents"]
        names = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
        links = ("host_link", "gpu0_link", "gpu1_link", "pim_switch_link", "pim0_link", "pim1_link")
        wanted = {f"pcie.{link}.{way}" for link in links for way in ("down", "up")}
        wanted |= {"gpu0.copy0", "gpu0.compute", "host.hart0", "host.firmware", "pcie.root_complex"}
        self.assertLessEqual(wanted, names)

    def check_waveforms(self, vcd):
        converted = subprocess.run(["vcd2fst", vcd, self.folder / "run.fst"], capture_output=True, text=True, check=False)
        self.assertEqual(converted.returncode, 0, converted.stderr)
        text = vcd.read_text()
        for scope in ("gpu0_link", "pim_switch_link", "copy0", "compute", "hart0"):
            self.assertIn(f"$scope module {scope} $end", text)


class GpuMemoryOfDram(RunTest):
    def test_serves_the_job_wherever_the_cache_lies(self):
        for kv, policy in (("pim", "aqpim"), ("gpu", "fp16"), ("host", "fp16")):
            for fidelity in FIDELITIES:
                with self.subTest(kv=kv, fidelity=fidelity):
                    settings = (f"platform.kv={kv}", f"workload.policy={policy}", "workload.steps=2",
                                f"pcie.fidelity={fidelity}")
                    words = [word for setting in settings for word in ("--set", setting)]
                    dram = self.run_well(*words, "--set", "gpu.memory_model=dram", name=f"dram-{kv}-{fidelity}")
                    stream = self.run_well(*words, name=f"stream-{kv}-{fidelity}")
                    self.assertEqual(dram["accuracy"], stream["accuracy"])
                    self.assertEqual(dram["errors"], stream["errors"])
                    # Kernels take the same share of either memory's bandwidth; copies may meet a refresh.
                    for one, other in zip(dram["decode"]["step_ps"], stream["decode"]["step_ps"], strict=True):
                        self.assertAlmostEqual(one / other, 1, delta=0.10)

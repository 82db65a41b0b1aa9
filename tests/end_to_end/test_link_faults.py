"""Links that fail, lose, spoil and repeat TLPs in the middle of the job: an error in bounded time, or the same results later."""

import json
import time

from runs import FIRMWARE, RunTest, simulated

FIDELITIES = ("fast", "detailed")
# Firmware asks a silent queue after 100 ms; a requester gives a completion up after 50 ms.
TIME_LIMIT = ("--time-limit", "500ms")
MOST_WALL_S = 30


class LinkTest(RunTest):
    def words(self, fidelity, *more):
        settings = ("workload.policy=fp16", "platform.kv=host", "workload.steps=4", f"pcie.fidelity={fidelity}", *more)
        return [word for setting in settings for word in ("--set", setting)]

    def disturb(self, fidelity, *faults):
        begin = time.monotonic()
        process = self.run_config(*self.words(fidelity, "pcie.faults=" + ",".join(faults)), *TIME_LIMIT)
        self.assertLess(time.monotonic() - begin, MOST_WALL_S)
        return process

    def attention_bytes(self, name):
        return (self.folder / name / "attention.npy").read_bytes()


class Faults(LinkTest):
    def setUp(self):
        super().setUp()
        self.phases = {fidelity: self.firmware_phases(fidelity) for fidelity in FIDELITIES}

    def firmware_phases(self, fidelity):
        """{name: (begin, end)} of each first phase of that name in an undisturbed run, in nanoseconds."""
        trace = self.folder / f"{fidelity}.json"
        self.run_well(*self.words(fidelity), "--trace", trace, name="undisturbed")
        events = json.loads(trace.read_text())["traceEvents"]
        tracks = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
        phases = {}
        for event in events:
            if event["ph"] == "X" and tracks[event["pid"], event["tid"]] == "host.firmware":
                begin = round(event["ts"] * 1000)
                phases.setdefault(event["name"], (begin, begin + round(event["dur"] * 1000)))
        return phases

    def moments(self, fidelity, phase, count):
        begin, end = self.phases[fidelity][phase]
        return [begin + (end - begin) * (2 * i + 1) // (2 * count) for i in range(count)]

    def log(self):
        return (self.folder / "out" / "uart.log").read_text()

    def check_failed(self, process, *texts):
        """Firmware says so, in words, and counts it."""
        self.assert_refused(process, 1, "firmware reported failure with code 1")
        stats = self.stats()
        self.assertGreater(stats["errors"]["firmware"], 0)
        self.assertEqual(stats["errors"]["bad_trace_marks"], 0)
        self.assertTrue(any(f"error: {text}" in self.log() for text in texts), self.log())
        self.assertFalse((self.folder / "out" / "attention.npy").exists())

    def test_a_link_that_goes_down_in_a_step_fails_the_job(self):
        for fidelity in FIDELITIES:
            for link in ("gpu_link", "host_link"):
                for at in self.moments(fidelity, "decode 1", 3):
                    with self.subTest(fidelity=fidelity, link=link, at=at):
                        self.check_failed(self.disturb(fidelity, f"{link}:down@{at}ns"),
                                          "GPU copy queue: the device does not answer",
                                          "GPU compute queue: the device does not answer")

    def test_a_link_that_comes_up_again_leaves_the_gpu_as_after_a_reset(self):
        for fidelity in FIDELITIES:
            (at,) = self.moments(fidelity, "decode 1", 1)
            with self.subTest(fidelity=fidelity):
                self.check_failed(self.disturb(fidelity, f"gpu_link:down@{at}ns", f"gpu_link:up@{at + 20000}ns"), "GPU co")

    def test_a_gpu_that_is_gone_before_enumeration_is_missed(self):
        for fidelity in FIDELITIES:
            with self.subTest(fidelity=fidelity):
                self.assert_refused(self.disturb(fidelity, "gpu_link:down@1ns"), 1, "code 4")
                self.assertIn("error: no GPU", self.log())

    def test_a_link_that_the_job_does_not_use_may_fail(self):
        for fidelity in FIDELITIES:
            with self.subTest(fidelity=fidelity):
                (at,) = self.moments(fidelity, "decode 1", 1)
                self.assertEqual(self.disturb(fidelity, f"pim_link:down@{at}ns").returncode, 0)

    def test_a_poisoned_tlp_fails_the_job(self):
        """Whatever it carries: of what the GPU reads, a descriptor or data; of what it writes, completion, message or data."""
        for fidelity in FIDELITIES:
            for phase, count in (("prefill", 4), ("decode 1", 8)):
                for at in self.moments(fidelity, phase, count):
                    with self.subTest(fidelity=fidelity, at=at):
                        process = self.disturb(fidelity, f"gpu_link:poison@{at}ns")
                        self.check_failed(process, "03:00.0 has received a poisoned TLP", "00:01.0 has received a poisoned TLP")

    def test_a_lost_completion_fails_the_job(self):
        for fidelity in FIDELITIES:
            for phase, count in (("prefill", 2), ("decode 1", 4)):
                for at in self.moments(fidelity, phase, count):
                    with self.subTest(fidelity=fidelity, at=at):
                        self.check_failed(self.disturb(fidelity, f"gpu_link:drop@{at}ns"), "GPU copy queue: descriptor",
                                          "GPU copy queue has stopped", "GPU compute queue has stopped")
                        self.assertGreater(self.stats()["errors"]["gpu_descriptors"], 0)
                        self.assertGreater(self.stats()["simulated_ps"], 50e9)  # the completion time-out

    def test_a_failure_repeats_to_the_picosecond(self):
        for fidelity in FIDELITIES:
            (at,) = self.moments(fidelity, "decode 1", 1)
            with self.subTest(fidelity=fidelity):
                runs = []
                for _ in range(2):
                    self.disturb(fidelity, f"gpu_link:down@{at}ns")
                    runs.append(simulated(self.stats()))
                self.assertEqual(*runs)


class BitErrors(LinkTest):
    @staticmethod
    def settled_ps(stats):
        """Of all steps but the first, which begins while the prefill's writes still fill the buffers on the way."""
        return sum(stats["decode"]["step_ps"][1:])

    def test_are_repaired_and_cost_time(self):
        """Some 0.5 us, a round trip, for each TLP that is sent again: in three steps, of 15 Mbit each, 450 of them at 1e-5."""
        for fidelity in FIDELITIES:
            clean = self.run_well(*self.words(fidelity), name=f"clean-{fidelity}")
            times = [self.settled_ps(clean)]
            for rate in ("1e-9", "1e-7", "1e-6", "1e-5"):
                with self.subTest(fidelity=fidelity, rate=rate):
                    name = f"{rate}-{fidelity}"
                    stats = self.run_well(*self.words(fidelity, f"pcie.bit_error_rate={rate}"), name=name)
                    self.assertEqual(self.attention_bytes(name), self.attention_bytes(f"clean-{fidelity}"))
                    self.assertEqual(set(stats["errors"].values()), {0})
                    times.append(self.settled_ps(stats))
            self.assertGreaterEqual(min(times), times[0])
            self.assertLess(times[1] - times[0], 1e6)
            self.assertGreater(times[4], times[0])
            self.assertLess(times[4] - times[0], 450 * 0.5e6)

    def test_repeat_to_the_picosecond(self):
        for fidelity in FIDELITIES:
            with self.subTest(fidelity=fidelity):
                runs = [simulated(self.run_well(*self.words(fidelity, "pcie.bit_error_rate=1e-6"), name=f"{fidelity}{i}"))
                        for i in range(2)]
                self.assertEqual(*runs)

    def test_fall_elsewhere_with_another_seed(self):
        """With every TLP; the closed form has their mean."""
        links = [self.run_well(*self.words("detailed", "pcie.bit_error_rate=1e-6", f"sim.seed={seed}"), name=f"{seed}")["links"]
                 for seed in (1, 2)]
        self.assertNotEqual(*links)


class Refusals(LinkTest):
    def test_texts_that_name_no_fault(self):
        for text in ("gpu_link", "gpu_link:down", "gpu_link:sideways@1us", "gpu_link:down@1", "gpu_link:down@-1us", ":down@1us",
                     "gpu_link@1us:down", "gpu_link:down@1us,,", "gpu_link:down@1GB", "usb_link:down@1us",
                     "gpu_link:down@99999999999s"):
            with self.subTest(text=text):
                process = self.run_config("--firmware", FIRMWARE / "hello.elf", "--set", f"pcie.faults={text}")
                self.assert_refused(process, 2, "pcie.faults")

    def test_a_link_that_is_not_there_is_told_which_are(self):
        process = self.run_config("--set", "platform.gpus=2", "--set", "pcie.faults=gpu_link:down@1us")
        self.assert_refused(process, 2, "pcie.faults", "'gpu_link'", "gpu0_link", "gpu1_link", "host_link", "pim_link")

    def test_more_bit_errors_than_a_link_survives(self):
        for rate in ("1e-4", "-1e-9", "many"):
            self.assert_refused(self.run_config("--set", f"pcie.bit_error_rate={rate}"), 2, "pcie.bit_error_rate")

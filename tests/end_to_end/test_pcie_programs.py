"""The SDK's PCIe programs: the figures they measure, the order they check, and the faults they survive.

What is expected is worked out here, from the configuration's parameters and their defaults (docs/parameters.md)."""

import json
import re

from programs import FIDELITIES, ProgramTest
from runs import FIRMWARE

# Nanoseconds.
ROOT_NS, LINK_NS, SWITCH_NS, ENDPOINT_NS = 150, 20, 105, 200
BUS_NS, RAM_NS, GPU_MEMORY_NS = 10, 60, 100
ONE_WAY_NS = ROOT_NS + LINK_NS + SWITCH_NS + LINK_NS  # between host and device
SERIALISATION_NS = 4  # at the most, of some 90 B over two links at 63 GB/s and of 64 B in memories
INSTRUCTIONS_NS = 12  # at the most, of the hart around what it measures
TLP_OVERHEAD = 24     # 16 B header, 4 B framing, 4 B LCRC (system.md section 4)


def payload_rate(gigatransfers, lanes, payload):
    """GB/s that large transfers carry, with 128b/130b."""
    return gigatransfers * lanes / 8 * 128 / 130 * payload / (payload + TLP_OVERHEAD)


class Measurements(ProgramTest):
    # So that links are the limit.
    FAST_RAM = "ram.bandwidth=100GB/s"

    def nanoseconds(self, log, what):
        return int(re.search(f"^{what}: (\\d+) ns", log, re.MULTILINE)[1])

    def bandwidths(self, log, pattern):
        return [float(text) for text in re.findall(f"^{pattern}: ([\\d.]+) GB/s$", log, re.MULTILINE)]

    def assert_between(self, found, least, most):
        self.assertGreaterEqual(found, least)
        self.assertLessEqual(found, most)

    def test_a_register_read_takes_0_79_us_and_the_hosts_bus(self):
        least = BUS_NS + 2 * ONE_WAY_NS + ENDPOINT_NS
        self.assertEqual(least - BUS_NS, 790)
        for log in self.each_fidelity("gpu_bandwidth", self.FAST_RAM):
            self.assert_between(self.nanoseconds(log, "MMIO read"), least, least + SERIALISATION_NS + INSTRUCTIONS_NS)

    def test_a_dma_read_of_64_bytes_takes_the_way_there_and_back_and_two_memories(self):
        least = 2 * ONE_WAY_NS + BUS_NS + RAM_NS + GPU_MEMORY_NS
        for log in self.each_fidelity("gpu_bandwidth", self.FAST_RAM):
            self.assert_between(self.nanoseconds(log, "DMA read of 64 B"), least, least + SERIALISATION_NS)

    def test_an_interrupt_takes_the_way_up_and_the_hosts_bus(self):
        # The program takes a register read to reach the device halfway, but the device's own latency and the host's bus are
        # both on the way there: it finds half of them too much (docs/firmware.md).
        least = ONE_WAY_NS + BUS_NS + (ENDPOINT_NS + BUS_NS) / 2
        for log in self.each_fidelity("gpu_bandwidth", self.FAST_RAM):
            found = self.nanoseconds(log, "interrupt, from the device's timestamp to the handler's first instruction")
            self.assert_between(found, least - 1, least + SERIALISATION_NS + INSTRUCTIONS_NS)

    def test_a_sleeping_hart_runs_once_the_interrupt_has_come_up(self):
        """By the trace, which knows the time everywhere."""
        for fidelity in FIDELITIES:
            with self.subTest(fidelity=fidelity):
                trace = self.folder / f"{fidelity}.json"
                self.run_well("--firmware", FIRMWARE / "gpu_streams.elf", "--trace", trace, "--set", f"pcie.fidelity={fidelity}")
                raised, asleep = self.interrupts_and_sleeps(json.loads(trace.read_text())["traceEvents"])
                latencies = []
                for begin, end in asleep:
                    during = [at for at in raised if begin - 1000 < at < end]
                    if during and during[0] > begin:  # else the one that wakes the hart may be from before
                        latencies.append(end - during[0])
                self.assertGreater(len(latencies), 5)
                for latency in latencies:
                    self.assert_between(latency, ONE_WAY_NS + BUS_NS, ONE_WAY_NS + BUS_NS + SERIALISATION_NS + INSTRUCTIONS_NS)

    def interrupts_and_sleeps(self, events):
        """When messages leave the device, and from when to when the hart sleeps, in nanoseconds and in order."""
        tracks = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
        slices = [(e["name"], tracks[e["pid"], e["tid"]], e["ts"] * 1000, e["dur"] * 1000) for e in events if e["ph"] == "X"]
        raised = sorted(at for name, _, at, _ in slices if name == "MSI-X")
        asleep = sorted((at, at + lasts) for name, track, at, lasts in slices if (name, track) == ("wfi", "host.hart0"))
        return raised, asleep

    def test_large_copies_are_as_fast_as_the_links(self):
        for gigatransfers, generation, lanes, payload in ((32, 5, 16, 256), (16, 4, 8, 128), (32, 5, 4, 512), (8, 3, 16, 256)):
            expected = payload_rate(gigatransfers, lanes, payload)
            for log in self.each_fidelity("gpu_bandwidth", self.FAST_RAM, f"pcie.generation={generation}",
                                          f"pcie.lanes={lanes}", f"pcie.max_payload={payload}"):
                for direction in ("reads", "writes"):
                    found = self.bandwidths(log, f"engine \\d {direction} 16.000 MiB")
                    self.assertEqual(len(found), 3)
                    for rate in found:
                        self.assertAlmostEqual(rate / expected, 1, delta=0.01)

    def test_engines_share_a_link(self):
        expected = payload_rate(32, 16, 256)
        for log in self.each_fidelity("gpu_bandwidth", self.FAST_RAM, "gpu.copy_engines=8"):
            for direction in ("read", "write"):
                (rate,) = self.bandwidths(log, f"8 engines {direction} [\\d.]+ MiB each")
                self.assertAlmostEqual(rate / expected, 1, delta=0.01)

    def test_large_copies_are_no_faster_than_ram(self):
        for log in self.each_fidelity("gpu_bandwidth"):
            for rate in self.bandwidths(log, "engine \\d reads 16.000 MiB"):
                self.assertAlmostEqual(rate / 25.6, 1, delta=0.01)
            # The end of a write is when the device has sent it: two receivers' buffers of 128 KiB are then still full.
            for rate in self.bandwidths(log, "engine \\d writes 16.000 MiB"):
                self.assert_between(rate, 25.6 * 0.99, 25.6 / (1 - 256 / (16 << 10)) * 1.01)

    def test_small_copies_pay_the_latency(self):
        """4 KiB in one burst: what 64 B take, and 4096 B over link and memories."""
        seconds = (2 * ONE_WAY_NS + BUS_NS + RAM_NS + GPU_MEMORY_NS) * 1e-9 + 4096 / (payload_rate(32, 16, 256) * 1e9)
        for log in self.each_fidelity("gpu_bandwidth", self.FAST_RAM):
            (rate,) = self.bandwidths(log, "engine 0 reads 4.000 KiB")
            self.assertAlmostEqual(rate / (4096 / seconds / 1e9), 1, delta=0.10)


class Streams(ProgramTest):
    ONE_GPU = ("rows with strides", "fill", "scatter and gather", "a stream waits for a copy", "copies overlap computing",
               "a copy engine waits for a word in RAM", "a semaphore that nobody releases")
    PEERS = ("a GPU reads from another", "and the other way round")

    def check_log(self, log, names):
        found = [re.split(": ", line)[-2] for line in log.splitlines() if line.endswith(": ok")]
        self.assertEqual(found, list(names))
        self.assertIn("\n0 checks failed\n", log)

    def test_of_one_gpu(self):
        for log in self.each_fidelity("gpu_streams"):
            self.check_log(log, self.ONE_GPU)
            self.assertIn("no second GPU", log)
            # The semaphore that is given up, and nothing else.
            self.assertEqual(self.stats()["errors"]["gpu_descriptors"], 1)
            self.assertEqual(self.stats()["errors"]["pcie_unsupported_requests"], 0)

    def test_of_two_gpus_that_read_each_others_memory(self):
        for more in ((), ("platform.topology=cascaded",), ("pcie.acs_redirect=true",), ("pim.attach=gpu",)):
            for log in self.each_fidelity("gpu_streams", "platform.gpus=2", *more):
                self.check_log(log, self.ONE_GPU + self.PEERS)

    def test_peers_meet_in_the_switch_unless_redirected_to_the_root(self):
        """Two read requests of 512 B; redirected they cross the host's link."""
        for fidelity in FIDELITIES:
            with self.subTest(fidelity=fidelity):
                up = []
                for redirect in ("false", "true"):
                    name = f"{fidelity}-{redirect}"
                    self.run_program("gpu_streams", "platform.gpus=2", f"pcie.fidelity={fidelity}",
                                     f"pcie.acs_redirect={redirect}", name=name)
                    up.append(self.stats(name)["links"]["pcie.host_link.up"]["tlps"])
                self.assertGreaterEqual(up[1] - up[0], 2)


class Faults(ProgramTest):
    CHECKS = 7

    def test_every_fault_ends_in_an_error_and_a_working_platform(self):
        for more in ((), ("platform.gpus=2", "platform.topology=cascaded"), ("pim.attach=gpu",),
                     ("pcie.generation=3", "pcie.lanes=1")):
            for log in self.each_fidelity("pcie_faults", *more):
                self.assertEqual(len(re.findall("ok$", log, re.MULTILINE)), self.CHECKS, log)
                self.assertIn(f"0 of {self.CHECKS} checks failed", log)
                self.assertGreater(self.stats()["errors"]["pcie_unsupported_requests"], 0)
                self.assertGreater(self.stats()["errors"]["gpu_descriptors"], 0)

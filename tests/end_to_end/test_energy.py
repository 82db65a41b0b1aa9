"""Energy of whole runs, worked out here from what the run counted, from the model's shape and from figures per bit (system.md section 4)."""

from runs import ROOT, RunTest
from test_pcie_share import FFN, HEADS, HEAD_DIM, HIDDEN, KV_HEADS, LAYERS, MISTRAL, PROMPTS, VOCAB, WORD_BYTES, cache_bytes

AQPIM = ROOT / "configs" / "reference" / "mistral_32k.cfg"
BANKS, ROW_BITS, COLUMN_BITS = 64, 1024 * 8, 32 * 8  # of a channel; of a bank
ACTIVATE, CELL, HOST_PATH, CHIP_TO_CHIP, PCIE = 0.11, 0.44, 3.59, 1.3, 6.0  # pJ/bit
MAC_PJ, INSTRUCTION_PJ = 0.32, 70


def phases_of(stats):
    return [stats["setup"]["energy_pj"], stats["prefill"]["energy_pj"], stats["decode"]["energy_pj"], stats["energy"]["other_pj"]]


def settings(*assignments):
    return [word for assignment in assignments for word in ("--set", assignment)]


class EnergyTest(RunTest):
    def check_sums(self, stats):
        """Every component of every phase; and what the means are of."""
        for component, pj in stats["energy_pj"].items():
            self.assertAlmostEqual(sum(phase[component] for phase in phases_of(stats)), pj, delta=1e-9 * (pj + 1), msg=component)
        self.assertAlmostEqual(stats["energy"]["total_pj"] / sum(stats["energy_pj"].values()), 1, delta=1e-12)
        decode = stats["decode"]
        step_pj = sum(decode["energy_pj"].values()) / len(decode["step_ps"])
        self.assertAlmostEqual(decode["mean_step_energy_pj"] / step_pj, 1, delta=1e-12)
        self.assertAlmostEqual(sum(decode["step_energy_pj"]) / len(decode["step_ps"]) / step_pj, 1, delta=1e-12)
        self.assertAlmostEqual(decode["token_energy_pj"] * stats["workload"]["batch"] / step_pj, 1, delta=1e-12)
        self.assertEqual(decode["tokens"], len(decode["step_ps"]) * stats["workload"]["batch"])
        self.assertEqual(decode["mean_step_ps"], sum(decode["step_ps"]) // len(decode["step_ps"]))

    def check_counters(self, stats):
        """Of the whole run, from what each part counted."""
        channels = list(stats["channels"].values())

        def count(key):
            return sum(channel[key] for channel in channels)

        def issued(*commands):
            return sum(channel["commands"].get(command, 0) for channel in channels for command in commands)
        expected = {
            "pim_activate": (issued("ACT") + BANKS * issued("PIM_ACT_AB")) * ROW_BITS * ACTIVATE,
            "pim_host_access": (count("reads") + count("writes")) * COLUMN_BITS * (HOST_PATH - ACTIVATE),
            "pim_pim_access": count("pim_columns") * COLUMN_BITS * CELL,
            "pim_mac": count("macs") * MAC_PJ,
            "pim_lookup": count("lookups") * 16 * CELL,
            "pim_move": count("moved_bits") * (HOST_PATH - ACTIVATE - CELL),
            "pcie": sum(link["wire_bytes"] for link in stats["links"].values()) * 8 * PCIE,
            "gpu_compute": sum(kernel["flops"] for kernel in stats["gpu"]["kernels"].values()) / 2 * MAC_PJ,
            "host_cpu": sum(hart["instructions"] for hart in stats["harts"].values()) * INSTRUCTION_PJ,
        }
        for component, pj in expected.items():
            self.assertGreater(pj, 0, component)
            self.assertAlmostEqual(stats["energy_pj"][component] / pj, 1, delta=1e-9, msg=component)


class SmallRuns(EnergyTest):
    def test_every_component_follows_from_its_counters_and_the_phases_sum_to_the_whole(self):
        stats = self.run_well()
        self.check_sums(stats)
        self.check_counters(stats)
        self.assertEqual(stats["energy_pj"]["chip_to_chip"], 0)
        self.assertGreater(stats["prefill"]["energy_pj"]["pim_mac"], 0)
        self.assertGreater(stats["decode"]["energy_pj"]["pim_lookup"], 0)

    def test_in_the_package_what_the_memory_moves_is_charged_chip_to_chip(self):
        stats = self.run_well(*settings("pim.attach=gpu"))
        self.check_sums(stats)
        bits = sum(channel["reads"] + channel["writes"] for channel in stats["channels"].values()) * COLUMN_BITS
        self.assertAlmostEqual(stats["energy_pj"]["chip_to_chip"] / (bits * CHIP_TO_CHIP), 1, delta=1e-9)

    def test_background_and_idle_power_count_by_each_phases_time(self):
        stats = self.run_well(*settings("energy.gpu_idle=80W", "energy.background_precharged=2mW", "energy.background_active=2mW"))
        self.check_sums(stats)
        ranks = 4 * len(stats["channels"])
        for phase, ps in ((stats["prefill"]["energy_pj"], stats["prefill"]["ps"]),
                          (stats["decode"]["energy_pj"], stats["decode"]["total_ps"]),
                          (stats["energy_pj"], stats["simulated_ps"])):
            self.assertAlmostEqual(phase["gpu_idle"] / (80 * ps), 1, delta=1e-9)
            self.assertAlmostEqual(phase["pim_background"] / (2e-3 * ranks * ps), 1, delta=1e-9)


class FullSize(EnergyTest):
    """Mistral-7B, one decode step, no prefill."""

    def run_aqpim(self, *assignments, name):
        return self.run_well(*settings(*assignments), config=AQPIM, name=name)

    def test_a_step_whose_cache_is_in_ram(self):
        batch = 1
        stats = self.run_well(*settings(f"workload.batch={batch}", f"workload.prompt={PROMPTS[batch]}", "pcie.max_payload=256"),
                              config=MISTRAL)
        self.check_sums(stats)
        step = stats["decode"]["energy_pj"]
        projections = LAYERS * ((HEADS + 2 * KV_HEADS) * HEAD_DIM * HIDDEN + HIDDEN * HEADS * HEAD_DIM + 3 * FFN * HIDDEN) + VOCAB * HIDDEN
        attention = LAYERS * 2 * HEADS * HEAD_DIM * (PROMPTS[batch] + 1)
        self.assertAlmostEqual(step["gpu_compute"] / ((projections + attention) * batch * MAC_PJ), 1, delta=0.001)
        # Weights, and the cache twice: written by the copy engine, read by attention. Of new tokens nothing much.
        moved = projections * WORD_BYTES + 2 * cache_bytes(batch)
        self.assertAlmostEqual(step["gpu_memory"] / (moved * 8 * HOST_PATH), 1, delta=0.005)
        # Two links; 24 B for each completion of 256 B, and for each request of 512 B.
        wire = 2 * cache_bytes(batch) * (1 + 24 / 256 + 24 / 512)
        self.assertAlmostEqual(step["pcie"] / (wire * 8 * PCIE), 1, delta=0.01)
        self.assertAlmostEqual(step["host_memory"] / (cache_bytes(batch) * 8 * 20.3), 1, delta=0.001)

    def test_a_step_of_aqpim_looks_up_each_code_for_its_score_and_for_its_value(self):
        step = self.run_aqpim(name="step")["decode"]["energy_pj"]
        batch, subvectors, coded = 16, 32, 32768 - 8 - 32
        lookups = 2 * LAYERS * batch * HEADS * subvectors * coded
        self.assertAlmostEqual(step["pim_lookup"] / (lookups * 16 * CELL), 1, delta=1e-9)

    def test_lookups_are_charged_two_bytes_or_the_column(self):
        value, column = (self.run_aqpim(f"energy.lookup_charge={charge}", name=charge) for charge in ("value", "column"))
        self.assertEqual((value["energy"]["lookup_charge"], column["energy"]["lookup_charge"]), ("value", "column"))
        for energies in zip(phases_of(value), phases_of(column)):
            for component, pj in energies[0].items():
                self.assertAlmostEqual(energies[1][component], pj * (16 if component == "pim_lookup" else 1), delta=1e-12 * pj)
        self.check_sums(value)
        self.check_counters(value)

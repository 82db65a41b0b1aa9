"""Mistral-7B at full size: attention's time against AttAcc's, bytes stored, clustering beside the GPU's prefill."""

from runs import ROOT, RunTest, simulated

MISTRAL = ROOT / "configs" / "reference" / "mistral_32k.cfg"
FP16 = ("workload.policy=fp16", "dram.rows=32768")  # 64 GiB and what a step needs beside them


class Mistral(RunTest):
    def run_point(self, *settings, name="out"):
        assignments = [word for setting in settings for word in ("--set", setting)]
        return self.run_well(*assignments, config=MISTRAL, name=name)

    def attention_ms(self, *settings):
        """Of one step's 32 layers, from the first of a command to its end."""
        return self.run_point(*settings)["decode"]["breakdown_ps"]["pim_attention"] / 1e9


class Attention(Mistral):
    def test_fp16_as_attacc_maps_it_with_and_without_reuse(self):
        self.assertAlmostEqual(self.attention_ms(*FP16) / 12.95, 1, delta=0.02)
        self.assertAlmostEqual(self.attention_ms(*FP16, "pim.gqa_reuse=true") / 3.24, 1, delta=0.02)

    def test_lookups_beside_attacc(self):
        attacc = self.attention_ms(*FP16)
        self.assertAlmostEqual(attacc / self.attention_ms() / 3.37, 1, delta=0.10)
        loop = ("pq.value_path=loop",)
        self.assertAlmostEqual(attacc / self.attention_ms(*loop, "pim.lookups_per_slot=1") / 0.19, 1, delta=0.10)
        # With one row of codes in the registers each of them is looked up in four rows of values: the turns between
        # rows (docs/validation.md) cost what is missing. With half of all codes in the registers they are few.
        self.assertAlmostEqual(attacc / self.attention_ms(*loop) / 2.09, 0.82, delta=0.02)
        registers = ("pim.code_registers=512", "pim.weight_registers=1024")
        self.assertAlmostEqual(attacc / self.attention_ms(*loop, *registers) / 2.09, 1, delta=0.10)

    def test_a_step_repeats_to_the_picosecond(self):
        self.assertEqual(simulated(self.run_point(name="a")), simulated(self.run_point(name="b")))


class Memory(Mistral):
    def test_bytes_stored_at_every_length(self):
        for tokens, published in ((4096, 3.65), (8192, 4.82), (32768, 6.36), (131072, 6.91)):
            with self.subTest(tokens=tokens):
                kv = self.run_point(f"workload.prompt={tokens - 1}", name=f"t{tokens}")["kv"]
                self.assertEqual(kv["bytes_fp16"], tokens * 16 * 32 * 8 * 128 * 2 * 2)
                self.assertAlmostEqual(kv["bytes_fp16"] / kv["bytes_stored"] / published, 1, delta=0.02)

    def test_what_does_not_fit_is_a_capacity_error_that_says_what_would(self):
        process = self.run_config("--set", "workload.policy=fp16", config=MISTRAL)
        self.assert_refused(process, 1, "code 2", "capacity", "32511 tokens would fit")
        self.assertEqual(self.run_point("workload.policy=fp16", "workload.prompt=32511", name="fits")["errors"]["capacity"], 0)


class Prefill(Mistral):
    """Two layers: the first one's clustering beside the second's GPU kernels, and the last one's alone."""

    def shown_share(self, *settings):
        """Of the clustering that could hide, what adds to the prefill's time."""
        prefill = self.run_point("workload.layers=2", "workload.prefill=run", "workload.prompt=4095", *settings)["prefill"]
        breakdown = prefill["breakdown_ps"]
        return breakdown["pim_quantize"] / breakdown["overlapped"]

    def test_clustering_hides_at_batch_16_where_banks_compare(self):
        # The last layer's is all that shows.
        self.assertLess(self.shown_share("pim.argmin=bank"), 1.02)

    def test_at_batch_1_it_hides_only_with_tokens_split_over_banks(self):
        self.assertLess(self.shown_share("workload.batch=1", "pim.argmin=bank"), 1.02)
        whole = ("pim.stacks=1", "pim.channels=4")  # 256 banks for 8 heads of 32 subvectors
        self.assertGreater(self.shown_share("workload.batch=1", "pim.argmin=bank", *whole), 10)

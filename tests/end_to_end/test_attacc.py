"""fp16 attention as AttAcc maps it: its published cycles, and attention that is right."""

import numpy as np

from runs import ROOT, RunTest

ATTACC = ROOT / "configs" / "reference" / "attacc.cfg"


def attention(keys, values, queries, prompt):
    """float64 [steps, layers, heads, head_dim]; step s attends to tokens 0 to prompt + s."""
    steps, layers, heads, head_dim = queries.shape
    output = np.zeros(queries.shape)
    for step in range(steps):
        for layer in range(layers):
            for head in range(heads):
                of = layer, head * keys.shape[1] // heads, slice(prompt + step + 1)
                scores = keys[of] @ queries[step, layer, head] / np.sqrt(head_dim)
                weights = np.exp(scores - scores.max())
                output[step, layer, head] = weights @ values[of] / weights.sum()
    return output


class AttAcc(RunTest):
    def cycles(self, tokens, *settings, heads=16):
        assignments = [word for setting in (f"workload.prompt={tokens - 1}", f"workload.heads={heads}", *settings)
                       for word in ("--set", setting)]
        stats = self.run_well(*assignments, config=ATTACC, name=f"t{tokens}-{heads}-{len(list(self.folder.iterdir()))}")
        self.assertLess(stats["accuracy"]["relative_l2_exact"], 1e-3)
        return stats["pim"]["attention_cycles"]

    def test_the_bare_sum_without_refresh(self):
        self.assertEqual(self.cycles(2048, "dram.refresh=off"), 3808)

    def test_the_published_points(self):
        for tokens, settings, published in ((512, (), 930), (512, ("pim.mac_spacing=4",), 682), (2048, (), 3810),
                                            (2048, ("pim.mac_spacing=4",), 2818), (2048, ("pim.data_bytes=1",), 1882)):
            with self.subTest(tokens=tokens, settings=settings):
                self.assertAlmostEqual(self.cycles(tokens, *settings) / published, 1, delta=0.02)

    def test_heads_of_a_channel_are_pipelined_in_pairs(self):
        # Rows of 232 cycles, 8 of keys and 8 of values in each head, and a refresh in each 5070 cycles (8 to close the
        # row, tRP, tRFC, tRCDRD).
        refresh = 8 + 19 + 456 + 19
        pair = 29 + 32 * 232 - 46 + 15
        self.assertAlmostEqual(self.cycles(2048, heads=32), pair + refresh, delta=20)
        # The third one is alone again: its own moves of scores and weights show.
        self.assertAlmostEqual(self.cycles(2048, heads=48), pair + 3808 + 2 * refresh, delta=40)
        # A set that is not full takes as long as a full one; fewer heads than channels as long as all.
        self.assertEqual(self.cycles(300, heads=17), self.cycles(300, heads=32))
        self.assertEqual(self.cycles(300, heads=5), self.cycles(300, heads=16))

    def test_one_token_more_is_a_group_of_sixteen_more(self):
        self.assertEqual(self.cycles(2047), self.cycles(2048))
        # A MAC pair in a row of its own, in keys and in values, and a move of its scores.
        self.assertGreater(self.cycles(2049), self.cycles(2048) + 2 * (46 + 6))
        self.assertLess(self.cycles(2049), self.cycles(2048) + 2 * 64 + 16)

    def test_query_heads_of_a_kv_head_share_its_rows_when_asked_to(self):
        grouped = ("workload.kv_heads=8", "dram.refresh=off")
        each = self.cycles(2048, *grouped, heads=32)
        reuse = (*grouped, "pim.gqa_reuse=true")
        rows = self.cycles(2048, *reuse, "pim.queries_per_slot=1", heads=32)
        slots = self.cycles(2048, *reuse, heads=32)
        # Four query heads of half the tokens in each of two channels: 2 * 128 MACs each.
        self.assertLess(rows, each)
        self.assertGreater(rows, 4 * 2 * 128 * 6)
        self.assertLess(slots, rows)
        self.assertGreater(slots, 2 * 128 * 6)

    def test_attention_over_given_tensors(self):
        random = np.random.default_rng(7)
        for layers, kv_heads, heads, head_dim, prompt, steps in ((2, 3, 6, 64, 45, 3), (1, 20, 20, 128, 100, 2)):
            arrays = {"keys": random.normal(size=(layers, kv_heads, prompt + steps, head_dim)),
                      "values": random.normal(size=(layers, kv_heads, prompt + steps, head_dim)),
                      "queries": random.normal(size=(steps, layers, heads, head_dim))}
            arrays = {name: array.astype(np.float16) for name, array in arrays.items()}
            options = []
            for name, array in arrays.items():
                np.save(self.folder / f"{name}.npy", array)
                options += [f"--{name}", self.folder / f"{name}.npy"]
            config = self.folder / "fp16.cfg"
            config.write_text("[workload]\npolicy = fp16\n")
            name = f"given-{heads}"
            stats = self.run_well(*options, config=config, name=name)
            expected = attention(*(arrays[key].astype(np.float64) for key in ("keys", "values", "queries")), prompt)
            found = np.load(self.folder / name / "attention.npy")
            self.assertLess(np.linalg.norm(found - expected) / np.linalg.norm(expected), 5e-3)
            self.assertEqual(stats["kv"]["bytes_packed"], stats["kv"]["bytes_fp16"])
            self.assertNotIn("relative_l2_coded", stats["accuracy"])

    def test_what_the_policy_does_not_allow(self):
        refused = self.run_config("--set", "workload.head_dim=96", config=ATTACC)
        self.assert_refused(refused, 2, "workload.head_dim", "96", "64")
        refused = self.run_config("--set", "pim.data_bytes=1", "--set", "workload.policy=aqpim", config=ATTACC)
        self.assert_refused(refused, 2, "pim.data_bytes", "aqpim")

"""The KV cache in the GPU's memory or in RAM, with attention on the GPU: right, timed, and refused where it does not fit."""

import numpy as np

from runs import DATA, ROOT, RunTest, simulated

LAYERS, KV_HEADS, HEADS, HEAD_DIM = 4, 2, 4, 64
PROMPT = 960  # of the sample activations: 1024 tokens, 64 steps
STEPS = 3
WORD_BYTES = 2
# attention.npy is fp16: rounding alone gives up to 2^-11 = 4.9e-4.
MOST_ERROR = 2e-3


def exact_attention(prompt):
    """float64 [STEPS, LAYERS, HEADS, HEAD_DIM] of a sequence with so many tokens before the first step."""
    keys, values, queries = (np.load(DATA / f"{name}.npy").astype(np.float16).astype(np.float64)
                             for name in ("keys", "values", "queries"))
    outputs = np.zeros((STEPS, LAYERS, HEADS, HEAD_DIM))
    for step in range(STEPS):
        seen = prompt + step + 1
        for layer in range(LAYERS):
            for head in range(HEADS):
                kv_head = head // (HEADS // KV_HEADS)
                scores = keys[layer, kv_head, :seen] @ queries[step, layer, head] / np.sqrt(HEAD_DIM)
                weights = np.exp(scores - scores.max())
                outputs[step, layer, head] = weights @ values[layer, kv_head, :seen] / weights.sum()
    return outputs


def relative_error(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


class KvTest(RunTest):
    def settings(self, kv, *more):
        every = (f"platform.kv={kv}", "workload.policy=fp16", f"workload.steps={STEPS}", *more)
        return [word for setting in every for word in ("--set", setting)]

    def run_kv(self, kv, *more, name="out"):
        return self.run_well(*self.settings(kv, *more), name=name)

    def attention_bytes(self, name):
        return (self.folder / name / "attention.npy").read_bytes()

    def check_attention(self, name, *prompts):
        found = np.load(self.folder / name / "attention.npy")
        expected = np.stack([exact_attention(prompt) for prompt in prompts])
        self.assertEqual(found.shape, expected.shape if len(prompts) > 1 else expected.shape[1:])
        self.assertLess(relative_error(found.reshape(expected.shape), expected), MOST_ERROR)

    def check_clean(self, stats):
        self.assertEqual(set(stats["errors"].values()), {0})
        self.assertEqual(len(stats["decode"]["step_ps"]), STEPS)


class Attention(KvTest):
    def test_of_one_sequence_is_numpys(self):
        for kv in ("gpu", "host"):
            with self.subTest(kv=kv):
                stats = self.run_kv(kv, name=kv)
                self.check_clean(stats)
                self.check_attention(kv, PROMPT)
                whole = 2 * LAYERS * KV_HEADS * (PROMPT + STEPS) * HEAD_DIM * WORD_BYTES
                self.assertEqual(stats["kv"]["bytes_fp16"], whole)
                self.assertEqual(stats["kv"]["bytes_stored"], whole)

    def test_of_two_sequences_with_unequal_prompts_is_numpys(self):
        prompts = (PROMPT, 200)
        for kv in ("gpu", "host"):
            with self.subTest(kv=kv):
                stats = self.run_kv(kv, "workload.prompts={},{}".format(*prompts), name=kv)
                self.check_clean(stats)
                self.check_attention(kv, *prompts)
                tokens = sum(prompts) + 2 * STEPS
                self.assertEqual(stats["kv"]["bytes_stored"], 2 * LAYERS * KV_HEADS * tokens * HEAD_DIM * WORD_BYTES)

    def test_of_two_sequences_with_equal_prompts_is_numpys(self):
        self.check_clean(self.run_kv("host", "workload.batch=2"))
        self.check_attention("out", PROMPT, PROMPT)

    def test_does_not_depend_on_prefetching(self):
        for prompts in (f"{PROMPT}", f"{PROMPT},200"):
            with self.subTest(prompts=prompts):
                batch = f"workload.prompts={prompts}"
                serial = self.run_kv("host", batch, name="serial")
                ahead = self.run_kv("host", batch, "platform.kv_prefetch=true", name="ahead")
                self.check_clean(ahead)
                self.assertEqual(self.attention_bytes("ahead"), self.attention_bytes("serial"))
                self.assertLess(sum(ahead["decode"]["step_ps"]), sum(serial["decode"]["step_ps"]))

    def test_is_the_same_from_either_memory(self):
        for kv in ("gpu", "host"):
            self.run_kv(kv, name=kv)
        self.assertEqual(self.attention_bytes("gpu"), self.attention_bytes("host"))


class Time(KvTest):
    def test_a_cache_in_ram_crosses_the_gpus_link_at_every_step(self):
        within, apart = (self.run_kv(kv, name=kv)["links"]["pcie.gpu_link.down"]["payload_bytes"] for kv in ("gpu", "host"))
        vector = LAYERS * 2 * KV_HEADS * HEAD_DIM * WORD_BYTES
        fetched = sum(PROMPT + step for step in range(STEPS)) * vector
        # Beside it there are descriptors, of 128 B each, and register accesses.
        self.assertGreater(apart - within, fetched)
        self.assertLess(apart - within, fetched + STEPS * LAYERS * 8 * 128)

    def test_with_every_tlp_is_as_in_closed_form_within_3_percent(self):
        for kv in ("gpu", "host"):
            with self.subTest(kv=kv):
                fast = self.run_kv(kv, name=f"fast-{kv}")
                detailed = self.run_kv(kv, "pcie.fidelity=detailed", name=f"detailed-{kv}")
                self.check_clean(detailed)
                self.assertEqual(self.attention_bytes(f"detailed-{kv}"), self.attention_bytes(f"fast-{kv}"))
                for quick, slow in zip(fast["decode"]["step_ps"], detailed["decode"]["step_ps"], strict=True):
                    self.assertAlmostEqual(slow / quick, 1, delta=0.03)

    def test_repeats_to_the_picosecond(self):
        for fidelity in ("fast", "detailed"):
            with self.subTest(fidelity=fidelity):
                first = self.run_kv("host", f"pcie.fidelity={fidelity}", name=f"{fidelity}-a")
                again = self.run_kv("host", f"pcie.fidelity={fidelity}", name=f"{fidelity}-b")
                resolved = self.run_well(name=f"{fidelity}-c", config=self.folder / f"{fidelity}-a" / "config.cfg")
                self.assertEqual(simulated(again), simulated(first))
                self.assertEqual(simulated(resolved), simulated(first))
                self.assertEqual(self.attention_bytes(f"{fidelity}-c"), self.attention_bytes(f"{fidelity}-a"))


class Overflow(KvTest):
    """Of the 4 layers those that a small memory does not hold go to RAM: each is attended to, and only these cross PCIe."""

    # Prompts' keys and values 1.97 MB, a step's tensors and the prefill's queries 0.26 MB, weights 6.06 MB; a layer of the cache 0.49 MB,
    # once more for staging: 8.8 MB before the first layer.
    GPU = ("platform.kv=gpu", "workload.policy=fp16", "gpu.memory=10000000B")
    PIM = {
        "fp16": ("platform.kv=pim", "workload.policy=fp16", "pim.channels=2", "dram.rows=16"),
        "aqpim": ("platform.kv=pim", "workload.policy=aqpim", "pim.channels=2", "dram.rows=16"),
        "int4": ("platform.kv=pim", "workload.policy=int4", "pim.channels=2", "dram.rows=16"),
    }

    def run_set(self, name, *settings):
        every = (f"workload.steps={STEPS}", "pim.attach=gpu", *settings)
        stats = self.run_well(*(word for setting in every for word in ("--set", setting)), name=name)
        self.check_clean(stats)
        return stats

    def check_spilled(self, stats, layers):
        vectors = LAYERS * (PROMPT + STEPS) * 2 * KV_HEADS * HEAD_DIM * WORD_BYTES
        self.assertEqual(stats["kv"]["layers_spilled"], layers)
        self.assertEqual(stats["kv"]["bytes_spilled"], vectors // LAYERS * layers)
        self.assertEqual(stats["kv"]["bytes_fp16"], vectors)

    def check_traffic(self, spilled, whole, layers):
        """Beside what is fetched there are descriptors and register accesses."""
        more = (spilled["links"]["pcie.gpu_link.down"]["payload_bytes"] - whole["links"]["pcie.gpu_link.down"]["payload_bytes"])
        fetched = sum(PROMPT + step for step in range(STEPS)) * layers * 2 * KV_HEADS * HEAD_DIM * WORD_BYTES
        self.assertGreater(more, fetched - STEPS * LAYERS * 8 * 128)
        self.assertLess(more, fetched + STEPS * LAYERS * 8 * 128)

    def outputs(self, name):
        return np.load(self.folder / name / "attention.npy")

    def check_layers(self, name, whole, spilled):
        """The first layers as in the run where all are kept, the others as numpy has them."""
        found = self.outputs(name)
        kept = LAYERS - spilled
        np.testing.assert_array_equal(found[:, :kept], self.outputs(whole)[:, :kept])
        self.assertLess(relative_error(found[:, kept:], exact_attention(PROMPT)[:, kept:]), MOST_ERROR)

    def test_from_the_gpus_memory(self):
        whole = self.run_set("whole", *self.GPU[:2])
        for prefetch in ("false", "true"):
            with self.subTest(prefetch=prefetch):
                name = f"spilled-{prefetch}"
                stats = self.run_set(name, *self.GPU, "platform.kv_overflow=host", f"platform.kv_prefetch={prefetch}")
                # A second staging buffer takes the place of a layer.
                layers = 2 if prefetch == "false" else 3
                self.check_spilled(stats, layers)
                self.assertEqual(stats["kv"]["bytes_stored"], stats["kv"]["bytes_fp16"] - stats["kv"]["bytes_spilled"])
                self.check_traffic(stats, whole, layers)
                self.check_attention(name, PROMPT)

    def test_from_the_pim_memory(self):
        for policy, settings in self.PIM.items():
            with self.subTest(policy=policy):
                whole = self.run_set(f"{policy}-whole", *settings[:2])
                stats = self.run_set(policy, *settings, "platform.kv_overflow=host")
                layers = stats["kv"]["layers_spilled"]
                self.assertIn(layers, (1, 2, 3))
                self.check_spilled(stats, layers)
                self.check_traffic(stats, whole, layers)
                self.check_layers(policy, f"{policy}-whole", layers)

    def test_with_unequal_prompts_and_prefetching(self):
        prompts = ("workload.prompts={},200".format(PROMPT), "pq.centroids=128")
        for policy, settings in self.PIM.items():
            with self.subTest(policy=policy):
                self.run_set(f"{policy}-whole", *settings[:2], *prompts)
                stats = self.run_set(policy, *settings, *prompts, "platform.kv_overflow=host",
                                     "platform.kv_prefetch=true")
                layers = stats["kv"]["layers_spilled"]
                self.assertIn(layers, (1, 2, 3))
                kept = LAYERS - layers
                found, whole = self.outputs(policy), self.outputs(f"{policy}-whole")
                np.testing.assert_array_equal(found[:, :, :kept], whole[:, :, :kept])
                expected = np.stack([exact_attention(prompt) for prompt in (PROMPT, 200)])
                self.assertLess(relative_error(found[:, :, kept:], expected[:, :, kept:]), MOST_ERROR)

    def test_is_refused_unless_it_is_allowed(self):
        for name, settings in {"gpu": self.GPU, **self.PIM}.items():
            with self.subTest(name=name):
                process = self.run_config(*(word for setting in settings for word in ("--set", setting)), name=name)
                memory = "the GPU's memory" if name == "gpu" else "the PIM memory"
                self.assert_refused(process, 1, "code 2", f"capacity: {memory} of", "B are needed")
                self.assertEqual(self.stats(name)["errors"]["capacity"], 1)

    def test_of_more_than_ram_holds_is_refused(self):
        settings = (*self.GPU, "platform.kv_overflow=host", "workload.prompts=960,960,960,960", "gpu.memory=15000000B", "ram.size=4MiB")
        process = self.run_config(*(word for setting in settings for word in ("--set", setting)))
        self.assert_refused(process, 1, "code 2", "capacity: RAM for the KV cache of")

    def test_at_full_size_is_as_many_layers_as_by_hand(self):
        """Mistral-7B, 16 sequences of 32768 tokens, 2 GiB a layer, in 80e9 B: weights, one layer to stage, and what fits of 32."""
        weights = 2 * 4096 * (32 * (2 * 4096 + 2 * 1024 + 3 * 14336) + 2 * 32000)
        tensors = 2 * 8 * 32767 * 128 * 2  # keys and values of one sequence's prompt in one layer; the rest is below 1 MiB
        layer = 16 * 32768 * 8 * 128 * 2 * 2
        kept = int((80e9 - weights - tensors - layer) // layer)
        self.assertEqual(kept, 29)
        settings = ("workload.policy=fp16", "platform.kv=gpu", "platform.kv_overflow=host", "gpu.memory=80000000000B")
        stats = self.run_well(*(word for setting in settings for word in ("--set", setting)),
                              config=ROOT / "configs" / "reference" / "mistral_host.cfg")
        self.assertEqual(stats["kv"]["layers_spilled"], 32 - kept)
        self.assertEqual(stats["kv"]["bytes_spilled"], (32 - kept) * layer)
        fetched = (32 - kept) * 16 * 32767 * 8 * 128 * 2 * 2
        self.assertAlmostEqual(stats["links"]["pcie.gpu_link.down"]["payload_bytes"] / fetched, 1, delta=0.001)


class Refusals(KvTest):
    """4 layers of keys and values of 963 tokens are 1.9 MiB, as much as the prompt that the prefill leaves."""

    def test_a_gpus_memory_that_is_too_small_for_the_cache(self):
        process = self.run_config(*self.settings("gpu", "gpu.memory=4MiB"))
        self.assert_refused(process, 1, "code 2", "capacity: the GPU's memory of 4194304 B is too small")
        self.assertEqual(self.stats()["errors"]["capacity"], 1)
        self.assertIn("error: the GPU's memory of 4.000 MiB is too small", (self.folder / "out" / "uart.log").read_text())

    def test_a_gpus_memory_that_is_too_small_for_the_tensors(self):
        self.assert_refused(self.run_config(*self.settings("gpu", "gpu.memory=1MiB")), 2, "gpu.memory")

    def test_ram_that_is_too_small_for_the_cache(self):
        self.assert_refused(self.run_config(*self.settings("host", "ram.size=2MiB")), 2, "ram.size", "cache")

    def test_quantized_keys_and_values_outside_the_pim_memory(self):
        for kv in ("gpu", "host"):
            for policy in ("aqpim", "int4"):
                process = self.run_config("--set", f"platform.kv={kv}", "--set", f"workload.policy={policy}")
                self.assert_refused(process, 2, "platform.kv", "workload.policy", policy)

    def test_a_place_that_does_not_exist(self):
        self.assert_refused(self.run_config("--set", "platform.kv=disk"), 2, "platform.kv", "pim, gpu, host")

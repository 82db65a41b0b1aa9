"""The share of a decode step that is PCIe, Mistral-7B with its KV cache in host memory: system.md section 5, from whole runs.

What is expected is worked out here, from the model's shape and the hardware's rates."""

from runs import ROOT, RunTest

MISTRAL = ROOT / "configs" / "reference" / "mistral_host.cfg"

LAYERS, HEADS, KV_HEADS, HEAD_DIM, HIDDEN, FFN, VOCAB = 32, 32, 8, 128, 4096, 14336, 32000
WORD_BYTES = 2
PS = 1e12

SHARES = {16: {25: 98.9, 52: 97.8, 128: 94.7, 256: 89.9},  # percent, by batch and by GB/s
          1: {25: 87, 52: 77, 128: 57, 256: 40}}
PROMPTS = {16: 32767, 1: 8191}


def roofline_ps(flop, memory_bytes):
    """An H100 at the sustained shares of system.md section 4."""
    return max(flop / (989.4e12 * 0.8), memory_bytes / (3.35e12 * 0.85)) * PS


def matmul_ps(batch, outputs, inputs):
    return roofline_ps(2 * batch * outputs * inputs, WORD_BYTES * (outputs * inputs + batch * inputs + batch * outputs))


def attention_ps(batch, tokens):
    """Of one layer: scores and values, a multiply and an add each; keys and values are read once."""
    vector = HEAD_DIM * WORD_BYTES
    return roofline_ps(4 * HEADS * HEAD_DIM * batch * tokens, 2 * KV_HEADS * batch * tokens * vector + 2 * HEADS * batch * vector)


def rest_ps(batch):
    """Of a step: the fully connected layers, and norms (two a layer and a last one) and activations."""
    layer = (matmul_ps(batch, (HEADS + 2 * KV_HEADS) * HEAD_DIM, HIDDEN) + matmul_ps(batch, HIDDEN, HEADS * HEAD_DIM) +
             matmul_ps(batch, 2 * FFN, HIDDEN) + matmul_ps(batch, HIDDEN, FFN))
    return LAYERS * (layer + (2 * 6.87e-6 + 8.29e-6) * PS) + matmul_ps(batch, VOCAB, HIDDEN) + 6.87e-6 * PS


def cache_bytes(batch):
    """What a step fetches: of every token before its own."""
    return LAYERS * batch * PROMPTS[batch] * 2 * KV_HEADS * HEAD_DIM * WORD_BYTES


class PcieShare(RunTest):
    def run_step(self, batch, gigabytes_per_s, *more):
        settings = (f"workload.batch={batch}", f"workload.prompt={PROMPTS[batch]}",
                    f"pcie.payload_bandwidth={gigabytes_per_s}GB/s", *more)
        return self.run_well(*(word for setting in settings for word in ("--set", setting)), config=MISTRAL)

    def check_bytes(self, stats, batch):
        """Down go the completions, 16 B header, 4 B framing and 4 B LCRC for each (system.md section 4)."""
        for name in ("pcie.gpu_link.down", "pcie.host_link.down"):
            link = stats["links"][name]
            self.assertAlmostEqual(link["payload_bytes"] / cache_bytes(batch), 1, delta=0.001)
            self.assertEqual(link["wire_bytes"] - link["payload_bytes"], link["tlps"] * 24)

    def check_step(self, batch, gigabytes_per_s):
        stats = self.run_step(batch, gigabytes_per_s)
        (step_ps,) = stats["decode"]["step_ps"]
        breakdown = stats["decode"]["breakdown_ps"]
        self.assertEqual(sum(breakdown.values()), step_ps)
        self.assertAlmostEqual(100 * breakdown["pcie"] / step_ps, SHARES[batch][gigabytes_per_s], delta=2)
        self.assertAlmostEqual(breakdown["pcie"] / (cache_bytes(batch) / (gigabytes_per_s * 1e9) * PS), 1, delta=0.01)
        computed_ps = rest_ps(batch) + LAYERS * attention_ps(batch, PROMPTS[batch] + 1)
        # The hart hands commands over while kernels run: nothing else overlaps.
        kernels_ps = breakdown["gpu"] + breakdown["overlapped"]
        self.assertAlmostEqual(kernels_ps / computed_ps, 1, delta=0.005)
        self.assertLess(breakdown["host"] + breakdown["idle"], 0.001 * step_ps)
        self.check_bytes(stats, batch)

    def test_fully_connected_layers_and_the_rest_take_5_7_ms(self):
        self.assertAlmostEqual(rest_ps(16) / 1e9, 5.7, delta=0.1)

    def test_of_16_sequences_of_32768_tokens(self):
        for gigabytes_per_s in SHARES[16]:
            with self.subTest(gigabytes_per_s=gigabytes_per_s):
                self.check_step(16, gigabytes_per_s)

    def test_of_one_sequence_of_8192_tokens(self):
        for gigabytes_per_s in SHARES[1]:
            with self.subTest(gigabytes_per_s=gigabytes_per_s):
                self.check_step(1, gigabytes_per_s)

    def test_copying_ahead_leaves_the_copies_alone(self):
        """Attention and everything else hide beneath them."""
        (step_ps,) = self.run_step(16, 52, "platform.kv_prefetch=true")["decode"]["step_ps"]
        self.assertAlmostEqual(step_ps / (cache_bytes(16) / 52e9 * PS), 1, delta=0.01)

    def test_with_every_tlp_it_is_the_same(self):
        """One sequence: 1 GiB, 4 million TLPs of data."""
        for gigabytes_per_s in SHARES[1]:
            with self.subTest(gigabytes_per_s=gigabytes_per_s):
                fast, detailed = self.run_both(gigabytes_per_s)
                self.assertAlmostEqual(detailed["step_ps"][0] / fast["step_ps"][0], 1, delta=0.03)
                shares = [decode["breakdown_ps"]["pcie"] / decode["step_ps"][0] for decode in (fast, detailed)]
                self.assertAlmostEqual(shares[0], shares[1], delta=0.02)

    def run_both(self, gigabytes_per_s, *more):
        return [self.run_step(1, gigabytes_per_s, *more, f"pcie.fidelity={fidelity}")["decode"]
                for fidelity in ("fast", "detailed")]

    def test_few_bursts_under_way_slow_both_fidelities_alike(self):
        """Two layers; 8 bursts of 4 KiB in a round trip of 0.76 us are 43 GB/s at the most."""
        few = ("workload.layers=2", "gpu.copy_outstanding=8")
        (slow,), (detailed,) = (decode["step_ps"] for decode in self.run_both(256, *few))
        self.assertAlmostEqual(detailed / slow, 1, delta=0.03)
        (quick,) = self.run_step(1, 256, "workload.layers=2")["decode"]["step_ps"]
        self.assertGreater(slow - quick, 0.9 * 2 / LAYERS * cache_bytes(1) * (1 / 43e9 - 1 / 256e9) * PS)

"""Other tensors and other quantization than the default's: attention stays right, as the run checks itself."""

import numpy as np

from runs import RunTest


class Shapes(RunTest):
    def write_tensors(self, layers, kv_heads, heads, head_dim, prompt, steps, dtype=np.float32, prefill_rows=0):
        random = np.random.default_rng(layers * 1000 + heads)
        arrays = {
            "keys": random.normal(size=(layers, kv_heads, prompt + steps, head_dim)),
            "values": random.normal(size=(layers, kv_heads, prompt + steps, head_dim)),
            "queries": random.normal(size=(steps, layers, heads, head_dim)),
        }
        if prefill_rows:
            arrays["prefill-queries"] = random.normal(size=(prefill_rows, layers, heads, head_dim))
        options = []
        for name, array in arrays.items():
            file = self.folder / f"{name}.npy"
            np.save(file, array.astype(dtype))
            options += [f"--{name}", file]
        return options

    def run_shape(self, tensors, *settings, name="out"):
        config = self.folder / "empty.cfg"
        config.write_text("")
        assignments = [word for setting in settings for word in ("--set", setting)]
        stats = self.run_well(*tensors, *assignments, name=name, config=config)
        self.assertLess(stats["accuracy"]["relative_l2_coded"], 5e-3)
        self.assertGreaterEqual(stats["accuracy"].get("nearest_codes", 1), 0.99)
        return stats

    def test_the_papers_head_of_128_channels_in_32_subvectors(self):
        self.run_shape(self.write_tensors(1, 1, 4, 128, 300, 3, np.float16, prefill_rows=32), "pq.centroids=128")

    def test_more_heads_than_channel_groups_are_served_in_sets(self):
        self.run_shape(self.write_tensors(1, 6, 6, 32, 60, 2), "pim.channels=4", "pq.subvectors=8", "pq.centroids=16")

    def test_a_number_of_heads_that_does_not_divide_the_channels(self):
        self.run_shape(self.write_tensors(2, 3, 6, 32, 60, 2), "pim.channels=16", "pq.subvectors=8", "pq.centroids=16")

    def test_more_subvectors_than_banks(self):
        self.run_shape(self.write_tensors(1, 2, 2, 128, 60, 2), "pim.channels=2", "pq.subvectors=128", "pq.centroids=4",
                       "dram.banks=2")

    def test_subvectors_longer_than_a_column(self):
        self.run_shape(self.write_tensors(1, 1, 1, 64, 100, 2), "pq.subvectors=2", "pq.centroids=32")

    def test_every_count_of_centroids_bits(self):
        tensors = self.write_tensors(1, 1, 2, 32, 90, 2)
        for centroids in (2, 3, 100, 512):
            self.run_shape(tensors, "pq.subvectors=4", f"pq.centroids={centroids}", name=f"k{centroids}")

    def test_prompts_and_windows_of_every_proportion(self):
        for prompt, steps, sinks, recent in ((1, 3, 8, 32), (1, 6, 1, 2), (5, 4, 0, 0), (40, 8, 8, 32), (10, 20, 4, 4),
                                             (30, 3, 0, 8), (30, 3, 8, 0), (2, 2, 100, 100)):
            tensors = self.write_tensors(1, 2, 4, 32, prompt, steps)
            self.run_shape(tensors, "pq.subvectors=8", "pq.centroids=8", f"pq.sinks={sinks}", f"pq.recent={recent}",
                           name=f"p{prompt}-{steps}-{sinks}-{recent}")

    def test_both_value_paths_agree(self):
        tensors = self.write_tensors(1, 2, 4, 64, 200, 3)
        for path in ("loop", "histogram"):
            self.run_shape(tensors, "pq.subvectors=16", "pq.centroids=64", f"pq.value_path={path}", name=path)
        loop, histogram = (np.load(self.folder / path / "attention.npy") for path in ("loop", "histogram"))
        self.assertLess(np.linalg.norm(loop - histogram) / np.linalg.norm(loop), 1e-3)

    def test_without_tensors_a_shape_is_enough(self):
        config = self.folder / "shape.cfg"
        config.write_text("[workload]\nlayers=1\nheads=4\nkv_heads=2\nhead_dim=32\nprompt=50\nsteps=2\n"
                          "[pq]\nsubvectors=8\ncentroids=16\n")
        stats = self.run_well(config=config)
        self.assertLess(stats["accuracy"]["relative_l2_coded"], 5e-3)

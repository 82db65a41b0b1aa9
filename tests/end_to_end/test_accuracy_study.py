"""Orderings of docs/accuracy.md that hold with a margin, over the first decode steps."""

import pathlib
import shutil
import sys
import tempfile
import unittest

from runs import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tests" / "checks"))

from accuracy_study import Study, offline  # noqa: E402: from the folder just named
from offline_codebooks import offline_codebooks  # noqa: E402

UNWEIGHTED = "workload.prefill_queries="
SEED = 1


class AccuracyStudy(unittest.TestCase):
    """Runs on passage a; what is offline comes from passage b. Each run checks the platform's `accuracy` too."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="aqpim-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.study = Study(BUILD, ROOT / "data" / "activations", folder, steps=8)
        cls.default = cls.figures()

    @classmethod
    def figures(cls, *settings):
        return cls.study.run(settings, 0, SEED)

    def assert_falling(self, figures, factor):
        """Each has at most `factor` of the one before, in each output, keys and values."""
        for coarse, fine in zip(figures, figures[1:]):
            for name in ("outputs", "keys", "values"):
                self.assertLess(getattr(fine, name), factor * getattr(coarse, name), name)

    def test_more_subvectors_are_better(self):
        self.assert_falling([self.figures("pq.subvectors=4"), self.figures("pq.subvectors=8"), self.default,
                             self.figures("pq.subvectors=32")], 0.9)

    def test_more_centroids_are_better(self):
        self.assert_falling([self.figures("pq.centroids=16"), self.figures("pq.centroids=64"), self.default], 0.8)

    def test_as_many_bits_in_product_codes_are_better_than_in_uniform_ones(self):
        fp16, int4, int2 = (self.figures(f"workload.policy={policy}") for policy in ("fp16", "int4", "int2"))
        self.assert_falling([int2, int4, fp16], 0.3)
        self.assert_falling([int2, self.default], 0.5)

    def test_weights_help_where_attention_goes(self):
        unweighted = self.figures(UNWEIGHTED)
        self.assertLess(self.default.outputs, 0.9 * unweighted.outputs)
        self.assertLess(self.default.attended_keys, unweighted.attended_keys)
        self.assertGreater(self.default.keys, unweighted.keys)

    def test_sorting_helps_values(self):
        self.study.sort_channels(0, SEED)
        self.assertLess(self.figures("workload.value_order={folder}/channel_order_v.npy").values, 0.99 * self.default.values)

    def test_a_codebook_of_each_head_made_online_is_better_than_one_shared_by_heads(self):
        self.study.sort_channels(0, SEED)
        offline_codebooks(self.study.passages[1], self.study.offline_folder(0, SEED), 16, 64, SEED)
        online = self.figures("pq.centroids=64")
        shared = self.figures("pq.centroids=64", *offline("shared", "layer").settings)
        self.assert_falling([shared, online], 0.9)

    def test_the_recent_window_keeps_what_matters(self):
        self.assertLess(self.default.outputs, 0.2 * self.figures("pq.recent=0").outputs)


if __name__ == "__main__":
    unittest.main()

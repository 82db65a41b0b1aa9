"""The main job: configs/aqpim.cfg on real activations."""

import subprocess

import numpy as np

from runs import DATA, ROOT, RunTest, simulated

CHECK = ROOT / "tests" / "checks" / "attention_reference.py"


class DefaultRun(RunTest):
    def test_leaves_every_file_and_figure_and_repeats_to_the_picosecond(self):
        stats = self.run_well("--dump-pq", self.folder / "pq")
        out = self.folder / "out"
        self.assertEqual({file.name for file in out.iterdir()},
                         {"stats.json", "config.cfg", "attention.npy", "report.html", "uart.log", "timeline.json"})
        self.check_figures(stats)
        self.check_attention(out)

        again = self.run_well(name="again")
        self.assertEqual(simulated(again), simulated(stats))
        from_config = self.run_well(name="from_config", config=out / "config.cfg")
        self.assertEqual(simulated(from_config), simulated(stats))
        for other in ("again", "from_config"):
            self.assertEqual((self.folder / other / "attention.npy").read_bytes(), (out / "attention.npy").read_bytes())

    def check_figures(self, stats):
        self.assertEqual(len(stats["decode"]["step_ps"]), 64)
        for phase in ("setup", "prefill"):
            self.assertEqual(sum(stats[phase]["breakdown_ps"].values()), stats[phase]["ps"])
        self.assertEqual(sum(stats["decode"]["breakdown_ps"].values()), sum(stats["decode"]["step_ps"]))
        for part in ("host", "pcie", "gpu", "pim_quantize", "pim_attention"):
            self.assertGreater(stats["decode"]["breakdown_ps"][part], 0, part)
        self.assertEqual(stats["kv"]["bytes_fp16"], 2 * 4 * 2 * 1024 * 64 * 2)
        self.assertLess(stats["kv"]["bytes_stored"], stats["kv"]["bytes_fp16"])
        # 256 centroids of 64 channels, 984 tokens in 16 codes of a byte, 40 in fp16: keys and values, 4 layers, 2 KV heads.
        self.assertEqual(stats["kv"]["bytes_packed"], 2 * 4 * 2 * (256 * 64 * 2 + 984 * 16 + 40 * 64 * 2))
        self.assertLess(stats["kv"]["bytes_packed"], stats["kv"]["bytes_stored"])
        self.assertEqual(set(stats["errors"].values()), {0})
        self.assertGreater(stats["pim"]["attention_cycles"], 0)
        self.assertIn("decode", (self.folder / "out" / "uart.log").read_text())

    def check_attention(self, out):
        attention = np.load(out / "attention.npy")
        self.assertEqual(attention.shape, (64, 4, 4, 64))
        self.assertEqual(attention.dtype, np.float32)
        check = subprocess.run(
            ["/usr/bin/python3", CHECK, "--out", out, "--dump", self.folder / "pq", "--keys", DATA / "keys.npy", "--values",
             DATA / "values.npy", "--queries", DATA / "queries.npy", "--max-error", "1e-2", "--min-nearest", "0.99"],
            capture_output=True, text=True, check=False)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)


class Documentation(RunTest):
    def test_the_parameters_page_is_what_the_declarations_say(self):
        (self.folder / "empty.cfg").write_text("")
        made = self.aqpim("config", self.folder / "empty.cfg", "--format", "md")
        self.assertEqual(made.returncode, 0, made.stderr)
        page = (ROOT / "docs" / "parameters.md").read_text()
        self.assertTrue(page.endswith(made.stdout), "make it again: aqpim-vp config EMPTY.cfg --format md")

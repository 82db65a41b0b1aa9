"""Every variant, run again from the config.cfg that it left, gives the same figures to the picosecond."""

import difflib
import json

from runs import RunTest, simulated
from variant_configs import VARIANTS, layers

# A short prompt: what is looked for does not depend on how long it is.
SHORT = ("--set", "workload.prompt=511", "--set", "workload.batch=2", "--set", "workload.steps=2")


class ConfigRerun(RunTest):
    def figures(self, configs, name, *settings):
        process = self.aqpim("run", *configs, *settings, "--quiet", "--out", name)
        self.assertEqual(process.returncode, 0, process.stderr)
        return simulated(self.stats(name))

    def check(self, model, variant):
        name = f"{model}-{variant}"
        first = self.figures(layers(model, variant), name, *SHORT)
        again = self.figures([self.folder / name / "config.cfg"], f"{name}-again")
        self.assertEqual("\n".join(difference(first, again)), "")

    def test_every_variant(self):
        for variant in VARIANTS:
            with self.subTest(variant):
                self.check("mistral-7b", variant)

    def test_every_variant_of_eight_packages(self):
        for variant in VARIANTS:
            with self.subTest(variant):
                self.check("llama-3-70b", variant)


def difference(first, again):
    """Lines of two stats.json that are not the same."""
    texts = [json.dumps(stats, indent=1, sort_keys=True).splitlines() for stats in (first, again)]
    return difflib.unified_diff(*texts, lineterm="", n=0)

"""Every variant, model and platform of configs/ gives a step, or says which memory is too small for it."""

import configparser

import variant_configs
from runs import RunTest

SHORT = ("workload.prompt=4095", "workload.batch=1")


class VariantsTest(RunTest):
    def run_point(self, model, variant, *settings, base=None):
        files = variant_configs.layers(model, variant, base)
        process, stats = variant_configs.run(files, self.folder / f"{variant}-{model}", *settings)
        return process, stats

    def run_step(self, model, variant, *settings, base=None):
        process, stats = self.run_point(model, variant, *settings, base=base)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(set(stats["errors"].values()), {0})
        return stats


class Files(RunTest):
    def test_a_models_file_names_the_model(self):
        for model in variant_configs.MODELS:
            file = configparser.ConfigParser(inline_comment_prefixes="#")
            file.read(variant_configs.CONFIGS / "models" / f"{model}.cfg")
            self.assertEqual(file["workload"]["model"], model)

    def test_there_is_one_for_every_model_and_variant(self):
        self.assertEqual(len(variant_configs.MODELS), 9)  # system.md section 4
        for variant in ("gpu", "gpu_host", "gpu_spill", "attacc", "attacc_gqa", "attacc_spill", "int4", "aqpim", "aqpim_pcie",
                        "aqpim_gddr6", "aqpim_lpddr5", "aqpim_loop", "aqpim_l1"):
            self.assertIn(variant, variant_configs.VARIANTS)


class Steps(VariantsTest):
    def test_of_every_variant(self):
        for variant in variant_configs.VARIANTS:
            with self.subTest(variant=variant):
                self.assertEqual(self.run_step("mistral-7b", variant, *SHORT)["kv"]["layers_spilled"], 0)

    def test_of_every_model_with_aqpim(self):
        for model in variant_configs.MODELS:
            with self.subTest(model=model):
                self.run_step(model, "aqpim", *SHORT)

    def test_of_every_model_with_the_cache_in_host_memory(self):
        for model in variant_configs.MODELS:
            with self.subTest(model=model):
                self.run_step(model, "gpu_host", *SHORT)

    def test_of_a_sequence_that_grows(self):
        for variant in ("gpu_spill", "attacc", "int4", "aqpim", "aqpim_pcie"):
            with self.subTest(variant=variant):
                stats = self.run_step("mistral-7b", variant, *SHORT, "workload.steps=20", "workload.layers=4")
                self.assertEqual(len(stats["decode"]["step_ps"]), 20)
                self.assertEqual(stats["kv"]["bytes_fp16"], (4095 + 20) * 2 * 4 * 8 * 128 * 2)

    def test_with_the_prefill_of_two_layers(self):
        for variant in ("gpu", "gpu_spill", "gpu_host", "attacc_spill", "int4", "aqpim", "aqpim_pcie"):
            with self.subTest(variant=variant):
                stats = self.run_step("mistral-7b", variant, *SHORT, "workload.layers=2", "workload.prefill=run")
                self.assertGreater(stats["prefill"]["ps"], 0)


class Capacity(VariantsTest):
    """Mistral-7B, 16 sequences of 32768 tokens: 64 GiB of cache, 2 GiB a layer, and 13.5 GiB of weights."""

    GIB = 2**30

    def test_an_h100_holds_it_beside_the_weights(self):
        self.assertEqual(self.run_step("mistral-7b", "gpu")["kv"]["bytes_stored"], 64 * self.GIB)

    def test_what_does_not_fit_is_refused_or_spilled_as_the_variant_says(self):
        """32 sequences are 128 GiB, 4 GiB a layer. 80 GiB less weights, 0.13 GiB of tensors and a staging buffer of 4 GiB hold 15."""
        process, _ = self.run_point("mistral-7b", "gpu", "workload.batch=32")
        self.assert_refused(process, 1, "the GPU's memory of 85899345920 B is too small")
        stats = self.run_step("mistral-7b", "gpu_spill", "workload.batch=32")
        self.assertEqual(stats["kv"]["layers_spilled"], 32 - 15)
        self.assertEqual(stats["kv"]["bytes_stored"], 15 * 4 * self.GIB)

    def test_attacc_spills_what_the_weights_leave_no_room_for(self):
        """Of the weights' 13.49 GiB four fifths are in the 64 GiB of PIM memory: 53.2 GiB are left, for 26 layers of 2 GiB."""
        stats = self.run_step("mistral-7b", "attacc_spill")
        self.assertEqual(stats["kv"]["layers_spilled"], 6)
        self.assertEqual(stats["kv"]["bytes_spilled"], 6 * 2 * self.GIB)

    def test_weights_that_do_not_fit_are_refused(self):
        for variant in ("gpu", "gpu_spill", "gpu_host", "aqpim_pcie"):
            with self.subTest(variant=variant):
                process, _ = self.run_point("gpt3-175b", variant, *SHORT, base="h100")
                self.assert_refused(process, 1, "capacity: the GPU's memory of 85899345920 B is too small")
                self.assertIn("326.", (self.folder / f"{variant}-gpt3-175b" / "uart.log").read_text())

    def test_weights_in_a_package_need_pim_memory_in_it(self):
        process, _ = self.run_point("mistral-7b", "aqpim", "pim.attach=pcie")
        self.assert_refused(process, 2, "platform.weights", "pim.attach = gpu")


class Time(VariantsTest):
    def test_capacity_of_the_package_costs_attacc_what_crosses_pcie(self):
        """6 of 32 layers of 2 GiB, but for the step's own tokens, at 52 GB/s."""
        whole = self.run_step("mistral-7b", "attacc")
        spilled = self.run_step("mistral-7b", "attacc_spill")
        crossing = 6 * 16 * 32767 * 8 * 128 * 2 * 2 / 52e9 * 1e12
        self.assertAlmostEqual(spilled["decode"]["breakdown_ps"]["pcie"] / crossing, 1, delta=0.02)
        pim = [stats["decode"]["breakdown_ps"]["pim_attention"] for stats in (spilled, whole)]
        self.assertAlmostEqual(pim[0] / pim[1], 26 / 32, delta=0.02)

"""Changing one part of the hardware moves the times that depend on it, and no others."""

from runs import RunTest

FEW_STEPS = ("--set", "workload.steps=2")


class Variants(RunTest):
    def variant(self, name, *settings):
        assignments = [word for setting in settings for word in ("--set", setting)]
        return self.run_well(*FEW_STEPS, *assignments, name=name)

    def test_twice_the_lanes_halve_the_links_time_and_leave_the_memory_alone(self):
        narrow = self.variant("x8", "pcie.lanes=8")
        wide = self.variant("x16", "pcie.lanes=16")
        for link in narrow["links"]:
            self.assertAlmostEqual(narrow["links"][link]["busy_ps"] / wide["links"][link]["busy_ps"], 2, delta=0.02)
            self.assertEqual(narrow["links"][link]["payload_bytes"], wide["links"][link]["payload_bytes"])
        self.assertLess(wide["prefill"]["ps"], narrow["prefill"]["ps"])
        self.assertEqual(wide["kv"], narrow["kv"])
        self.assertEqual(wide["accuracy"], narrow["accuracy"])
        # A command may meet a refresh that it does not meet in the other run, which costs tRFC: 456 cycles.
        self.assertAlmostEqual(wide["pim"]["attention_cycles"], narrow["pim"]["attention_cycles"], delta=3 * 456)

    def test_half_the_channels_take_longer_in_the_memory_and_leave_the_links_alone(self):
        all_channels = self.variant("c16", "pim.channels=16")
        half = self.variant("c8", "pim.channels=8")
        ratio = half["prefill"]["breakdown_ps"]["pim_quantize"] / all_channels["prefill"]["breakdown_ps"]["pim_quantize"]
        self.assertGreater(ratio, 1.5)
        self.assertLess(ratio, 2.1)
        # The latest attention's cycles, in which a refresh may fall or not.
        self.assertGreater(self.variant("h8", "pim.channels=8", "dram.refresh=off")["pim"]["attention_cycles"],
                           self.variant("h16", "pim.channels=16", "dram.refresh=off")["pim"]["attention_cycles"])
        self.assertEqual(half["accuracy"], all_channels["accuracy"])

    def test_pim_memory_in_the_gpus_package_takes_the_cache_off_the_links(self):
        apart = self.variant("pcie", "pim.attach=pcie")
        within = self.variant("gpu", "pim.attach=gpu")
        self.assertNotIn("pcie.pim_link.down", within["links"])
        self.assertLess(within["links"]["pcie.gpu_link.up"]["payload_bytes"],
                        apart["links"]["pcie.gpu_link.up"]["payload_bytes"] / 10)
        self.assertEqual(within["accuracy"], apart["accuracy"])
        self.assertEqual(within["kv"], apart["kv"])

    def test_fewer_lookups_a_slot_make_attention_slower(self):
        cycles = [self.variant(f"l{lookups}", f"pim.lookups_per_slot={lookups}")["pim"]["attention_cycles"]
                  for lookups in (16, 4, 1)]
        self.assertEqual(cycles, sorted(cycles))
        self.assertGreater(cycles[2], cycles[0])

    def test_the_quantum_changes_no_figure(self):
        long_quantum = self.variant("long")
        short = self.variant("short", "sim.quantum=100ns")
        for stats in (long_quantum, short):
            del stats["wall_s"], stats["configuration_digest"]
        self.assertEqual(short, long_quantum)

    def test_times_do_not_depend_on_whether_there_is_data(self):
        for policy in ("aqpim", "fp16", "int4"):
            with self.subTest(policy=policy):
                batch = (f"workload.policy={policy}", "workload.prompts=300,80,200")
                computed = self.variant(f"{policy}-computed", *batch)
                timed = self.variant(f"{policy}-timed", *batch, "sim.data=timing")
                for part in ("decode", "prefill", "kv", "channels", "links", "energy_pj"):
                    self.assertEqual(computed[part], timed[part], part)
                self.assertNotIn("accuracy", timed)
                self.assertFalse((self.folder / f"{policy}-timed" / "attention.npy").exists())

    def test_no_figure_depends_on_the_number_of_threads(self):
        one, three = (self.variant(f"threads{n}", f"sim.threads={n}") for n in (1, 3))
        for part in one:
            if part not in ("wall_s", "configuration_digest"):
                self.assertEqual(one[part], three[part], part)
        attention = [(self.folder / f"threads{n}" / "attention.npy").read_bytes() for n in (1, 3)]
        self.assertEqual(*attention)

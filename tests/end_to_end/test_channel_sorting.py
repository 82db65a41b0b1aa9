"""aqpim-vp sort-channels, against its definition worked out anew in float64."""

import re

import numpy as np

from runs import CONFIG, DATA, RunTest

FILES = ("channel_order_k.npy", "channel_order_v.npy")


def cosines(vectors):
    """[head_dim, head_dim] of one head's [tokens, head_dim]."""
    products = vectors.T @ vectors
    lengths = np.sqrt(np.diag(products))
    return products / np.outer(lengths, lengths)


def similarities(vectors, members):
    """Of units of `members` adjacent channels: the cosine of two channels, or two pairs' root mean square."""
    channels = cosines(vectors)
    if members == 1:
        return channels
    units = len(channels) // members
    blocks = channels.reshape(units, members, units, members)
    return np.sqrt(np.square(blocks).mean(axis=(1, 3)))


def picked_in_some_order(subvectors, alike):
    """Whether the subvectors (lists of units) can have been taken one after the other, each as a reference and those of
    the units left that are most like it. What could be taken can still be when others have been."""
    left = {tuple(units) for units in subvectors}
    while left:
        units_left = sorted(unit for subvector in left for unit in subvector)
        taken = [subvector for subvector in left if has_reference(subvector, units_left, alike)]
        if not taken:
            return False
        left.difference_update(taken)
    return True


def has_reference(subvector, units_left, alike):
    others = [unit for unit in units_left if unit not in subvector]
    rounding = 1e-6
    return any(
        all(alike[reference, other] <= alike[reference, unit] + rounding for unit in subvector for other in others)
        for reference in subvector)


def mean_similarity(activations, orders, subvectors):
    """Mean absolute cosine of two channels of one subvector."""
    found = []
    for layer, head in np.ndindex(activations.shape[:2]):
        channels = np.abs(cosines(activations[layer, head]))
        for part in np.split(orders[layer, head], subvectors):
            within = channels[np.ix_(part, part)]
            found.extend(within[np.triu_indices(len(part), 1)])
    return np.mean(found)


class ChannelSorting(RunTest):
    def sort(self, *arguments, config=CONFIG):
        return self.aqpim("sort-channels", config, "--out", self.folder / "out", *arguments)

    def sort_well(self, *arguments, config=CONFIG):
        """The orders of keys and values, and what was printed."""
        process = self.sort(*arguments, config=config)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual({file.name for file in (self.folder / "out").iterdir()}, set(FILES))
        return [np.load(self.folder / "out" / file) for file in FILES], process.stdout

    def tensor(self, array, name="bad.npy"):
        np.save(self.folder / name, array)
        return self.folder / name

    def test_real_activations(self):
        orders, text = self.sort_well()
        lines = text.splitlines()
        identity = np.broadcast_to(np.arange(64), (4, 2, 64))
        for name, order, members, line in zip(("keys", "values"), orders, (2, 1), lines):
            activations = np.load(DATA / f"{name}.npy").astype(np.float64)
            self.assertEqual((order.dtype, order.shape), (np.dtype("<u2"), (4, 2, 64)))
            np.testing.assert_array_equal(np.sort(order, axis=-1), identity)
            units = order[..., ::members] // members
            for member in range(members):
                np.testing.assert_array_equal(order[..., member::members], units * members + member)
            for layer, head in np.ndindex(4, 2):
                self.assertTrue(picked_in_some_order(np.split(units[layer, head], 16),
                                                     similarities(activations[layer, head], members)), (name, layer, head))
            printed = [float(figure) for figure in re.findall(r"0\.\d+", line)]
            np.testing.assert_allclose(printed, [mean_similarity(activations, identity, 16),
                                                 mean_similarity(activations, order, 16)], atol=6e-4)
            self.assertTrue(line.startswith(name))
        before, after = (float(figure) for figure in re.findall(r"0\.\d+", lines[1]))
        self.assertGreater(after, 1.5 * before)

    def test_the_seed_decides(self):
        first, _ = self.sort_well("--set", "sim.seed=5")
        again, _ = self.sort_well("--set", "sim.seed=5")
        other, _ = self.sort_well("--set", "sim.seed=6")
        for side in range(2):
            np.testing.assert_array_equal(first[side], again[side])
            self.assertTrue((first[side] != other[side]).any())

    def test_pairs_of_channels_half_a_head_apart(self):
        (order, _), _ = self.sort_well("--set", "workload.rope=half")
        np.testing.assert_array_equal(order[..., 1::2], order[..., ::2] + 32)
        np.testing.assert_array_equal(np.sort(order, axis=-1), np.broadcast_to(np.arange(64), order.shape))
        keys = np.load(DATA / "keys.npy").astype(np.float64)
        pairs_adjacent = np.stack([keys[..., :32], keys[..., 32:]], axis=-1).reshape(keys.shape)
        for layer, head in np.ndindex(4, 2):
            self.assertTrue(picked_in_some_order(np.split(order[layer, head, ::2], 16),
                                                 similarities(pairs_adjacent[layer, head], 2)))

    def test_keys_without_pairs(self):
        (order, _), _ = self.sort_well("--set", "workload.rope=none")
        keys = np.load(DATA / "keys.npy").astype(np.float64)
        for layer, head in np.ndindex(4, 2):
            self.assertTrue(picked_in_some_order(np.split(order[layer, head], 16), similarities(keys[layer, head], 1)))

    def test_samples_of_any_shape(self):
        random = np.random.default_rng(1)
        keys = self.tensor(random.standard_normal((1, 3, 40, 24)).astype(np.float32), "keys.npy")
        values = self.tensor(random.standard_normal((2, 1, 7, 36)).astype(np.float16), "values.npy")
        empty = self.folder / "empty.cfg"
        empty.write_text("")
        orders, _ = self.sort_well("--keys", keys, "--values", values, "--set", "pq.subvectors=6", config=empty)
        self.assertEqual([order.shape for order in orders], [(1, 3, 24), (2, 1, 36)])
        for order in orders:
            np.testing.assert_array_equal(np.sort(order, axis=-1), np.broadcast_to(np.arange(order.shape[-1]), order.shape))

    def test_one_channel_in_a_subvector(self):
        orders, text = self.sort_well("--set", "pq.subvectors=64")
        self.assertEqual(text.count("nothing to sort"), 2)
        for order in orders:
            np.testing.assert_array_equal(order, np.broadcast_to(np.arange(64), (4, 2, 64)))

    def test_quiet(self):
        self.assertEqual(self.sort_well("--quiet")[1], "")

    def test_bad_input_leaves_earlier_orders_as_they_were(self):
        self.sort_well()
        earlier = [(self.folder / "out" / file).read_bytes() for file in FILES]
        empty = self.folder / "empty.cfg"
        empty.write_text("")
        keys = np.load(DATA / "keys.npy")
        for parts, arguments, config in (
                (("workload.keys", "no file", "[layers, kv_heads, tokens, head_dim]"), (), empty),
                (("workload.values", "no file"), ("--keys", DATA / "keys.npy"), empty),
                (("nowhere.npy",), ("--values", "nowhere.npy"), CONFIG),
                (("bad.npy", "[4, 2, 64]"), ("--keys", self.tensor(keys[:, :, 0], "bad.npy")), CONFIG),
                (("empty.npy", "[4, 2, 0, 64]"), ("--keys", self.tensor(keys[:, :, :0], "empty.npy")), CONFIG),
                (("inf.npy", "finite"), ("--values", self.tensor(np.where(keys > 1, np.inf, keys), "inf.npy")), CONFIG),
                (("pq.subvectors", "24", "divisor of head_dim 64"), ("--set", "pq.subvectors=24"), CONFIG),
                (("pq.subvectors", "12", "3 channels", "even"),
                 ("--set", "pq.subvectors=12", "--keys", self.tensor(keys[..., :36], "narrow.npy")), CONFIG),
                (("sort-channels", "--requests"), ("--requests", "r"), CONFIG),
        ):
            self.assert_refused(self.sort(*arguments, config=config), 2, *parts)
            self.assertEqual([(self.folder / "out" / file).read_bytes() for file in FILES], earlier)

    def test_bad_command_lines(self):
        self.assert_refused(self.aqpim("sort-channels"), 2, "no CONFIG")
        self.assert_refused(self.aqpim("sort-channels", CONFIG, "--out", ""), 2, "--out", "no name")
        (self.folder / "file").write_text("")
        self.assert_refused(self.aqpim("sort-channels", CONFIG, "--out", self.folder / "file"), 2, "file")

    def test_help(self):
        process = self.aqpim("sort-channels", "--help")
        self.assertEqual(process.returncode, 0)
        self.assertIn("Usage: aqpim-vp sort-channels CONFIG...", process.stdout)
        self.assertIn("sort-channels", self.aqpim("--help").stdout)

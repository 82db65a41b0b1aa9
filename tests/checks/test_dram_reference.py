"""The comparison with the reference simulators is checked: its streams one request at a time, its verdicts on both sides."""

import pathlib
import unittest

import dram_reference
import dram_streams

SHAPE = dram_streams.Shape(rows=8, columns=4, pseudo_channels=2, burst_bytes=32)
MASK = (1 << 64) - 1


def splitmix64(index):
    """Number `index`, from 0, by the published recurrence."""
    z = 0x9E3779B97F4A7C15 * (2026 + index + 1) & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def parsed(kind, requests=600, interval=0):
    """(operation, row, bank, bank group, column, pseudo-channel) of each request."""
    places = []
    for line in dram_streams.stream(kind, requests, SHAPE, interval).splitlines():
        operation, address = line.split()[:2]
        bits = int(address, 16) // 32
        places.append((operation, bits >> 7, bits >> 5 & 3, bits >> 3 & 3, bits >> 1 & 3, bits & 1))
    return places


class Streams(unittest.TestCase):
    def test_sequential_goes_through_pseudo_channels_bank_groups_columns_banks_and_rows(self):
        places = parsed("seq")
        self.assertEqual(places[:3], [("R", 0, 0, 0, 0, 0), ("R", 0, 0, 0, 0, 1), ("R", 0, 0, 1, 0, 0)])
        self.assertEqual([places[i] for i in (8, 32, 128)], [("R", 0, 0, 0, 1, 0), ("R", 0, 1, 0, 0, 0), ("R", 1, 0, 0, 0, 0)])

    def test_row_major_stays_in_its_row(self):
        places = parsed("rowmajor")
        self.assertEqual([places[i] for i in (2, 8, 32, 128)],
                         [("R", 0, 0, 0, 1, 0), ("R", 0, 0, 1, 0, 0), ("R", 0, 1, 0, 0, 0), ("R", 1, 0, 0, 0, 0)])

    def test_random_places_are_fields_of_splitmix64(self):
        for kind in ("rand", "mixrand"):
            for index, place in enumerate(parsed(kind)):
                x = splitmix64(index)
                operation = "W" if kind == "mixrand" and x >> 63 else "R"
                self.assertEqual(place, (operation, (x >> 8) % 8, x >> 2 & 3, x & 3, (x >> 40) % 4, (x >> 4) % 2))

    def test_mixed_requests_write_where_the_top_bit_says(self):
        self.assertEqual([place[0] for place in parsed("mixseq")], ["RW"[splitmix64(i) >> 63] for i in range(600)])

    def test_conflicts_open_another_row_each_time_they_meet_a_bank(self):
        self.assertEqual([place[1:4] for place in parsed("conf1", 10)][::2], [(row, 0, 0) for row in range(5)])
        self.assertEqual([place[1:4] for place in parsed("conf16", 36)][::2],
                         [(i // 16, i // 4 % 4, i % 4) for i in range(18)])

    def test_ping_pong_turns_every_sixteen_requests_of_a_pseudo_channel(self):
        places = parsed("pingpong")
        self.assertEqual([places[i][0] for i in (0, 31, 32, 63, 64)], ["R", "R", "W", "W", "R"])
        self.assertEqual({place[2] for place in places if place[0] == "R"}, {0, 1})
        self.assertEqual({place[2] for place in places if place[0] == "W"}, {2, 3})

    def test_arrivals_are_an_interval_apart(self):
        lines = dram_streams.stream("seq", 4, SHAPE, 12).splitlines()
        self.assertEqual([int(line.split()[2]) for line in lines], [0, 12, 24, 36])


class Verdicts(unittest.TestCase):
    def verdict(self, ramulator2, dramsim3, cycles):
        row = {"preset": "p", "kind": "seq", "requests": "1000", "interval": "0", "ramulator2_cycles": ramulator2,
               "dramsim3_cycles": dramsim3}
        line, passes = dram_reference.table_line(row, dram_reference.Outcome(cycles, 0.5))
        self.assertIn("holds" if passes else "FAILS", line)
        self.assertEqual(line.count(" | "), dram_reference.HEADING.splitlines()[0].count(" | "))
        return passes

    def test_where_the_references_agree_ours_has_to_be_ramulator2s(self):
        for dramsim3 in ("", "1009", "991"):
            for cycles, passes in ((989, False), (991, True), (1009, True), (1011, False)):
                self.assertEqual(self.verdict("1000", dramsim3, cycles), passes)

    def test_where_they_differ_ours_has_to_be_between_them(self):
        for pair in (("1000", "1200"), ("1200", "1000")):
            for cycles, passes in ((989, False), (991, True), (1100, True), (1211, True), (1213, False)):
                self.assertEqual(self.verdict(*pair, cycles), passes)

    def test_the_reference_names_presets_that_exist(self):
        with (dram_reference.HERE / "dram_reference.csv").open() as file:
            presets = {line.split(",")[0] for line in file.readlines()[1:]}
        for preset in presets:
            self.assertTrue(pathlib.Path(dram_reference.ROOT / "configs" / "reference" / f"{preset}.cfg").is_file(), preset)


if __name__ == "__main__":
    unittest.main()

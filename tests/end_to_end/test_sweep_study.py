"""Studies: points, claims and pages by one command, and what it says of a figure that is not as expected."""

import json
import xml.dom.minidom

from sweeps import SweepTest

TEMPLATE = """# {{title}}
{{#claims}}{{#rows}}{{name}}: {{value}} {{#verdict}}{{verdict}}{{/verdict}}
{{/rows}}{{/claims}}"""


class Studies(SweepTest):
    def study(self, expected):
        """Two points, one of a claim's own, and what their keys and values are in fp16."""
        (self.folder / "page.mustache").write_text(TEMPLATE)
        study = {
            "title": "Small",
            "configs": [str(self.config())],
            "sets": {"sizes": {"axes": [{"workload.prompt": [64, 128]}]}},
            "claims": [{
                "name": "bytes", "title": "Keys and values in fp16", "kind": "figure",
                "numerator": {"set": "sizes", "figure": "kv.bytes_fp16"},
                "rows": [{"name": "128 tokens and 2 steps", "assumptions": "one head of 64",
                          "numerator": {"at": {"workload.prompt": 128}}, "expected": {"value": expected, "tolerance": 0, "source": "by hand"}},
                         {"name": "the same in two layers", "assumptions": "twice as many",
                          "numerator": {"at": {"workload.prompt": 128}, "change": {"set": {"workload.layers": 2}}}}]}],
            "tornados": [{"name": "bytes", "title": "What moves it", "claim": "bytes", "row": "128 tokens and 2 steps",
                          "bars": [{"label": "prompt", "ends": [{"label": "64", "numerator": {"at": {"workload.prompt": 64}}}]}]}],
            "pages": [{"file": "page.md", "template": "page.mustache"}],
        }
        file = self.folder / "study.json"
        file.write_text(json.dumps(study))
        return file

    def test_runs_its_points_and_writes_its_page_and_picture(self):
        # One layer of one KV head of 64: keys and values of 130 tokens in 16 bits.
        file = self.study(2 * 130 * 64 * 2)
        process = self.sweep("--study", file)
        self.assertEqual(process.returncode, 0, process.stderr)
        page = (self.folder / "out" / "page.md").read_text()
        self.assertIn("# Small", page)
        self.assertIn("128 tokens and 2 steps: 32.50 KiB holds", page)
        self.assertIn("the same in two layers: 65.00 KiB", page)
        xml.dom.minidom.parse(str(self.folder / "out" / "images" / "bytes.svg"))
        self.assertEqual(len(self.results()["points"]), 3)
        before = self.outcomes()
        again = self.sweep("--study", file)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(self.outcomes(), before)

    def test_a_figure_that_is_not_as_expected_is_told_and_is_status_1(self):
        process = self.sweep("--study", self.study(99), "--quiet")
        self.assertEqual(process.returncode, 1)
        self.assertIn("128 tokens and 2 steps", process.stderr)
        self.assertIn("missed", (self.folder / "out" / "page.md").read_text())

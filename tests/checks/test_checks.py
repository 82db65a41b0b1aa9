"""The checks are checked: on a small dump made here, and with each thing they must find."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest

import numpy as np

import attention_reference
import trace_check

LAYERS, KV_HEADS, HEADS, DIM, SUBVECTORS, CENTROIDS = 2, 2, 4, 8, 4, 16
PROMPT, STEPS, SINKS, RECENT = 20, 3, 2, 4
TOKENS = PROMPT + STEPS


class Scene:
    """Inputs, a dump and a run's results that agree, computed element by element."""

    def __init__(self, folder):
        self.folder = folder
        random = np.random.default_rng(1)
        shape = (LAYERS, KV_HEADS, TOKENS, DIM)
        self.inputs = {kind: random.normal(size=shape).astype(np.float16) for kind in "kv"}
        self.queries = random.normal(size=(STEPS, LAYERS, HEADS, DIM)).astype(np.float16)
        self.order = {kind: np.array([[random.permutation(DIM) for _ in range(KV_HEADS)] for _ in range(LAYERS)],
                                     dtype=np.uint16) for kind in "kv"}
        self.codebook = {kind: random.normal(size=(LAYERS, KV_HEADS, 2, SUBVECTORS, CENTROIDS, DIM // SUBVECTORS))
                         .astype(np.float16).astype(np.float32) for kind in "kv"}
        self.window = (np.arange(TOKENS) >= 10).astype(np.uint16)
        self.codes = {kind: self.encode(kind) for kind in "kv"}

    def encode(self, kind):
        codes = np.full((LAYERS, KV_HEADS, TOKENS, SUBVECTORS), 65535, dtype=np.uint16)
        for layer, head, token, i in np.ndindex(LAYERS, KV_HEADS, TOKENS, SUBVECTORS):
            if SINKS <= token < TOKENS - RECENT:
                order = self.order[kind][layer, head]
                part = [float(self.inputs[kind][layer, head, token, order[i * 2 + j]]) for j in range(2)]
                book = self.codebook[kind][layer, head, self.window[token], i]
                distances = [sum((float(c[j]) - part[j]) ** 2 for j in range(2)) for c in book]
                codes[layer, head, token, i] = int(np.argmin(distances))
        return codes

    def vector(self, kind, layer, head, token, last):
        vector = self.inputs[kind][layer, head, token].astype(np.float64)
        if SINKS <= token <= last - RECENT:
            for position, channel in enumerate(self.order[kind][layer, head]):
                i, j = divmod(position, 2)
                code = self.codes[kind][layer, head, token, i]
                vector[channel] = self.codebook[kind][layer, head, self.window[token], i, code, j]
        return vector

    def attention(self):
        result = np.zeros((STEPS, LAYERS, HEADS, DIM), dtype=np.float32)
        for step, layer, head in np.ndindex(STEPS, LAYERS, HEADS):
            last = PROMPT + step
            query = self.queries[step, layer, head].astype(np.float64)
            weights = [np.exp(query @ self.vector("k", layer, head // 2, t, last) / DIM**0.5) for t in range(last + 1)]
            sums = sum(w * self.vector("v", layer, head // 2, t, last) for t, w in enumerate(weights))
            result[step, layer, head] = sums / sum(weights)
        return result

    def check(self, attention):
        np.save(self.folder / "attention.npy", attention)
        (self.folder / "config.cfg").write_text(f"[pq]\n# first tokens\nsinks = {SINKS}\nrecent = {RECENT} # last\n")
        for kind in "kv":
            np.save(self.folder / f"codebook_{kind}.npy", self.codebook[kind])
            np.save(self.folder / f"codes_{kind}.npy", self.codes[kind])
            np.save(self.folder / f"window_{kind}.npy", self.window)
            np.save(self.folder / f"channel_order_{kind}.npy", self.order[kind])
            np.save(self.folder / f"{kind}.npy", self.inputs[kind])
        np.save(self.folder / "q.npy", self.queries)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return attention_reference.main([
                "--out", str(self.folder), "--dump", str(self.folder), "--keys", str(self.folder / "k.npy"),
                "--values", str(self.folder / "v.npy"), "--queries", str(self.folder / "q.npy"), "--max-error", "1e-6"])


class AttentionReference(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.scene = Scene(pathlib.Path(folder.name))

    def test_accepts_attention_over_the_coded_vectors(self):
        self.assertEqual(self.scene.check(self.scene.attention()), 0)

    def test_finds_a_wrong_output(self):
        attention = self.scene.attention()
        attention[1, 1, 2, 3] += 0.1
        self.assertEqual(self.scene.check(attention), 1)

    def test_finds_codes_that_do_not_name_the_nearest_centroid(self):
        self.scene.codes["k"][:, :, 5] = (self.scene.codes["k"][:, :, 5] + 1) % CENTROIDS
        self.assertEqual(self.scene.check(self.scene.attention()), 1)

    def test_finds_a_token_that_is_needed_by_codes_that_it_has_not(self):
        attention = self.scene.attention()
        self.scene.codes["v"][1, 1, 7] = 65535
        self.assertEqual(self.scene.check(attention), 1)


class TraceCheck(unittest.TestCase):
    def check(self, *slices, name="x", threads=(1,)):
        events = [{"ph": "M", "name": "process_name", "pid": 1, "args": {"name": "gpu"}}]
        events += [{"ph": "M", "name": "thread_name", "pid": 1, "tid": t, "args": {"name": "gpu.copy"}} for t in threads]
        events += [{"ph": "X", "name": name, "pid": 1, "tid": 1, "ts": s, "dur": e - s, "args": {}} for s, e in slices]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"traceEvents": events}, file)
            file.flush()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                return trace_check.main([file.name])

    def test_accepts_slices_that_nest(self):
        self.assertEqual(self.check((2, 4), (4, 8), (0, 8), (8, 9), (4, 4)), 0)

    def test_finds_slices_that_partly_overlap(self):
        self.assertEqual(self.check((0, 5), (4, 8)), 1)

    def test_finds_slices_without_a_name_or_on_an_unnamed_thread(self):
        self.assertEqual(self.check((0, 5), name=""), 1)
        self.assertEqual(self.check((0, 5), threads=()), 1)


if __name__ == "__main__":
    unittest.main()

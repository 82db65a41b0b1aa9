"""What a run of aqpim-vp keeps and how wrong its attention is, in float64 from its files and the inputs alone."""

import json
from typing import NamedTuple

import numpy as np

from attention_reference import Dump, relative_error

SINKS, RECENT = 8, 32  # of configs/aqpim.cfg


class Figures(NamedTuple):
    """What is stored, and relative L2 errors."""

    bits: float  # kv.bytes_packed, for each value
    attention: float  # of all outputs together
    outputs: float  # mean of the error of each output: a head's in a layer and step
    worst: float  # share of the squared error of all outputs that the worst hundredth of them has
    first_steps: float  # the same in the first quarter of the steps
    keys: float
    values: float
    attended_keys: float = np.nan  # each token counted by the attention that decode gives it while it is coded
    attended_values: float = np.nan
    prompt_keys: float = np.nan  # of tokens that were clustered, and of those that were only given codes
    later_keys: float = np.nan
    prompt_values: float = np.nan
    later_values: float = np.nan
    only_keys: float = np.nan  # attention in float64 where only these are coded and all else is exact
    only_values: float = np.nan
    only_prompt: float = np.nan
    only_later: float = np.nan


class Failure(Exception):
    """A run that did not give its figures."""


class Passage:
    """A passage's tensors, exact attention over them, and how much of it goes where; `steps`: the first of them.

    `attended` [layers, kv_heads, tokens] is what each token gets from decode while it is coded, `later` [tokens] which
    ones are coded only after the clustering, `shares` how attention is divided.
    """

    def __init__(self, folder, steps):
        self.folder = folder
        names = ("keys", "values", "queries", "prefill_queries")
        self.keys, self.values, self.queries, self.prefill_queries = (
            np.load(folder / f"{name}.npy").astype(np.float64) for name in names)
        self.prompt = self.keys.shape[2] - self.queries.shape[0]
        self.queries = self.queries[:steps]
        self.keys, self.values = (tensor[:, :, : self.prompt + steps] for tensor in (self.keys, self.values))
        heads, head_dim = self.queries.shape[2:]
        self.group = heads // self.keys.shape[1]
        keys, values = (np.repeat(tensor, self.group, axis=1) for tensor in (self.keys, self.values))
        weights = softmax(np.einsum("slhd,lhtd->slht", self.queries, keys) / np.sqrt(head_dim), self.prompt)
        self.attention = np.einsum("slht,lhtd->slhd", weights, values)
        tokens = np.arange(keys.shape[2])
        recent = tokens > self.prompt + np.arange(steps)[:, None] - RECENT
        coded = (tokens >= SINKS) & ~recent
        self.attended = self.by_kv_head((weights * coded[:, None, None]).sum(axis=0))
        self.later = tokens >= self.prompt - RECENT
        seen_as = {"sinks": tokens < SINKS, "prompt, coded": coded & ~self.later, "later, coded": coded & self.later,
                   "recent": recent}
        self.shares = {name: float((weights * np.broadcast_to(which, recent.shape)[:, None, None]).sum() / weights.sum())
                       for name, which in seen_as.items()}

    def by_kv_head(self, of_heads):
        """[layers, heads, tokens] summed over the query heads of each KV head."""
        layers, heads, tokens = of_heads.shape
        return of_heads.reshape(layers, heads // self.group, self.group, tokens).sum(axis=2)

    def attention_over(self, keys, values):
        """Attention over these, but for sinks and recent tokens, which are exact."""
        found = np.empty_like(self.attention)
        tokens = np.arange(keys.shape[2])[:, None]
        for step, queries in enumerate(self.queries):
            last = self.prompt + step
            plain = (tokens < SINKS) | (tokens > last - RECENT)
            seen = [np.repeat(np.where(plain, exact, coded)[:, :, : last + 1], self.group, axis=1)
                    for exact, coded in ((self.keys, keys), (self.values, values))]
            scores = np.einsum("lhd,lhtd->lht", queries, seen[0]) / np.sqrt(queries.shape[-1])
            found[step] = np.einsum("lht,lhtd->lhd", softmax(scores[None], last)[0], seen[1])
        return found

    def importance(self):
        """[layers, kv_heads, prompt]: attention from the prompt's last queries."""
        keys = np.repeat(self.keys[:, :, : self.prompt], self.group, axis=1)
        scores = np.einsum("slhd,lhtd->slht", self.prefill_queries, keys) / np.sqrt(keys.shape[-1])
        return self.by_kv_head(softmax(scores, self.prompt - self.prefill_queries.shape[0]).sum(axis=0))


def softmax(scores, first):
    """Over [queries, ..., tokens]; query s sees tokens 0 to first + s."""
    seen = np.arange(scores.shape[-1]) <= first + np.arange(scores.shape[0])[:, None]
    scores = np.where(seen[:, None, None], scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def measure(passage, out, dumped, sources=False, tolerance=1e-6):
    """The figures of a run, with `sources` the last four too; fails where the platform reports others."""
    stats = json.loads((out / "stats.json").read_text())
    found = np.load(out / "attention.npy").astype(np.float64)
    reported = {name: stats["accuracy"].get(f"relative_l2_{name}", 0) for name in ("exact", "keys", "values")}
    misses = np.linalg.norm(found - passage.attention, axis=-1)
    outputs = misses / np.linalg.norm(passage.attention, axis=-1)
    squares = np.sort(np.square(misses), axis=None)
    more = {"keys": reported["keys"], "values": reported["values"]}  # what is not dumped is the platform's word
    if dumped:
        dumps = [Dump(out / "pq", kind) for kind in "kv"]
        more |= errors_of_vectors(passage, dumps) | (errors_by_source(passage, dumps) if sources else {})
    figures = Figures(16 * stats["kv"]["bytes_packed"] / stats["kv"]["bytes_fp16"], relative_error(found, passage.attention),
                      outputs.mean(), squares[-(squares.size // 100) :].sum() / squares.sum(),
                      outputs[: len(outputs) // 4].mean(), **more)
    for name, own in (("attention", "exact"), ("keys", "keys"), ("values", "values")):
        if abs(getattr(figures, name) - reported[own]) > tolerance:
            raise Failure(f"the platform reports {reported[own]} for {name}, its files give {getattr(figures, name)}")
    return figures


def coded_vectors(dump):
    """[layers, kv_heads, tokens, head_dim]"""
    return np.array([[dump.vectors(layer, head) for head in range(dump.coded.shape[1])]
                     for layer in range(dump.coded.shape[0])])


def errors_of_vectors(passage, dumps):
    """Relative L2 errors of the tokens that have codes at the end."""
    found = {}
    for name, tensor, dump in zip(("keys", "values"), (passage.keys, passage.values), dumps):
        errors, norms = (np.square(tensors).sum(axis=-1) for tensors in (coded_vectors(dump) - tensor, tensor))
        for which, weights in (("", 1), ("attended_", passage.attended), ("prompt_", ~passage.later),
                               ("later_", passage.later)):
            weights = dump.coded * weights
            found[which + name] = float(np.sqrt((weights * errors).sum() / (weights * norms).sum()))
    return found


def errors_by_source(passage, dumps):
    """Error of attention where only keys, only values, only the clustered tokens, only later ones are coded."""
    coded = [coded_vectors(dump) for dump in dumps]
    exact = [passage.keys, passage.values]
    later = passage.later[:, None]
    views = {"only_keys": (coded[0], exact[1]), "only_values": (exact[0], coded[1]),
             "only_prompt": [np.where(later, e, c) for e, c in zip(exact, coded)],
             "only_later": [np.where(later, c, e) for e, c in zip(exact, coded)]}
    return {name: relative_error(passage.attention_over(*view), passage.attention) for name, view in views.items()}

#!/usr/bin/python3
"""Checks a run's attention against float64, independently of the platform.

Rebuilds keys and values from the dumped codebooks and codes (`aqpim-vp run --dump-pq`), computes attention in float64
for each step, layer and head, and compares `attention.npy` with it and with exact attention over the inputs. Also counts
how many codes name the nearest centroid.

At step s the sinks and the `recent` tokens up to and including token prompt + s are seen uncompressed, all others by
their codes. Exit status: 0 within the thresholds, 1 beyond them or an impossible dump, 2 wrong usage.
"""

import argparse
import configparser
import pathlib
import sys

import numpy as np

UNCODED = 65535


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the run's output directory")
    parser.add_argument("--dump", required=True, type=pathlib.Path, help="what --dump-pq wrote")
    parser.add_argument("--keys", required=True)
    parser.add_argument("--values", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--recent", type=int, help="default: pq.recent of the run's config.cfg")
    parser.add_argument("--sinks", type=int, help="default: pq.sinks of the run's config.cfg")
    parser.add_argument("--max-error", type=float, default=1e-2, help="relative L2 error against the coded vectors")
    parser.add_argument("--min-nearest", type=float, default=0.99, help="share of codes that name the nearest centroid")
    return parser.parse_args(arguments)


def configured(out, key):
    config = configparser.ConfigParser(inline_comment_prefixes="#", interpolation=None)
    config.read(out / "config.cfg")
    return config.getint("pq", key)


def as_stored(vectors):
    """What a memory of fp16 keeps of the inputs."""
    return vectors.astype(np.float16).astype(np.float64)


class Dump:
    """Codebooks and codes of the keys (`kind` k) or the values (v)."""

    def __init__(self, folder, kind):
        self.codebook = np.load(folder / f"codebook_{kind}.npy").astype(np.float64)
        self.codes = np.load(folder / f"codes_{kind}.npy")
        self.window = np.load(folder / f"window_{kind}.npy")
        self.order = np.load(folder / f"channel_order_{kind}.npy")
        self.coded = self.codes[..., 0] != UNCODED  # [layers, kv_heads, tokens]
        part = (self.codes == UNCODED).any(axis=-1) & self.coded
        if part.any():
            raise ValueError(f"codes_{kind}.npy: a token is coded in some subvectors only")
        if self.codes[self.coded].size and self.codes[self.coded].max() >= self.codebook.shape[4]:
            raise ValueError(f"codes_{kind}.npy: a code is beyond the codebook's {self.codebook.shape[4]} centroids")

    def centroids(self, layer, head):
        """[tokens, m, head_dim / m]: what each token's codes stand for; zero where it has none."""
        tokens, subvectors = self.codes.shape[2:]
        codes = np.where(self.coded[layer, head][:, None], self.codes[layer, head], 0)
        named = self.codebook[layer, head][self.window[:, None], np.arange(subvectors)[None, :], codes]
        named[~self.coded[layer, head]] = 0
        return named.reshape(tokens, subvectors, -1)

    def vectors(self, layer, head):
        """[tokens, head_dim], in the original order of channels."""
        positions = self.centroids(layer, head).reshape(self.codes.shape[2], -1)
        vectors = np.empty_like(positions)
        vectors[:, self.order[layer, head]] = positions
        return vectors

    def nearest(self, layer, head, inputs):
        """(codes that name a nearest centroid, codes): Euclidean, in float64 over the stored inputs."""
        tokens, subvectors = self.codes.shape[2:]
        positions = inputs[:, self.order[layer, head]].reshape(tokens, subvectors, -1)
        named = np.square(positions - self.centroids(layer, head)).sum(axis=-1)
        best = np.empty_like(named)
        for token in range(tokens):
            codebook = self.codebook[layer, head, self.window[token]]
            best[token] = np.square(codebook - positions[token][:, None]).sum(axis=-1).min(axis=-1)
        coded = self.coded[layer, head]
        return int((named[coded] <= best[coded]).sum()), int(named[coded].size)


def attention(query, keys, values):
    """softmax(q k / sqrt(d)) v for one query over [tokens, head_dim]."""
    scores = keys @ query / np.sqrt(query.size)
    weights = np.exp(scores - scores.max())
    return weights @ values / weights.sum()


def seen(stored, rebuilt, coded, step_token, sinks, recent):
    """What step `step_token` attends to: uncompressed where its window or the sinks reach, else rebuilt."""
    tokens = np.arange(step_token + 1)
    uncompressed = (tokens < sinks) | (tokens > step_token - recent)
    missing = ~uncompressed & ~coded[: step_token + 1]
    if missing.any():
        raise ValueError(f"token {tokens[missing][0]} is needed by its codes at token {step_token}, but has none")
    return np.where(uncompressed[:, None], stored[: step_token + 1], rebuilt[: step_token + 1])


def relative_error(found, expected):
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def check(options):
    keys, values, queries = (np.load(file) for file in (options.keys, options.values, options.queries))
    found = np.load(options.out / "attention.npy").astype(np.float64)
    sinks = configured(options.out, "sinks") if options.sinks is None else options.sinks
    recent = configured(options.out, "recent") if options.recent is None else options.recent
    steps, layers, heads, head_dim = queries.shape
    kv_heads, tokens = keys.shape[1:3]
    prompt = tokens - steps
    if found.shape != queries.shape:
        raise ValueError(f"attention.npy has shape {found.shape}; the queries have {queries.shape}")
    dumps = [Dump(options.dump, "k"), Dump(options.dump, "v")]

    coded_reference = np.empty(queries.shape)
    exact_reference = np.empty(queries.shape)
    nearest = np.zeros(2, dtype=int)
    for layer in range(layers):
        for kv_head in range(kv_heads):
            exact = [tensor[layer, kv_head].astype(np.float64) for tensor in (keys, values)]
            stored = [as_stored(tensor[layer, kv_head]) for tensor in (keys, values)]
            rebuilt = [dump.vectors(layer, kv_head) for dump in dumps]
            for dump, inputs in zip(dumps, stored):
                nearest += dump.nearest(layer, kv_head, inputs)
            for step in range(steps):
                last = prompt + step
                views = [
                    seen(s, r, dump.coded[layer, kv_head], last, sinks, recent)
                    for s, r, dump in zip(stored, rebuilt, dumps)
                ]
                group = heads // kv_heads
                for head in range(kv_head * group, (kv_head + 1) * group):
                    query = queries[step, layer, head]
                    coded_reference[step, layer, head] = attention(as_stored(query), *views)
                    exact_reference[step, layer, head] = attention(
                        query.astype(np.float64), *(tensor[: last + 1] for tensor in exact)
                    )
    share = nearest[0] / nearest[1] if nearest[1] else 1.0
    return relative_error(found, coded_reference), relative_error(found, exact_reference), share, nearest[1]


def main(arguments):
    options = parse_arguments(arguments)
    try:
        coded_error, exact_error, share, codes = check(options)
    except (ValueError, OSError, configparser.Error) as error:
        print(f"attention_reference: {error}", file=sys.stderr)
        return 1
    print(f"relative L2 error against float64 over the coded vectors: {coded_error:.3e} (at most {options.max_error:g})")
    print(f"relative L2 error against exact attention:                {exact_error:.3e}")
    print(f"codes that name the nearest centroid:                     {share:.4%} of {codes}"
          f" (at least {options.min_nearest:.2%})")
    within = coded_error <= options.max_error and share >= options.min_nearest
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

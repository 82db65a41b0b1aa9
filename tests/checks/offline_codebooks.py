"""Codebooks found offline from sample activations, in float64, for runs with pq.initial = given."""

import numpy as np

from accuracy_figures import SINKS

ITERATIONS = 20


def kmeans(vectors, weights, centroids, random):
    """[K, d/m]: weighted k-means++ and Lloyd over vectors [n, d/m]."""
    codebook = np.empty((centroids, vectors.shape[1]))
    distances = np.full(len(vectors), np.inf)
    shares = np.cumsum(weights)
    for centroid in range(centroids):
        # With fewer different vectors than centroids no distance is left in the end: then any vector will do.
        picked = np.searchsorted(shares, random.random() * shares[-1], side="right")
        codebook[centroid] = vectors[min(picked, len(vectors) - 1)]
        distances = np.minimum(distances, np.square(vectors - codebook[centroid]).sum(axis=1))
        shares = np.cumsum(distances * weights)
    extended = np.hstack([-2 * vectors, np.ones((len(vectors), 1))])
    for _ in range(ITERATIONS):
        named = (extended @ np.vstack([codebook.T, np.square(codebook).sum(axis=1)])).argmin(axis=1)
        mass = np.bincount(named, weights, centroids)
        sums = np.stack([np.bincount(named, channel * weights, centroids) for channel in vectors.T], axis=1)
        codebook = np.where(mass[:, None] > 0, sums / np.where(mass > 0, mass, 1)[:, None], codebook)
    return codebook


def offline_codebooks(passage, folder, subvectors, centroids, seed):
    """Codebooks of each KV head, and of each layer's heads together, in files like --dump-pq's."""
    random = np.random.default_rng(seed)
    importance = passage.importance()[:, :, SINKS:]
    layers, kv_heads, tokens = importance.shape
    for kind, tensor in (("k", passage.keys), ("v", passage.values)):
        cut = tensor[:, :, SINKS : passage.prompt].reshape(layers, kv_heads, tokens, subvectors, -1)
        for of, together in (("head", 1), ("layer", kv_heads)):
            shape = (layers, kv_heads // together)
            vectors, weights = cut.reshape(*shape, -1, *cut.shape[3:]), importance.reshape(*shape, -1)
            books = [kmeans(vectors[layer, head, :, i], weights[layer, head], centroids, random)
                     for layer, head, i in np.ndindex(*shape, subvectors)]
            books = np.stack(books).reshape(*shape, 1, subvectors, centroids, -1)
            np.save(folder / f"codebook_{of}_{kind}.npy", books.astype(np.float32))

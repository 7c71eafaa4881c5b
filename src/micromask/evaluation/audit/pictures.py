"""Pictures that look the same: the nearest neighbours of a perceptual hash, and how alike two pictures are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from micromask.evaluation.audit.looks import LOW, Looks

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.integer[Any]]

NEIGHBOURS = 8
"""Candidates for each picture."""


def mirrored(hashes: FloatArray) -> FloatArray:
    """The hashes of the mirror images: every other horizontal frequency turns its sign."""
    signs = np.tile((-1.0) ** np.arange(LOW), LOW)[1:]
    return (hashes * signs).astype(np.float32)


def likeness(looks: Looks, one: IntArray, other: IntArray, *, mirror: bool = False) -> FloatArray:
    """Correlation (N,) of pairs of pictures at SIDE; with ``mirror`` with the second one's mirror image."""
    found = np.empty(len(one), dtype=np.float32)
    for start in range(0, len(one), 8192):
        part = slice(start, start + 8192)
        a, b = (_normal(looks.small[each[part]]) for each in (one, other))
        if mirror:
            b = b[:, :, ::-1]
        found[part] = np.einsum("nij,nij->n", a, b)
    return found


def _normal(small: NDArray[np.uint8]) -> FloatArray:
    grey = small.astype(np.float32)
    grey -= grey.mean(axis=(1, 2), keepdims=True)
    length = np.sqrt(np.einsum("nij,nij->n", grey, grey))[:, None, None]
    return np.asarray(grey / np.maximum(length, 1e-6), dtype=np.float32)


def near(looks: Looks, tested: IntArray, trained: IntArray, least: float, *, mirror: bool = False) -> IntArray:
    """Pairs (M, 2), test picture and training picture, that may look the same.

    The NEIGHBOURS nearest training pictures of each test picture (or of its mirror image) among those whose hash is
    near enough for a correlation of ``least``; `likeness` has the last word.
    """
    tested, trained = tested[looks.seen[tested]], trained[looks.seen[trained]]
    if not (len(tested) and len(trained)):
        return np.zeros((0, 2), dtype=np.int64)
    known, asked = looks.hashes[trained], looks.hashes[tested]
    if mirror:
        asked = mirrored(asked)
    tree = cKDTree(known @ looks.axes)
    # A little farther than the correlation says: low frequencies alone differ more or less than the whole picture.
    radius = 1.2 * float(np.sqrt(2 * (1 - least)))
    found = tree.query(asked @ looks.axes, k=min(NEIGHBOURS, len(trained)), distance_upper_bound=radius)
    distances, places = (np.asarray(each).reshape(len(tested), -1) for each in found)
    at, which = np.nonzero(np.isfinite(distances))
    return np.column_stack([tested[at], trained[places[at, which]]])

"""Orientation histograms of a motion map and the support vector machine that reads them: arrays only, no fitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]

SIDE = 28
"""Motion maps are SIDE x SIDE pixels."""


@dataclass(frozen=True, slots=True)
class HistogramLayout:
    """How a map becomes a vector: ``cells`` x ``cells`` cells with ``bins`` orientations each.

    ``soft`` shares each pixel linearly between the two nearest orientations and the four nearest cells, so that a
    small shift of the face changes the vector little; else a pixel counts in one bin of one cell.
    """

    cells: int = 7
    bins: int = 8
    soft: bool = False

    def __post_init__(self) -> None:
        if self.cells < 1 or SIDE % self.cells or self.bins < 2:
            raise ValueError(f"cells must divide {SIDE} and bins be 2 or more, got {self.cells} and {self.bins}")

    @property
    def length(self) -> int:
        """Numbers in one vector."""
        return 2 * self.cells**2 * self.bins


def check_maps(maps: NDArray[np.uint8]) -> None:
    """Raise ValueError unless ``maps`` is (N, 28, 28, 3) uint8."""
    if maps.ndim != 4 or maps.shape[1:] != (SIDE, SIDE, 3) or maps.dtype != np.uint8:
        raise ValueError(f"maps must be (N, {SIDE}, {SIDE}, 3) uint8, got {maps.shape} {maps.dtype}")


def mirror_maps(maps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The maps of the mirrored faces: left and right change places and u changes its sign.

    Parameters
    ----------
    maps : (N, 28, 28, 3) uint8
        u, v, strain, each scaled to 0-255 on its own, so that 255 - u is the scaled map of -u.

    Returns
    -------
    (N, 28, 28, 3) uint8

    Examples
    --------
    >>> one = np.zeros((1, 28, 28, 3), np.uint8)
    >>> one[0, 5, 0] = 200, 10, 20
    >>> mirror_maps(one)[0, 5, 27]
    array([55, 10, 20], dtype=uint8)
    """
    check_maps(maps)
    mirrored = maps[:, :, ::-1].copy()
    mirrored[..., 0] = 255 - mirrored[..., 0]
    return mirrored


def flow_histograms(maps: NDArray[np.uint8], layout: HistogramLayout | None = None) -> NDArray[np.float32]:
    """Histograms of the orientation of (u, v) and of (v, strain) over a grid of cells.

    Each channel is first lessened by its median over the map, which takes away what the head moved and, roughly, where
    the per-image scaling put zero. A pixel counts with its magnitude. The vector is the square root of all counts,
    scaled to length 1; a map in which nothing moves gives zeros.

    Parameters
    ----------
    maps : (N, 28, 28, 3) uint8
        u, v, strain, each scaled to 0-255 on its own.
    layout : HistogramLayout
        7 x 7 cells of 8 orientations where None is given.

    Returns
    -------
    (N, 2 * cells * cells * bins) float32
        For (u, v), then (v, strain): by cell row, cell column, orientation. Orientation 0 points along the first of
        the two, with hard bins starting there and soft ones centred half a bin on.

    Raises
    ------
    ValueError
        If maps are not (N, 28, 28, 3) uint8.

    Source
    ------
    Histograms of oriented flow: Dalal, Triggs, Schmid 2006, doi:10.1007/11744047_33

    Examples
    --------
    One patch that moves right: all of (u, v)'s weight is in orientation 0 of its cell.

    >>> one = np.zeros((1, 28, 28, 3), np.uint8)
    >>> one[0, 4:8, 8:12, 0] = 255
    >>> np.flatnonzero(flow_histograms(one)).tolist()  # cell row 1, column 2: (1 * 7 + 2) * 8
    [72]
    """
    layout = layout or HistogramLayout()
    check_maps(maps)
    if not len(maps):
        return np.zeros((0, layout.length), np.float32)
    channels = np.moveaxis(maps.astype(np.float64), 3, 0)
    channels = channels - np.median(channels, axis=(2, 3), keepdims=True)
    u, v, strain = channels
    counts = np.concatenate([_count(u, v, layout), _count(v, strain, layout)], axis=1)
    roots = np.sqrt(counts)
    length = np.linalg.norm(roots, axis=1, keepdims=True)
    return np.asarray(roots / np.where(length > 0, length, 1), np.float32)


def _count(along: FloatArray, across: FloatArray, layout: HistogramLayout) -> FloatArray:
    """(N, cells * cells * bins): the magnitude of (along, across) by cell and orientation."""
    magnitude = np.hypot(along, across)
    place = np.arctan2(across, along) / (2 * np.pi) * layout.bins
    if layout.soft:
        low = np.floor(place - 0.5)
        high_share = place - 0.5 - low
        shares = [(low, 1 - high_share), (low + 1, high_share)]
    else:
        # a whisker, so that rounding never moves an exact multiple of the bin's width to the bin before
        shares = [(np.floor(place + 1e-9), np.ones_like(place))]
    pixel = np.arange(along.size).reshape(along.shape)
    planes = np.zeros(along.size * layout.bins)
    for which, share in shares:
        slot = pixel * layout.bins + (which % layout.bins).astype(np.int64)
        planes += np.bincount(slot.ravel(), weights=(magnitude * share).ravel(), minlength=len(planes))
    to_cells = cell_weights(layout)
    rows = to_cells @ planes.reshape(len(along), SIDE, SIDE * layout.bins)
    by_cell = to_cells @ rows.reshape(len(along), layout.cells, SIDE, layout.bins)
    return np.asarray(by_cell.reshape(len(along), -1))


def cell_weights(layout: HistogramLayout) -> FloatArray:
    """(cells, 28): how much each row (or column) of pixels counts in each row (or column) of cells."""
    width = SIDE // layout.cells
    if not layout.soft:
        return np.kron(np.eye(layout.cells), np.ones((1, width)))
    position = (np.arange(SIDE) + 0.5) / width - 0.5
    return np.asarray(np.maximum(0, 1 - np.abs(position - np.arange(layout.cells)[:, None])))


@dataclass(frozen=True, slots=True, eq=False)
class SupportVectorMachine:
    """The arrays of a fitted RBF classifier of ``classes`` classes, one against one.

    ``support`` (S, F) holds the support vectors grouped by class, ``per_class`` (K,) how many each class has, ``dual``
    (K - 1, S) the dual coefficients and ``intercept`` (K * (K - 1) / 2,) the pairs' offsets, all in LIBSVM's order
    (pairs 0-1, 0-2, ..., 1-2, ...); ``gamma`` is the kernel's exp(-gamma |x - y|^2).

    Source
    ------
    Chang, Lin 2011, doi:10.1145/1961189.1961199
    """

    support: FloatArray
    per_class: NDArray[np.integer[Any]]
    dual: FloatArray
    intercept: FloatArray
    gamma: float

    def __post_init__(self) -> None:
        k, s = len(self.per_class), int(self.per_class.sum())
        if self.support.ndim != 2 or len(self.support) != s:
            raise ValueError(f"support must be ({s}, F), as per_class says, got {self.support.shape}")
        if self.dual.shape != (k - 1, s) or self.intercept.shape != (k * (k - 1) // 2,) or k < 2:
            raise ValueError(
                f"{k} classes and {s} support vectors need dual ({k - 1}, {s}) and {k * (k - 1) // 2} intercepts, "
                f"got {self.dual.shape} and {self.intercept.shape}"
            )
        if not self.gamma > 0:
            raise ValueError(f"gamma must be positive, got {self.gamma}")


def pair_decisions(machine: SupportVectorMachine, features: FloatArray) -> NDArray[np.float64]:
    """One decision a pair of classes; positive favours the pair's first class.

    Parameters
    ----------
    features : (N, F) float

    Returns
    -------
    (N, K * (K - 1) / 2) float64
        For the pairs 0-1, 0-2, ..., 1-2, ...

    Raises
    ------
    ValueError
        If features are not (N, F) with the F of the support vectors.
    """
    if features.ndim != 2 or features.shape[1] != machine.support.shape[1]:
        raise ValueError(f"features must be (N, {machine.support.shape[1]}), got {features.shape}")
    x, support = features.astype(np.float64), machine.support.astype(np.float64)
    squared = (x**2).sum(axis=1)[:, None] + (support**2).sum(axis=1) - 2 * x @ support.T
    kernel = np.exp(-machine.gamma * np.maximum(squared, 0))
    ends = np.cumsum(machine.per_class)
    own = [slice(end - count, end) for end, count in zip(ends, machine.per_class, strict=True)]
    dual, k = machine.dual.astype(np.float64), len(own)
    pairs = [(i, j) for i in range(k) for j in range(i + 1, k)]
    # A vector of class i stands against class j in row j - 1 of the dual where j > i, else in row j.
    parts = [
        kernel[:, own[i]] @ dual[j - 1, own[i]] + kernel[:, own[j]] @ dual[i, own[j]] + machine.intercept[p]
        for p, (i, j) in enumerate(pairs)
    ]
    return np.stack(parts, axis=1)


def class_scores(decisions: FloatArray, classes: int) -> NDArray[np.float64]:
    """A score a class, the sum of what its pairs say for it: (N, K * (K - 1) / 2) to (N, K).

    Examples
    --------
    >>> class_scores(np.array([[1.0, 2.0, -0.5]]), 3)
    array([[ 3. , -1.5, -1.5]])
    """
    pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
    if decisions.ndim != 2 or decisions.shape[1] != len(pairs):
        raise ValueError(f"{classes} classes have {len(pairs)} pairs, got decisions {decisions.shape}")
    scores = np.zeros((len(decisions), classes))
    for p, (i, j) in enumerate(pairs):
        scores[:, i] += decisions[:, p]
        scores[:, j] -= decisions[:, p]
    return scores

"""The part of a face's motion that a rigid head makes, fitted on skin that expressions leave alone, and taken away.

A head in front of a camera shifts, turns in the picture plane, comes nearer and is seen a little askew: six affine
numbers. When it yaws or pitches, what is nearer to the camera moves farther: u grows with the depth of the surface
under yaw, v under pitch, one number each; and as one side comes nearer, perspective draws it apart, two numbers more.
The fit is robust: a region that moves by itself does not draw it along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray
from micromask.faces.align import EYE_DISTANCE, EYE_HEIGHT

Doubles = NDArray[np.float64]

FLOOR = 0.01
"""Residuals below this many pixels (robust standard deviation) are never called outliers."""

_HUBER, _TUKEY = 1.345, 4.685
_HUBER_ROUNDS, _TUKEY_ROUNDS = 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class HeadMotion:
    """What a rigid head did between two aligned faces.

    ``affine`` (2, 3) takes a pixel (x, y, 1) of the first face to its place in the second (the identity where nothing
    moved); ``parallax`` (2,) is how much farther a point of depth 1 moves than one of depth 0, px right (yaw) and px
    down (pitch); ``quadratic`` (2, 3) are the factors of x², xy and y² in units of half the longer side from the
    centre: perspective, and more only where asked for. ``shape`` (H, W) is the face it was fitted on, ``magnitude`` the
    root mean square displacement over the fitted skin in px, ``scatter`` the robust standard deviation of what the fit
    left there.
    """

    affine: Doubles
    parallax: Doubles
    quadratic: Doubles
    shape: tuple[int, int]
    magnitude: float
    scatter: float


def _axes(shape: tuple[int, int]) -> tuple[Doubles, Doubles, float]:
    """Centred coordinates (W,), (H,) in units of half the longer side, and that unit in px."""
    h, w = shape
    unit = max(h, w) / 2
    x, y = np.arange(w, dtype=np.float64), np.arange(h, dtype=np.float64)
    return (x - (w - 1) / 2) / unit, (y - (h - 1) / 2) / unit, unit


def face_depth(
    shape: tuple[int, int],
    *,
    eyes_y: float | None = None,
    eye_distance: float | None = None,
    centre_x: float | None = None,
) -> FloatArray:
    """Depth of a frontal face's surface: an ellipsoid for the head with a bump for the nose.

    Parameters
    ----------
    shape : (H, W)
        Size of the aligned face, px.
    eyes_y, eye_distance, centre_x : float, optional
        Row of the eyes' centres, their distance and the column midway between them, px; by default where the aligned
        face of ``micromask.faces.align`` has them.

    Returns
    -------
    (H, W) float32
        1 at the tip of the nose, 0 where the head's outline turns away from the camera and beyond it.

    Notes
    -----
    In distances between the eyes the head is 1.15 wide, 1.9 high and 1.4 deep on each side of a centre that lies 0.2
    below the eyes; the nose stands out by 0.3, its tip 0.55 below them. Rounded proportions of adult heads: a fit has
    its own factor for each direction, so only the shape counts, not the scale.

    Examples
    --------
    >>> depth = face_depth((128, 128))
    >>> int(depth.argmax() // 128) > 60 and bool(depth[64, 64] > depth[64, 30] > depth[64, 10])
    True
    """
    h, w = shape
    unit = EYE_DISTANCE * w if eye_distance is None else eye_distance
    row = EYE_HEIGHT * h if eyes_y is None else eyes_y
    column = w / 2 if centre_x is None else centre_x
    if not unit > 0:
        raise ValueError(f"the distance between the eyes must be positive, got {unit}")
    x = (np.arange(w) - column)[None, :] / unit
    y = (np.arange(h) - row)[:, None] / unit
    skull = 1.4 * np.sqrt(np.clip(1 - (x / 1.15) ** 2 - ((y - 0.2) / 1.9) ** 2, 0, None))
    # The bridge rises slowly from between the eyes to the tip; below the tip the nose ends at once.
    along = np.where(y < 0.55, 0.3, 0.12)
    nose = 0.3 * np.exp(-((x / 0.2) ** 2) / 2 - ((y - 0.55) / along) ** 2 / 2)
    depth = skull + np.where(skull > 0, nose, 0)
    return np.asarray(depth / max(float(depth.max()), 1e-9), dtype=np.float32)


class HeadModel:
    """Fits head motion to many flow fields over one face; all that does not depend on the flow is made once.

    Parameters
    ----------
    shape : (H, W)
        Size of the flow fields, px.
    weights : (H, W) float
        How far each pixel can be trusted to move with the skull, 0 or more.
    depth : (H, W) float, optional
        Depth of the surface, 0 to 1; without it yaw and pitch are not modelled beyond their affine part.
    step : int
        Only each step-th row and column is read.
    quadratic : bool
        Six free numbers for x², xy and y² instead of perspective's two. They take what a wrong depth leaves, and also
        explain away broad expressions.

    Raises
    ------
    ValueError
        If the shapes disagree or too few pixels have weight.

    Source
    ------
    Iteratively reweighted least squares: Holland and Welsch 1977, doi:10.1080/03610927708827533, with Huber's weights
    first and Tukey's after; both components of a pixel share one weight. Motion of a rigid surface: Longuet-Higgins and
    Prazdny 1980, doi:10.1098/rspb.1980.0057; yaw, pitch and perspective have factors of their own, because neither the
    head's true depth nor the camera's distance is known.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        weights: FloatArray,
        depth: FloatArray | None = None,
        step: int = 4,
        *,
        quadratic: bool = False,
    ) -> None:
        if weights.shape != shape or (depth is not None and depth.shape != shape):
            raise ValueError(
                f"weights and depth must be {shape}, got {weights.shape} and {getattr(depth, 'shape', None)}"
            )
        if step < 1 or not np.isfinite(weights).all() or (weights < 0).any():
            raise ValueError(f"weights must be 0 or more and step at least 1, got step {step}")
        self.shape = (int(shape[0]), int(shape[1]))
        self._has_depth, self._has_quadratic = depth is not None, quadratic
        xs, ys, self._unit = _axes(self.shape)
        first = step // 2
        chosen = np.zeros(shape, dtype=bool)
        chosen[first::step, first::step] = weights[first::step, first::step] > 0
        self._points = np.flatnonzero(chosen)
        rows, columns = np.divmod(self._points, shape[1])
        x, y = xs[columns], ys[rows]
        terms = [np.ones_like(x), x, y]
        if depth is not None:
            terms.append(depth[rows, columns].astype(np.float64))
        self._own = len(terms)
        self._design: Doubles = np.stack([*terms, x * x, x * y, y * y])
        if len(self._points) < 3 * len(self._design):
            raise ValueError(f"{len(self._points)} pixels with weight are too few to fit {len(self._design)} terms")
        prior = weights[rows, columns].astype(np.float64)
        self._prior: Doubles = prior / prior.sum()
        self._places()
        # Keeps the solution at rest in a direction that the pixels say nothing about, such as a depth that is constant.
        self._ridge: Doubles = np.array([0.0] + [1e-7] * (len(self._design) - 1))

    def fit(self, flow: FloatArray) -> HeadMotion:
        """Head motion in one flow field (2, H, W), px.

        Raises
        ------
        ValueError
            If the flow has another shape or is not finite where it is read.
        """
        if flow.shape != (2, *self.shape):
            raise ValueError(f"flow must be {(2, *self.shape)}, got {flow.shape}")
        seen = flow.reshape(2, -1)[:, self._points].astype(np.float64)
        if not np.isfinite(seen).all():
            raise ValueError("flow has values that are not finite")
        factors = self._solve(self._prior, seen)
        scatter = FLOOR
        for turn in range(_HUBER_ROUNDS + _TUKEY_ROUNDS):
            rest = seen - factors @ self._design
            square = rest[0] * rest[0] + rest[1] * rest[1]
            if turn <= _HUBER_ROUNDS:  # Tukey's rounds keep the scale they begin with, so that they settle
                scatter = max(self._spread(square), FLOOR)
            if turn < _HUBER_ROUNDS:
                keep = (_HUBER * scatter) / np.sqrt(np.maximum(square, (_HUBER * scatter) ** 2))
            else:
                keep = np.maximum(1 - square / (_TUKEY * scatter) ** 2, 0) ** 2
            factors = self._solve(self._prior * keep, seen)
        return self._motion(factors, scatter)

    def _solve(self, weights: Doubles, seen: Doubles) -> Doubles:
        """Factors (2, K) of the K terms for u and v: each its own, but for the two that perspective shares."""
        weighted = self._design * weights
        products = weighted @ self._design.T
        products.flat[:: len(products) + 1] += self._ridge
        sums = weighted @ seen.T
        if self._has_quadratic:
            return np.asarray(np.linalg.solve(products, sums).T)
        # Both components in one system. A term's place in it: u's own, v's own, then the shared two.
        one, two = self._in_products
        cells = np.append(products.ravel(), 0.0)
        here, there = self._in_sums
        ends = np.append(sums.ravel(), 0.0)
        found = np.linalg.solve(cells[one] + cells[two], ends[here] + ends[there])
        return np.asarray(np.append(found, 0.0)[self._in_found])

    def _places(self) -> None:
        """Where the coupled system's entries stand in the products (K, K) and sums (K, 2) of the terms.

        u has its own terms and (x², xy) for the shared factors, v its own and (xy, y²); an entry is what both give it.
        """
        k, terms = self._own, len(self._design)
        u_terms = np.array([*range(k), *[-1] * k, k, k + 1])
        v_terms = np.array([*[-1] * k, *range(k), k + 1, k + 2])
        pairs, ends = [], []
        for column, has in ((0, u_terms), (1, v_terms)):
            both = (has[:, None] >= 0) & (has[None, :] >= 0)
            pairs.append(np.where(both, has[:, None] * terms + has[None, :], terms * terms))
            ends.append(np.where(has >= 0, has * 2 + column, terms * 2))
        self._in_products, self._in_sums = (pairs[0], pairs[1]), (ends[0], ends[1])
        nought, across, along = 2 * k + 2, 2 * k, 2 * k + 1
        self._in_found = np.array([[*range(k), across, along, nought], [*range(k, 2 * k), nought, across, along]])

    def _spread(self, square: Doubles) -> float:
        """Standard deviation of one component from the weighted median of the residuals' squared length."""
        order = square.argsort()
        middle = int(np.searchsorted(self._prior[order].cumsum(), 0.5))
        # The squared length over the variance is chi-square with two degrees of freedom: its median is 2 ln 2.
        return float(np.sqrt(square[order[min(middle, len(order) - 1)]] / (2 * np.log(2))))

    def _motion(self, factors: Doubles, scatter: float) -> HeadMotion:
        h, w = self.shape
        linear = factors[:, 1:3] / self._unit
        shift = factors[:, 0] - linear @ [(w - 1) / 2, (h - 1) / 2]
        affine = np.column_stack([np.eye(2) + linear, shift])
        parallax = factors[:, 3].copy() if self._has_depth else np.zeros(2)
        quadratic = factors[:, -3:].copy()
        moved = factors @ self._design
        magnitude = float(np.sqrt(self._prior @ (moved**2).sum(0)))
        return HeadMotion(affine, parallax, quadratic, self.shape, magnitude, float(scatter))


def head_field(motion: HeadMotion, shape: tuple[int, ...], depth: FloatArray | None = None) -> FloatArray:
    """The flow (2, H, W) float32, px, that a head motion makes by itself.

    Parameters
    ----------
    motion : HeadMotion
        As fitted.
    shape : (H, W)
        Size of the face it was fitted on.
    depth : (H, W) float, optional
        The depth it was fitted with.

    Raises
    ------
    ValueError
        If shape or depth are not those of the fit.
    """
    h, w = motion.shape
    if tuple(shape) != motion.shape or (depth is not None and depth.shape != motion.shape):
        raise ValueError(
            f"the motion was fitted on {motion.shape}, got {tuple(shape)} and {getattr(depth, 'shape', None)}"
        )
    if depth is None and motion.parallax.any():
        raise ValueError("the motion has yaw or pitch: give the depth that it was fitted with")
    x, y = np.arange(w, dtype=np.float64), np.arange(h, dtype=np.float64)
    xs, ys, _ = _axes(motion.shape)
    field = np.empty((2, h, w), dtype=np.float32)
    for row in (0, 1):
        (a, b, c), (d, e, f) = motion.affine[row], motion.quadratic[row]
        across = ((a - (row == 0)) * x + c + d * xs**2).astype(np.float32)
        down = ((b - (row == 1)) * y + f * ys**2).astype(np.float32)
        np.multiply((e * ys).astype(np.float32)[:, None], xs.astype(np.float32)[None, :], out=field[row])
        field[row] += across[None, :]
        field[row] += down[:, None]
        if depth is not None:
            field[row] += np.float32(motion.parallax[row]) * depth
    return field


def fit_head_motion(
    flow: FloatArray, weights: FloatArray, depth: FloatArray | None = None, step: int = 4
) -> HeadMotion:
    """Head motion in one flow field; for many over the same face make a ``HeadModel`` once.

    Parameters and errors are those of ``HeadModel``, with ``flow`` (2, H, W) in px.

    Examples
    --------
    A face that only drifts:

    >>> drift = np.stack([np.full((64, 64), 1.5), np.full((64, 64), -0.5)])
    >>> motion = fit_head_motion(drift, np.ones((64, 64)))
    >>> motion.affine.round(3).tolist(), round(motion.magnitude, 2)
    ([[1.0, 0.0, 1.5], [0.0, 1.0, -0.5]], 1.58)
    """
    return HeadModel((flow.shape[-2], flow.shape[-1]), weights, depth, step).fit(flow)


def remove_head_motion(
    flow: FloatArray, weights: FloatArray, depth: FloatArray | None = None, step: int = 4
) -> tuple[FloatArray, HeadMotion]:
    """A flow field (2, H, W) without what the head did, float32 px, and what the head did.

    Parameters and errors are those of ``HeadModel``.
    """
    motion = fit_head_motion(flow, weights, depth, step)
    return np.asarray(flow - head_field(motion, motion.shape, depth), dtype=np.float32), motion

"""How the skin moves in each facial action: smooth fields that are zero away from their muscle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from micromask.core.registry import Registry
from micromask.datasets.synthetic.face import MARGIN, Plane, Points, cells, shape_of

MOST_AMPLITUDE = 0.15
"""The largest amplitude of one action, in distances between the eyes; up to it no field folds the skin over itself."""

CELLS_PER_SIDE = 120
"""Fields are computed on this many cells per side of the picture, whatever its size in pixels."""

GRID = round(CELLS_PER_SIDE * (1 + 2 * MARGIN))


@dataclass(frozen=True, slots=True)
class Bump:
    """A patch of skin that moves as one at its centre and not at all at its edge.

    The centre is the mean of ``landmarks`` (of the 68, on the left of the picture) plus ``shift``; ``reach`` is how
    far the patch extends outward, inward, up and down; ``move`` is the way that the centre goes. All but the landmarks
    in distances between the eyes, x away from the middle of the face (outward), y down.
    """

    landmarks: tuple[int, ...]
    move: tuple[float, float]
    reach: tuple[float, float, float, float]
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Action:
    """One facial action: its unit in the Facial Action Coding System, its patches, the regions that it moves.

    ``sides`` says where the patches are: on ``"both"`` sides, or on the person's own ``"left"`` (the right of the
    picture) or ``"right"``, or in the ``"middle"`` (patches as given, not mirrored). ``regions`` are those of
    :mod:`micromask.faces.regions`, each with its share of the action's amplitude.
    """

    unit: int
    bumps: tuple[Bump, ...]
    regions: tuple[tuple[str, float], ...]
    sides: str = "both"


ACTIONS: Registry[Action] = Registry("facial action")
"""Facial actions by name (Ekman, Friesen and Hager, Facial Action Coding System, 2002)."""

_CORNER = (48, 60)
_DIMPLE = Bump(_CORNER, (1, -0.1), (0.3, 0.34, 0.3, 0.3))


def _pair(name: str, share: float = 1.0) -> tuple[tuple[str, float], ...]:
    """The same region on both sides."""
    return ((f"{name}_left", share), (f"{name}_right", share))


for _name, _action in {
    "inner_brow_raiser": Action(
        1, (Bump((20, 21), (-0.1, -1), (0.42, 0.3, 0.42, 0.27)),), (*_pair("brow"), ("glabella", 0.4))
    ),
    "outer_brow_raiser": Action(2, (Bump((18, 19), (0.0, -1), (0.38, 0.42, 0.42, 0.26)),), _pair("brow")),
    "brow_lowerer": Action(
        4, (Bump((20, 21), (-0.5, 0.87), (0.5, 0.36, 0.4, 0.29)),), (*_pair("brow"), ("glabella", 0.6))
    ),
    "cheek_raiser": Action(
        6,
        (
            Bump((40, 41), (0.12, -1), (0.42, 0.36, 0.32, 0.4), (-0.04, 0.32)),
            Bump((36,), (-0.62, -0.32), (0.26, 0.24, 0.24, 0.26), (0.22, 0.06)),
        ),
        _pair("cheek"),
    ),
    "nose_wrinkler": Action(
        9,
        (
            Bump((31,), (0.1, -1), (0.26, 0.3, 0.36, 0.26), (-0.02, -0.16)),
            Bump((21,), (-0.4, 0.45), (0.4, 0.3, 0.3, 0.3)),
        ),
        (("nose", 1.0), ("glabella", 0.5), *_pair("brow", 0.4)),
    ),
    "upper_lip_raiser": Action(
        10, (Bump((49, 50), (0.05, -1), (0.32, 0.55, 0.34, 0.2)),), (("lip_upper", 1.0), ("nose", 0.3))
    ),
    "lip_corner_puller": Action(
        12,
        (
            Bump(_CORNER, (0.75, -0.66), (0.36, 0.42, 0.46, 0.4), (0.02, 0.0)),
            Bump((48, 36), (0.1, -0.35), (0.35, 0.45, 0.4, 0.4), (0.02, 0.06)),
        ),
        (*_pair("mouth"), *_pair("cheek", 0.5)),
    ),
    "dimpler_left": Action(14, (_DIMPLE,), (("mouth_left", 1.0),), "left"),
    "dimpler_right": Action(14, (_DIMPLE,), (("mouth_right", 1.0),), "right"),
    "lip_corner_depressor": Action(15, (Bump(_CORNER, (0.2, 0.98), (0.34, 0.4, 0.4, 0.4)),), _pair("mouth")),
    "chin_raiser": Action(
        17,
        (Bump((8, 57), (0.0, -1), (0.6, 0.6, 0.45, 0.34), (0, -0.02)),),
        (("chin", 1.0), ("lip_lower", 0.5)),
        "middle",
    ),
    "lip_pucker": Action(18, (Bump(_CORNER, (-1, 0.06), (0.34, 0.36, 0.34, 0.34)),), _pair("mouth")),
    "lip_stretcher": Action(20, (Bump(_CORNER, (0.97, 0.22), (0.36, 0.38, 0.36, 0.36)),), _pair("mouth")),
    "lip_tightener": Action(
        23,
        (
            Bump((51,), (0.0, 0.3), (0.5, 0.5, 0.28, 0.28)),
            Bump((57,), (0.0, -0.45), (0.5, 0.5, 0.3, 0.32)),
            Bump((48,), (0.7, 0.0), (0.32, 0.32, 0.32, 0.32)),
            Bump((54,), (-0.7, 0.0), (0.32, 0.32, 0.32, 0.32)),
        ),
        (*_pair("mouth"), ("lip_lower", 0.65), ("lip_upper", 0.45)),
        "middle",
    ),
    "jaw_drop": Action(
        26,
        (Bump((8, 57), (0.0, 1), (0.6, 0.6, 0.45, 0.34), (0, 0.02)),),
        (("chin", 1.0), ("lip_lower", 0.6)),
        "middle",
    ),
}.items():
    ACTIONS.add(_name)(_action)

_OTHER_SIDE = {48: 54, 60: 64, 49: 53, 50: 52, 31: 35, 36: 45, 40: 47, 41: 46, 18: 25, 19: 24, 20: 23, 21: 22}


@lru_cache(maxsize=64)
def unit_field(name: str, subject: int) -> Plane:
    """(2, 180, 180) float32: where each cell of the resting face goes at amplitude 1, in picture sides.

    Its longest vector, taken between the cells too, is one distance between the eyes.

    Raises
    ------
    BadInputError
        If there is no action of that name.
    """
    action = ACTIONS[name]
    shape = shape_of(subject)
    x, y = cells(GRID)
    place = shape.to_face(np.stack([x, y], axis=-1).astype(np.float64))
    marks = shape.to_face(shape.landmarks)
    field = np.zeros_like(place)
    for bump in action.bumps:
        if action.sides in ("both", "right"):
            field += _patch(place, marks[list(bump.landmarks)], bump, -1)
        if action.sides in ("both", "left"):
            field += _patch(place, marks[[_OTHER_SIDE[mark] for mark in bump.landmarks]], bump, 1)
        if action.sides == "middle":
            field += _patch(place, marks[list(bump.landmarks)], bump, 1)
    picture = np.ascontiguousarray((shape.from_face(field) * shape.iod).transpose(2, 0, 1), dtype=np.float32)
    return picture * np.float32(shape.iod / longest(picture))


def longest(field: Plane) -> float:
    """Length of the longest vector of a (2, H, W) field, looked for at four times its resolution."""
    fine = cv2.resize(np.ascontiguousarray(field.transpose(1, 2, 0)), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    return float(np.linalg.norm(fine, axis=-1).max())


def _patch(place: Points, marks: Points, bump: Bump, outward: int) -> Points:
    """(H, W, 2) movement of one bump, in the face's frame; ``outward`` is the sign of x away from the middle."""
    dx = (place[..., 0] - marks[:, 0].mean()) * outward - bump.shift[0]
    dy = place[..., 1] - marks[:, 1].mean() - bump.shift[1]
    out, inward, up, down = bump.reach
    radius = np.hypot(dx / np.where(dx > 0, out, inward), dy / np.where(dy > 0, down, up))
    height = 0.5 + 0.5 * np.cos(np.pi * np.minimum(radius, 1))
    return np.asarray(height[..., None] * (outward * bump.move[0], bump.move[1]))

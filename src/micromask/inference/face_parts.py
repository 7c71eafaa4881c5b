"""The parts of a face that a smile is made of, each as a signed course over time: how far out, how far up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from micromask.core.types import FloatArray
from micromask.faces.regions import PARTS, SPOT_NAMES
from micromask.inference.segments import Segment

PAIRED = ("mouth_corner", "upper_cheek", "lower_lid", "eye_corner", "inner_brow", "outer_brow")
"""Parts that a face has on both sides."""

SMILE_WAY = (0.75, 0.66)
"""The way that the corners of the mouth go in a smile: outward, up."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceParts:
    """Courses (G,) of a segment, % of the distance between the eyes, from rest.

    ``sides`` holds (G, 2) outward and up for each part and side; ``outward`` and ``up`` their means over both sides.
    ``smile`` is how far the corners of the mouth are on the way of a smile, ``smile_sides`` each for itself; ``eyes``
    is how far the skin around the eyes has gathered: the mean of lower lids up and outer corners inward. ``jaw`` is
    the length of the farther of lower lip's and chin's displacement. ``noise`` is what chance alone reaches, by name.
    """

    sides: Mapping[tuple[str, str], FloatArray]
    outward: Mapping[str, FloatArray]
    up: Mapping[str, FloatArray]
    smile: FloatArray
    smile_sides: Mapping[str, FloatArray]
    eyes: FloatArray
    jaw: FloatArray
    noise: Mapping[str, float]


def face_parts(segment: Segment) -> FaceParts | None:
    """The parts of a segment's face; None where one of them is not seen on either side, as on a head that turned far.

    Raises
    ------
    ValueError
        If the segment has other spots than ``faces.regions.SPOT_NAMES``.
    """
    if segment.away.shape[1] != len(SPOT_NAMES):
        raise ValueError(f"a segment of all {len(SPOT_NAMES)} spots wanted, got {segment.away.shape[1]}")
    sides: dict[tuple[str, str], FloatArray] = {}
    for part in PAIRED:
        for side, outward in (("right", -1.0), ("left", 1.0)):
            rows = [row for row in PARTS[f"{part}_{side}"] if segment.reach[:, row].any()]
            if not rows:
                return None
            mean = segment.away[:, rows].mean(1)
            sides[part, side] = np.stack([outward * mean[:, 0], -mean[:, 1]], axis=1)
    mean = {part: (sides[part, "right"] + sides[part, "left"]) / 2 for part in PAIRED}
    out, up = {part: mean[part][:, 0] for part in PAIRED}, {part: mean[part][:, 1] for part in PAIRED}
    smiles = {side: sides["mouth_corner", side] @ np.array(SMILE_WAY) for side in ("right", "left")}
    eyes = (up["lower_lid"] - out["eye_corner"]) / 2
    jaw = segment.reach[:, [*PARTS["lip_lower"], *PARTS["chin"]]].max(1)
    noise = {"eyes": chance(eyes), "inner_brow": chance(up["inner_brow"])}
    return FaceParts(sides, out, up, (smiles["right"] + smiles["left"]) / 2, smiles, eyes, jaw, noise)


def chance(course: FloatArray) -> float:
    """What noise alone reaches in a course (G,): by its fast jitter, and by how far it strays while it rests.

    >>> steady = np.zeros(200); steady[90:110] = 5.0
    >>> chance(steady)
    0.0
    """
    bend = np.diff(course, n=2)
    # The second difference of white noise of deviation s has deviation sqrt(6) s.
    fast = 7.0 * float(np.median(np.abs(bend))) / 0.6745 / np.sqrt(6) if len(bend) else 0.0
    return float(max(fast, 3.0 * np.quantile(np.abs(course), 0.25)))

"""Draw the frames of a script, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from micromask.core.types import Image
from micromask.datasets.synthetic.actions import CELLS_PER_SIDE, GRID, longest, unit_field
from micromask.datasets.synthetic.eyelids import close_eyes
from micromask.datasets.synthetic.face import MARGIN, Plane, inverse, picture_of, shape_of
from micromask.datasets.synthetic.head import Pose, head_field, poses
from micromask.datasets.synthetic.script import PlannedExpression, Script, Times, blink_closure, frame_times
from micromask.recordings.write import write_film

_EDGE = (GRID - CELLS_PER_SIDE) // 2


def inter_ocular_px(script: Script) -> float:
    """Distance between the centres of the eyes of the script's subject at rest (px)."""
    return shape_of(script.subject).iod * script.size


def landmarks_px(script: Script) -> Plane:
    """(68, 2) float32 landmarks of the script's subject at rest (px, centres of pixels are whole numbers)."""
    return (shape_of(script.subject).landmarks * script.size - 0.5).astype(np.float32)


def _expression_cells(script: Script, strengths: dict[PlannedExpression, float]) -> Plane:
    """(2, 180, 180) forward movement of the skin in picture sides, for the given share of each expression."""
    field = np.zeros((2, GRID, GRID), np.float32)
    for planned, strength in strengths.items():
        if strength:
            for name, amplitude in planned.actions:
                field += np.float32(strength * amplitude) * unit_field(name, script.subject)
    return field


def peak_displacement(script: Script, planned: PlannedExpression) -> float:
    """The farthest that any point of the face moves at an expression's peak, in distances between the eyes."""
    return longest(_expression_cells(script, {planned: 1.0})) / shape_of(script.subject).iod


def _to_pixels(field: Plane, size: int) -> Plane:
    """A (2, 180, 180) field over the picture and its margin as (size, size, 2) over the picture, in pixels."""
    inner = field[:, _EDGE : _EDGE + CELLS_PER_SIDE, _EDGE : _EDGE + CELLS_PER_SIDE].transpose(1, 2, 0)
    fine = cv2.resize(np.ascontiguousarray(inner), (size, size), interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine * np.float32(size), dtype=np.float32)


def expression_field(script: Script, time: float) -> Plane:
    """(2, size, size) float32: how the expressions have moved the skin at a time, the truth for optical flow.

    (u right, v down) in pixels at each pixel of the resting picture; without the movement of head and eyelids.
    """
    strengths = {planned: float(planned.strength(time)) for planned in script.expressions}
    return np.ascontiguousarray(_to_pixels(_expression_cells(script, strengths), script.size).transpose(2, 0, 1))


def _compose(first: Plane, second: Plane) -> Plane:
    """Backward displacement (cells) of two backward displacements: ``first`` is undone first, then ``second``."""
    y, x = np.mgrid[0:GRID, 0:GRID].astype(np.float32)
    both = np.ascontiguousarray(second.transpose(1, 2, 0))
    seen = cv2.remap(both, x - first[0], y - first[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(first + seen.transpose(2, 0, 1), dtype=np.float32)


def _backward(script: Script, pose: Pose, strengths: dict[PlannedExpression, float]) -> Plane | None:
    """(2, 180, 180) backward displacement in picture sides, or None where all is at rest."""
    per_side = np.float32(CELLS_PER_SIDE)
    parts = []
    if not pose.at_rest:
        parts.append(inverse(head_field(pose, script.subject) * per_side))
    if any(strengths.values()):
        parts.append(inverse(_expression_cells(script, strengths) * per_side))
    if not parts:
        return None
    return (parts[0] if len(parts) == 1 else _compose(*parts)) / per_side


def _light(script: Script, time: float) -> Plane | None:
    """(size,) gain per column, or None where the light is as in the portrait."""
    gain = np.ones(script.size, np.float32)
    slope = np.linspace(1, -1, script.size, dtype=np.float32)
    for change in script.light:
        share = np.float32(change.course(time) * (change.gain - 1))
        gain *= 1 + share * (slope if change.kind == "side" else 1)
    return None if (gain == 1).all() else gain


def _noisy(clean: Plane, script: Script, number: int) -> Image:
    """The picture as a camera gives it: noise mostly common to the channels, the rest coarser colour noise."""
    if script.noise:
        rng = np.random.Generator(np.random.SFC64([script.seed, 4, number]))
        grey = rng.standard_normal(clean.shape[:2], dtype=np.float32)
        half = (script.size // 2, script.size // 2, 3)
        colour = cv2.resize(
            rng.standard_normal(half, dtype=np.float32), (script.size, script.size), interpolation=cv2.INTER_NEAREST
        )
        noise = cv2.merge([grey] * 3) * np.float32(0.9 * script.noise) + colour * np.float32(0.436 * script.noise)
        clean = clean + noise
    return np.asarray(cv2.convertScaleAbs(np.maximum(clean, 0)), dtype=np.uint8)


def render(script: Script) -> Iterator[Image]:
    """Draw the film: RGB frames, (size, size, 3) uint8, one at a time.

    The subject's resting picture is warped by the movement of head and skin together (their forward movement inverted,
    so that a point of the skin goes exactly where the script says), the lids are drawn, light and noise are added.
    Memory does not grow with the length of the film.
    """
    times = frame_times(script)
    size, margin = script.size, round(MARGIN * script.size)
    resting = picture_of(script.subject, size)
    base_y, base_x = np.mgrid[margin : margin + size, margin : margin + size].astype(np.float32)
    calm = np.ascontiguousarray(resting[margin : margin + size, margin : margin + size])
    for number, (time, pose, closure) in enumerate(_moments(script, times)):
        strengths = {planned: float(planned.strength(time)) for planned in script.expressions}
        field = _backward(script, pose, strengths)
        if field is None:
            map_x, map_y, clean = base_x, base_y, calm
        else:
            moved = _to_pixels(field, size)
            map_x, map_y = base_x - moved[..., 0], base_y - moved[..., 1]
            clean = cv2.remap(resting, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        if closure:
            clean = clean.copy() if clean is calm else clean
            close_eyes(clean, resting, map_x, map_y, closure, script.subject, size)
        gain = _light(script, time)
        if gain is not None:
            clean = clean * gain[:, None]
        yield _noisy(clean, script, number)


def _moments(script: Script, times: Times) -> Iterator[tuple[float, Pose, float]]:
    for time, pose, closure in zip(times, poses(script, times), blink_closure(script, times), strict=True):
        yield float(time), pose, float(closure)


def write(script: Script, path: Path | str) -> None:
    """Write the film to ``path``, with its true times where the rate is variable.

    Raises
    ------
    BadOutputError
        If the file exists or cannot be written.
    """
    write_film(Path(path), render(script), script.fps, times=script.times)

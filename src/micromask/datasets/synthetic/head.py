"""How the picture moves when the head does: a rigid turn of a head with depth, before a background that stays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from micromask.datasets.synthetic.actions import GRID
from micromask.datasets.synthetic.face import Plane, cells, shape_of
from micromask.datasets.synthetic.script import HeadMove, Script, Times

CENTRE = (0.0, -0.05)
RADII = (1.75, 1.95, 2.25)
"""The head with its hair in the face's frame (unit: distance between the eyes): its centre, half its width, how far it
reaches up and how far down to below the chin. Read off the portrait."""

SKULL = (1.3, 1.8, 2.15)
"""The same without the hair, which lies flat about it: half the width, up and down."""

DEPTH = 1.45
NOSE = 0.3
CHIN = 0.15
"""Depth of the face before the axis of the head, and how far nose and chin stand out (same unit; with 63 mm between
the eyes 91, 19 and 9 mm, as in an adult's head, which is about 190 mm deep)."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the head is: degrees of yaw, pitch and roll, shift in distances between the eyes, growth."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    zoom: float = 0.0

    @property
    def at_rest(self) -> bool:
        """Whether nothing is moved."""
        return not any((self.yaw, self.pitch, self.roll, self.shift_x, self.shift_y, self.zoom))


def poses(script: Script, times: Times) -> list[Pose]:
    """The pose of the head at each time: all moves of the script together."""
    total = {name: np.zeros(times.shape) for name in Pose.__dataclass_fields__}
    for number, move in enumerate(script.head):
        if move.kind == "sway":
            for name, values in _sway(move, times, [script.seed, 3, number]).items():
                total[name] = total[name] + values
        else:
            total[move.kind] = total[move.kind] + move.amount * move.course(times)
    return [Pose(**{name: float(values[n]) for name, values in total.items()}) for n in range(times.size)]


def _sway(move: HeadMove, times: Times, seed: list[int]) -> dict[str, Times]:
    """Slow wandering: four sinusoids of 0.08 to 0.5 Hz for each way to move, the slow ones larger."""
    rng = np.random.default_rng(seed)
    fade = min(1.0, (move.end_s - move.start_s) / 4)
    fader = HeadMove("yaw", move.start_s, move.start_s + fade, 1, False).course(times)
    fader = fader - HeadMove("yaw", move.end_s - fade, move.end_s, 1, False).course(times)
    reach = {"shift_x": 1.0, "shift_y": 0.7, "roll": 15.0, "yaw": 25.0, "pitch": 20.0}
    weights = np.array([0.45, 0.3, 0.17, 0.08])
    course = {}
    for name, amount in reach.items():
        hertz = rng.uniform([0.08, 0.14, 0.24, 0.36], [0.14, 0.24, 0.36, 0.5])
        phase = rng.uniform(0, 2 * np.pi, 4)
        wander = np.sin(2 * np.pi * hertz * times[:, None] + phase) @ weights
        course[name] = move.amount * amount * fader * wander
    return course


@dataclass(frozen=True, slots=True, eq=False)
class _Solid:
    """Per cell: x, y about the head's centre and depth before its axis (unit: IOD), and how far it is the head."""

    x: Plane
    y: Plane
    z: Plane
    mask: Plane


@lru_cache(maxsize=8)
def _solid(subject: int) -> _Solid:
    shape = shape_of(subject)
    place = shape.to_face(np.stack(cells(GRID), axis=-1).astype(np.float64))
    marks = shape.to_face(shape.landmarks)
    x, y = place[..., 0] - CENTRE[0], place[..., 1] - CENTRE[1]
    radius, skull = (np.hypot(x / wide, y / np.where(y < 0, up, down)) for wide, up, down in (RADII, SKULL))
    inside = np.logaddexp(0, (1 - skull**2) / 0.1) * 0.1
    blunt = 0.18
    z = DEPTH * (np.sqrt(inside + blunt) - np.sqrt(blunt)) / (np.sqrt(1 + blunt) - np.sqrt(blunt))
    for mark, height, (wide, up, down) in ((30, NOSE, (0.34, 0.85, 0.3)), (8, CHIN, (0.7, 0.9, 0.5))):
        across = (place[..., 0] - marks[mark, 0]) / wide
        along = place[..., 1] - marks[mark, 1] + (0.12 if mark == 8 else 0)
        along = along / np.where(along < 0, up, down)
        z += height * (0.5 + 0.5 * np.cos(np.pi * np.minimum(np.hypot(across, along), 1)))
    mask = 0.5 + 0.5 * np.cos(np.pi * np.clip((radius - 1.02) / 0.7, 0, 1))
    return _Solid(*(np.asarray(plane, dtype=np.float32) for plane in (x, y, z, mask)))


def head_field(pose: Pose, subject: int) -> Plane:
    """(2, 180, 180) float32: where each cell of the resting picture goes when the head takes a pose, picture sides.

    Points of the head turn about its centre (pitch after yaw, then roll) and are projected without perspective, then
    grow and shift; around the head the movement fades to nothing, so that the background stays and nothing tears.
    """
    shape, solid = shape_of(subject), _solid(subject)
    yaw, pitch, roll = (np.float32(np.deg2rad(angle)) for angle in (pose.yaw, pose.pitch, pose.roll))
    x = solid.x * np.cos(yaw) + solid.z * np.sin(yaw)
    z = solid.z * np.cos(yaw) - solid.x * np.sin(yaw)
    y = solid.y * np.cos(pitch) + z * np.sin(pitch)
    grow = np.float32(1 + pose.zoom)
    across = grow * (x * np.cos(roll) - y * np.sin(roll)) + np.float32(pose.shift_x)
    down = grow * (x * np.sin(roll) + y * np.cos(roll)) + np.float32(pose.shift_y)
    moved = np.stack([(across - solid.x) * solid.mask, (down - solid.y) * solid.mask], axis=-1)
    return np.ascontiguousarray((shape.from_face(moved.astype(np.float64)) * shape.iod).transpose(2, 0, 1), np.float32)

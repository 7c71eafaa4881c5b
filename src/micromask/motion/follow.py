"""Follow a face from frame to frame by its skin: hold it still to a hundredth of a pixel and measure what moves in it.

Between two looks of a detector the face is registered to a *key frame* of its own by dense flow: the part of the flow
that a rigid head makes moves the alignment, the rest is the skin's own. A detector's landmarks jitter by more than a
micro-expression moves; they only say where the face is when it is first seen and pull softly afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.faces.align import (
    ALIGNED_SIZE,
    EYE_DISTANCE,
    EYE_HEIGHT,
    apply,
    compose,
    face_transform,
    invert,
    scale_of,
    similarity,
    warp_face,
)
from micromask.faces.regions import ORBIT, SPOT_NAMES, spot_weights, steady_weights
from micromask.imaging.tone import normalise_light
from micromask.motion.head import HeadModel, face_depth, head_field
from micromask.motion.warm import WarmFlow

UNIT = EYE_DISTANCE * ALIGNED_SIZE
"""Distance between the eyes in the aligned face, px."""

KEY_SECONDS = 8.0
"""A key frame that still serves is changed after this long, as soon as the skin lies where it lay in it."""

OLDEST_KEY = 16.0
"""A key frame serves at most this long (s)."""

TURNING = 2.5
"""Parallax or shift (px of the aligned face) from which a key frame that lies at hand serves better."""

TURNED = 10.0
"""Parallax or shift (px of the aligned face) beyond which flow against the key frame is no longer exact."""

RELIT = 0.1
"""Change of the logarithm of the face's brightness from which a key frame under the new light serves better."""

CALM = 2.5
"""Travel from the key frame (% of the distance between the eyes) up to which a new one costs no exactness."""

UNLIKE = 0.55
"""A face less like its key frame than this is probably not where it is looked for."""

FARTHEST = 8.0
"""A search begins no farther than this (px of the aligned face) from rest, so that flow that went astray comes back."""

STEADY = 0.2
"""Skin this steady (see `faces.regions.steady_weights`) tells whether the face is still there."""

DRIFTED = 0.06
"""Distance (of the distance between the eyes) of the alignment from landmarks that is more than their own jitter."""

PULL = 0.5
"""Share by which landmarks draw an alignment that drifted back to themselves."""

_SPOTTED = np.array([name not in ORBIT for name in SPOT_NAMES])

_COLUMNS, _ROWS = (each.ravel() for each in np.meshgrid([32, 64, 96], [24, 48, 72, 96]))
_GRID = np.stack([_COLUMNS, _ROWS], axis=1).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one frame says of one followed face.

    ``to_aligned`` (2, 3) takes the picture's px to the aligned face; ``travel`` (P, 2) is each spot's displacement (see
    `faces.regions.SPOT_NAMES`) since the follower began, and ``head`` (6,) the head's place (x, y), roll, size, yaw and
    pitch since then, all in per cent of the distance between the eyes; ``light`` is the natural logarithm of
    the face's mean brightness; ``likeness`` (-1 to 1) is the correlation of the
    face with its key frame once the motion is undone: below `UNLIKE` it is probably not there any more.
    """

    to_aligned: FloatArray
    travel: FloatArray
    head: FloatArray
    light: float
    likeness: float


class Follower:
    """Follows one face through consecutive grey pictures (H, W) of one size.

    Parameters
    ----------
    image : (H, W) uint8
        The picture in which the face was found.
    landmarks : (68, 2) float
        Its landmarks in that picture's px.
    method : str
        Flow method by name; the default, DIS, costs about a fifth of a millisecond.
    """

    def __init__(self, image: Image, landmarks: FloatArray, *, method: str = "dis") -> None:
        self._flow = WarmFlow(method)
        self._warm: FloatArray | None = None
        self._depth = face_depth((ALIGNED_SIZE, ALIGNED_SIZE), eyes_y=EYE_HEIGHT * ALIGNED_SIZE)
        self._to_aligned = face_transform(landmarks, ALIGNED_SIZE)
        self._landmarks = apply(self._to_aligned, landmarks)
        self._start = self._place(self._to_aligned)
        self._tilt = np.zeros(2)
        self._light = float(np.log1p(warp_face(image, self._to_aligned)[::4, ::4].mean()))
        self._lay_out()
        self._travel = np.zeros((len(SPOT_NAMES), 2))
        self._set_key(image)

    @property
    def to_aligned(self) -> FloatArray:
        """The latest transform (2, 3) from the picture to the aligned face."""
        return self._to_aligned

    @property
    def landmarks(self) -> FloatArray:
        """The face's 68 landmarks (68, 2) in px of the latest picture: those of the looks, carried by the head."""
        return apply(invert(self._to_aligned), self._landmarks)

    def box(self) -> tuple[float, float, float, float]:
        """The box around the landmarks in px of the latest picture."""
        (x0, y0), (x1, y1) = self.landmarks.min(0), self.landmarks.max(0)
        return float(x0), float(y0), float(x1), float(y1)

    def step(self, image: Image) -> Step:
        """Follow the face into the next picture (H, W) uint8."""
        face = warp_face(image, self._to_aligned)
        self._light = float(np.log1p(face[::4, ::4].mean()))
        seen = normalise_light(face)
        flow = self._flow(self._key, seen, self._warm)
        likeness = self._likeness(seen, flow)
        if likeness < UNLIKE:
            # It moved farther than flow can see: find its key frame again, coarsely, and try once more.
            back = self._to_aligned
            self._to_aligned = self._found_again(image)
            seen = self._normal(image, self._to_aligned)
            flow = self._flow(self._key, seen)
            better = self._likeness(seen, flow)
            if better < likeness:
                self._to_aligned, seen = back, self._normal(image, back)
                flow = self._flow(self._key, seen)
            likeness = max(likeness, better)
        rest, shift = self._read(flow)
        # What the head did in the aligned face, as a similarity, moves the alignment.
        self._to_aligned = compose(invert(similarity(_GRID, _GRID + shift)), self._to_aligned)
        self._warm = np.clip(rest, -FARTHEST, FARTHEST) if likeness >= UNLIKE else None
        head = np.concatenate([self._head(), self._tilt])
        return Step(self._to_aligned, self._travel, head, self._light, likeness)

    def _read(self, flow: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Take travel, tilt and turn from a flow against the key frame; the skin's own flow and the head's at _GRID."""
        motion = self._model.fit(flow)
        field = head_field(motion, (ALIGNED_SIZE, ALIGNED_SIZE), self._depth)
        rest = flow - field
        moved = np.stack([self._spots @ rest[0].ravel(), self._spots @ rest[1].ravel()], axis=1)
        self._travel = self._key_travel + 100 / UNIT * moved
        self._tilt = self._key_tilt + 100 / UNIT * motion.parallax
        shift = field[:, _ROWS, _COLUMNS].T
        self._turned = float(max(np.abs(shift - shift.mean(0)).max(), np.abs(motion.parallax).max()))
        return rest, shift

    def look(self, image: Image, landmarks: FloatArray) -> bool:
        """Take a detector's landmarks (68, 2) of the latest picture into account.

        Where they agree with the alignment, to their own jitter, nothing changes. Else they draw it softly to
        themselves and a new key frame begins: True.
        """
        if self.drift(landmarks) < DRIFTED or not self.calm:
            return False
        self.rekey(image)
        found = face_transform(landmarks, ALIGNED_SIZE)
        corners = apply(invert(self._to_aligned), _GRID)
        target = (1 - PULL) * _GRID + PULL * apply(found, corners)
        self._to_aligned = compose(similarity(_GRID, target), self._to_aligned)
        self._landmarks = (1 - PULL) * self._landmarks + PULL * apply(self._to_aligned, landmarks)
        self._lay_out()
        self._set_key(image)
        return True

    def rekey(self, image: Image) -> None:
        """Begin a new key frame with the latest picture, keeping the alignment.

        Travel is measured once more from nothing: what a search that went on from frame to frame picked up on the way
        is not carried over into the next key.
        """
        if self.calm:
            self._read(self._flow(self._key, self._normal(image, self._to_aligned)))
        self._set_key(image)

    def drift(self, landmarks: FloatArray) -> float:
        """How far the alignment lies from landmarks (68, 2), as a share of the distance between the eyes."""
        found = apply(face_transform(landmarks, ALIGNED_SIZE), apply(invert(self._to_aligned), _GRID))
        return float(np.linalg.norm(found - _GRID, axis=1).mean() / UNIT)

    def wants_key(self, age: float) -> bool:
        """Whether the latest picture should become the key frame, the present one being ``age`` seconds old.

        Each change adds a little error, and large displacements do not add up exactly. So a key is kept while it
        serves, and changed while the skin lies where it lay in it; only a head that turned far, or a key that is very
        old, does not wait for that.
        """
        if self.calm:
            return self._turned > TURNING or abs(self._light - self._key_light) > RELIT or age > KEY_SECONDS
        return self._turned > TURNED or age > OLDEST_KEY

    @property
    def calm(self) -> bool:
        """Whether the skin lies where it lay in the key frame, to a few per cent of the distance between the eyes."""
        return float(np.abs(self._travel - self._key_travel)[_SPOTTED].max()) < CALM

    def _lay_out(self) -> None:
        self._spots = spot_weights(self._landmarks)
        steady = steady_weights(self._landmarks)
        self._model = HeadModel((ALIGNED_SIZE, ALIGNED_SIZE), steady, self._depth, step=4)
        self._inside = (steady > STEADY)[::2, ::2]

    def _set_key(self, image: Image) -> None:
        self._key = self._normal(image, self._to_aligned)
        inner = cv2.resize(self._key, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)[8:56, 8:56]
        self._thumbnail = np.ascontiguousarray(inner)
        self._key_travel, self._key_tilt, self._key_light = self._travel, self._tilt, self._light
        self._turned = 0.0
        self._warm = None

    @staticmethod
    def _normal(image: Image, to_aligned: FloatArray) -> Image:
        return normalise_light(warp_face(image, to_aligned))

    def _found_again(self, image: Image) -> FloatArray:
        """The alignment shifted to where the key frame's inner face fits best in a view of twice the width."""
        wide = compose(np.array([[0.5, 0, ALIGNED_SIZE / 4], [0, 0.5, ALIGNED_SIZE / 4]]), self._to_aligned)
        fit = cv2.matchTemplate(self._normal(image, wide), self._thumbnail, cv2.TM_CCOEFF_NORMED)
        y, x = np.unravel_index(int(fit.argmax()), fit.shape)
        # Where nothing moved the inner face (from 8) stands at a quarter of the view (32) + 8.
        shift = 2.0 * np.array([x, y]) - 2 * (ALIGNED_SIZE / 4 + 8)
        return compose(np.array([[1.0, 0, -shift[0]], [0, 1.0, -shift[1]]]), self._to_aligned)

    def _likeness(self, seen: Image, flow: FloatArray) -> float:
        """Correlation of key frame and picture inside the face, motion undone, at half size."""
        half = ALIGNED_SIZE // 2
        y, x = np.mgrid[0:ALIGNED_SIZE:2, 0:ALIGNED_SIZE:2].astype(np.float32)
        back = cv2.remap(seen, x + flow[0, ::2, ::2], y + flow[1, ::2, ::2], cv2.INTER_LINEAR)
        a = self._key[::2, ::2][self._inside].astype(np.float32)
        b = back.reshape(half, half)[self._inside].astype(np.float32)
        a, b = a - a.mean(), b - b.mean()
        norm = float(np.sqrt((a @ a) * (b @ b)))
        return float(a @ b) / norm if norm > 0 else 0.0

    def _place(self, to_aligned: FloatArray) -> FloatArray:
        """Centre (x, y) px, roll rad, distance between the eyes px."""
        back = invert(to_aligned)
        centre = apply(back, np.array([ALIGNED_SIZE / 2, ALIGNED_SIZE / 2]))
        return np.array([*centre, np.arctan2(back[1, 0], back[0, 0]), UNIT / scale_of(to_aligned)])

    def _head(self) -> FloatArray:
        now, then = self._place(self._to_aligned), self._start
        shift = (now[:2] - then[:2]) / then[3]
        return 100 * np.array([*shift, now[2] - then[2], np.log(now[3] / then[3])])

"""The face that a synthetic film shows: the portrait, where things are in it, and other people made from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Plane = NDArray[np.float32]

LANDMARKS: tuple[tuple[float, float], ...] = (
    *((179.5, 104.5), (180, 116), (181, 127), (182, 138.5), (185, 149.5), (191, 160), (200, 168), (209, 175.5)),
    *((220.5, 178.5), (232, 177), (242.5, 171.5), (252.5, 164), (260, 154.5), (265, 144), (268, 132.5)),
    *((270.5, 121), (272, 109)),
    *((186.5, 94.5), (192, 88.5), (200.5, 87.5), (209, 89), (216.5, 92.5)),
    *((236.5, 94), (244.5, 91), (252.5, 91), (260.5, 93), (265.5, 99.5)),
    *((226, 102.5), (225.5, 111), (225.5, 119), (225, 127.5)),
    *((214.5, 131.5), (219.5, 133), (224.5, 134.5), (229.5, 133.5), (234.5, 132)),
    *((195.5, 101.5), (200.5, 98), (207, 99), (212.5, 104), (206.5, 104.5), (200, 104)),
    *((238, 105.5), (243.5, 100.5), (250, 101), (255.5, 104.5), (250.5, 106.5), (244, 106.5)),
    *((200.5, 139), (209, 139.5), (218, 139.5), (223.5, 141), (229.5, 140), (237.5, 140.5), (246, 141)),
    *((237.5, 151), (229, 155), (222.5, 155.5), (216, 154.5), (207.5, 149.5)),
    *((203.5, 140.5), (217.5, 143), (223.5, 144.5), (229.5, 143.5)),
    *((243, 142), (229, 150), (223, 150.5), (217, 149.5)),
)
"""The 68 landmarks in pixels (x, y) of ``skimage.data.astronaut()``, in the usual order (0-16 jaw, 17-26 brows, 27-35
nose, 36-47 eyes, 48-67 mouth): dlib's 68-point predictor on the portrait enlarged twice (cubic), found by its frontal
detector, halved and checked by eye on an enlargement; good to about one pixel. Halved means that the centre of the
portrait's pixel n is n + 1/4 here."""

Lids = tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]

LIDS: tuple[Lids, Lids] = (
    (
        (
            *((190, 101), (192, 100.6), (194, 99.8), (197, 98.6), (200, 97.8), (204, 97.6), (208, 98.8)),
            *((211, 100.6), (213.5, 102.7), (215.5, 103.2)),
        ),
        (
            *((190, 101), (192, 101.4), (194, 102), (197, 103), (200, 104), (204, 104.4), (208, 104)),
            *((211, 103.4), (213.5, 102.9), (215.5, 103.2)),
        ),
    ),
    (
        (
            *((234, 105.2), (236, 104.6), (239, 102.4), (242, 100.8), (246, 100.2), (250, 100.6), (253, 101.6)),
            *((256, 103), (258.5, 104), (260.5, 104.3)),
        ),
        (
            *((234, 105.2), (236, 105.4), (239, 105.7), (242, 106.2), (246, 106.4), (250, 105.9), (253, 105.2)),
            *((256, 104.7), (258.5, 104.3), (260.5, 104.3)),
        ),
    ),
)
"""For the eye on the left and on the right of the portrait, points along the edge of the upper and of the lower lid,
read off an enlargement with a grid of two pixels; good to half a pixel."""

CROP = (124.0, 8.0, 204.0)
"""Left and top edge and side of the square of the portrait that a film shows (portrait pixels): the face, 92 pixels
wide from jaw to jaw, is 45 % of it."""

MARGIN = 0.25
"""How much of the crop's side is kept around it on each side, for moves that bring it in."""

_MIRRORED = np.array(
    [
        *(*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31),
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
        *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Where things are in one subject's face, in units of the side of the picture, (x right, y down).

    ``landmarks`` (68, 2); ``lids`` holds for each eye (left, then right in the picture) the edges of the upper and the
    lower lid, (n, 2) each; ``iod`` is the distance between the eyes' centres (each the mean of its six landmarks);
    ``warp`` is None for the plain portrait, else (2, 180, 180) float32: from where in the plain portrait each cell of
    the picture and its margin comes, as a displacement in the same unit.
    """

    landmarks: Points
    lids: tuple[tuple[Points, Points], ...]
    iod: float
    mirrored: bool
    warp: Plane | None

    @property
    def eyes(self) -> tuple[Points, Points]:
        """Centres of the left and right eye in the picture, (2,) each."""
        return self.landmarks[36:42].mean(0), self.landmarks[42:48].mean(0)

    def to_face(self, points: Points) -> Points:
        """(..., 2) picture units to the face's own frame: origin between the eyes, x along the eyes, unit the IOD."""
        left, right = self.eyes
        along = (right - left) / self.iod
        offset = (points - (left + right) / 2) / self.iod
        return np.stack([offset @ along, offset @ np.array([-along[1], along[0]])], axis=-1)

    def from_face(self, vectors: Points) -> Points:
        """(..., 2) directions in the face's frame to directions in the picture (unit still the IOD)."""
        left, right = self.eyes
        along = (right - left) / self.iod
        down = np.array([-along[1], along[0]])
        return np.asarray(vectors[..., :1] * along + vectors[..., 1:] * down)


def _to_picture(points: tuple[tuple[float, float], ...]) -> Points:
    """Portrait pixels to units of the picture's side (pixel n covers n to n + 1)."""
    return np.asarray((np.array(points, dtype=np.float64) + 0.5 - CROP[:2]) / CROP[2])


def cells(count: int) -> tuple[Plane, Plane]:
    """x and y (count, count) of the centres of the cells that cover the picture and its margin, picture units."""
    side = 1 + 2 * MARGIN
    centre = ((np.arange(count, dtype=np.float32) + 0.5) / count * side - MARGIN).astype(np.float32)
    x, y = np.meshgrid(centre, centre)
    return x, y


def at(field: Plane, points: Points) -> Points:
    """(n, 2) values of a (2, H, W) field over :func:`cells` at points (n, 2) in picture units, linear between cells."""
    count = field.shape[1]
    index = ((points + MARGIN) / (1 + 2 * MARGIN) * count - 0.5).astype(np.float32)
    x, y = index[:, 0].reshape(-1, 1), index[:, 1].reshape(-1, 1)
    planes = [cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for plane in field]
    return np.concatenate(planes, axis=1).astype(np.float64)


def inverse(field: Plane, rounds: int = 24) -> Plane:
    """The backward displacement of a forward one, both (2, H, W) in cells: what comes to y has left y - inverse(y)."""
    count = field.shape[1]
    y, x = np.mgrid[0:count, 0 : field.shape[2]].astype(np.float32)
    back = np.ascontiguousarray(field.transpose(1, 2, 0))
    forward = back
    for _ in range(rounds):
        found = cv2.remap(
            forward, x - back[..., 0], y - back[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        settled = float(np.abs(found - back).max()) < 1e-3
        back = found
        if settled:
            break
    return np.ascontiguousarray(back.transpose(2, 0, 1))


@lru_cache(maxsize=32)
def shape_of(subject: int) -> Shape:
    """Where things are in the face of a subject; 0 is the plain portrait, every other number somebody else.

    Another face is the portrait, mirrored or not, with a face longer or shorter, wider or narrower, and features
    moved by a smooth random field of about 4 % of the distance between the eyes.
    """
    landmarks = _to_picture(LANDMARKS) - 0.25 / CROP[2]
    lids = tuple((_to_picture(upper), _to_picture(lower)) for upper, lower in LIDS)
    if subject == 0:
        return Shape(landmarks, lids, _iod(landmarks), False, None)
    rng = np.random.default_rng([subject, 1])
    mirrored = bool(rng.random() < 0.5)
    if mirrored:
        landmarks = _flipped(landmarks)[_MIRRORED]
        lids = tuple((_flipped(upper)[::-1], _flipped(lower)[::-1]) for upper, lower in reversed(lids))
    count = round(120 * (1 + 2 * MARGIN))
    cell = (1 + 2 * MARGIN) / count
    iod = _iod(landmarks)
    x, y = cells(count)
    centre = landmarks[[36, 45, 33, 8]].mean(0)
    dx, dy = x - centre[0], y - centre[1]
    face = np.exp(-0.5 * ((dx / (1.6 * iod)) ** 2 + (dy / (1.8 * iod)) ** 2) ** 2)
    wide, tall = rng.uniform(-0.09, 0.09, 2)
    lumps = [cv2.GaussianBlur(rng.standard_normal((count, count)), (0, 0), 0.4 * iod / cell) for _ in range(2)]
    lumpy = [0.035 * iod * plane / plane.std() for plane in lumps]
    field: Plane = np.stack([(wide * dx + lumpy[0]) * face, (tall * dy + lumpy[1]) * face]).astype(np.float32)
    landmarks = landmarks + at(field, landmarks)
    lids = tuple((upper + at(field, upper), lower + at(field, lower)) for upper, lower in lids)
    back: Plane = -inverse((field / cell).astype(np.float32)) * np.float32(cell)
    return Shape(landmarks, lids, _iod(landmarks), mirrored, back)


def _iod(landmarks: Points) -> float:
    return float(np.linalg.norm(landmarks[42:48].mean(0) - landmarks[36:42].mean(0)))


def _flipped(points: Points) -> Points:
    return points * (-1, 1) + (1, 0)


@lru_cache(maxsize=4)
def picture_of(subject: int, size: int) -> Plane:
    """(S, S, 3) float32 RGB, 0 to 255: the subject at rest in a picture of ``size`` px and its margin, S = 1.5 size.

    Other subjects have another tone of skin and hair, another fall of light and their own fine texture of the skin.
    """
    from skimage.data import astronaut

    portrait = astronaut().astype(np.float32)
    full = size + 2 * round(MARGIN * size)
    left, top, side = CROP
    scale = side / size
    to_portrait = np.array([[scale, 0, 0], [0, scale, 0]])
    to_portrait[:, 2] = scale * (0.5 - round(MARGIN * size)) - 0.5 + np.array([left, top])
    shape = shape_of(subject)
    picture: Plane = cv2.warpAffine(
        portrait,
        to_portrait,
        (full, full),
        flags=cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    if shape.mirrored:
        picture = np.ascontiguousarray(picture[:, ::-1])
    if shape.warp is not None:
        moved = cv2.resize(np.ascontiguousarray(shape.warp.transpose(1, 2, 0)), (full, full)) * np.float32(size)
        y, x = np.mgrid[0:full, 0:full].astype(np.float32)
        picture = cv2.remap(picture, x + moved[..., 0], y + moved[..., 1], cv2.INTER_CUBIC, None, cv2.BORDER_REFLECT)
        picture = _other_skin(picture, shape, subject, size)
    return np.clip(picture, 0, 255)


def _other_skin(picture: Plane, shape: Shape, subject: int, size: int) -> Plane:
    """The picture with the subject's own tone, light and texture of the skin."""
    rng = np.random.default_rng([subject, 2])
    full = picture.shape[0]
    unit = shape.iod * size
    x, y = cells(full)
    place = shape.to_face(np.stack([x, y], axis=-1).astype(np.float64)).astype(np.float32)
    face = np.clip(2.2 - 2 * np.hypot(place[..., 0] / 1.35, (place[..., 1] - 0.75) / 2.0), 0, 1)
    head = np.clip(2.6 - 2 * np.hypot(place[..., 0] / 1.8, (place[..., 1] + 0.1) / 1.9), 0, 1)
    red, green, blue = (cv2.GaussianBlur(picture[..., c], (0, 0), 0.02 * unit) for c in range(3))
    warmth = np.clip((red - blue) / (red + 20) * 5 - 0.4, 0, 1)
    pink = np.clip((green / (red + 1) - 0.55) * 8, 0, 1) * np.clip((red - 70) / 60, 0, 1)
    skin, hair = (
        cv2.GaussianBlur(part.astype(np.float32), (0, 0), 0.02 * unit)[..., None]
        for part in (face * warmth * pink, head * warmth * (1 - face * pink))
    )
    tone = 1 - np.float32(rng.uniform(0, 1)) * np.array([0.38, 0.5, 0.58], np.float32)
    tone *= rng.uniform(0.96, 1.04, 3).astype(np.float32)
    dye = np.float32(rng.uniform(0.3, 1.1)) * np.array([1, rng.uniform(0.85, 1.05), rng.uniform(0.7, 1.2)], np.float32)
    whole = (rng.uniform(0.85, 1.1) * rng.uniform(0.96, 1.04, 3)).astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * place[..., 0] + np.sin(angle) * (place[..., 1] - 0.4)
    light = (1 + rng.uniform(0.05, 0.2) * np.tanh(slope)).astype(np.float32)
    spots = np.zeros((full, full), np.float32)
    for sigma, weight in ((0.008, 1.0), (0.02, 0.7)):
        grain = cv2.GaussianBlur(rng.standard_normal((full, full)).astype(np.float32), (0, 0), max(0.5, sigma * unit))
        spots += weight * grain / grain.std()
    texture = np.float32(rng.uniform(0.015, 0.035)) * spots[..., None] * np.array([0.8, 1, 1], np.float32)
    gain = (1 + skin * (tone - 1)) * (1 + skin * texture) * (1 + hair * (dye - 1))
    return np.asarray(picture * gain * whole * light[..., None], dtype=np.float32)

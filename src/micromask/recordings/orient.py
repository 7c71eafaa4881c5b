"""Which way up: the eight ways in which a camera can store a picture, as a transpose and two flips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from micromask.core.types import Image


@dataclass(frozen=True, slots=True)
class Turn:
    """From the stored to the upright picture: transpose first, then flip left-right and top-bottom."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False


UPRIGHT = Turn()

_EXIF = {
    1: UPRIGHT,
    2: Turn(flip_x=True),
    3: Turn(flip_x=True, flip_y=True),
    4: Turn(flip_y=True),
    5: Turn(transpose=True),
    6: Turn(transpose=True, flip_x=True),
    7: Turn(transpose=True, flip_x=True, flip_y=True),
    8: Turn(transpose=True, flip_y=True),
}


def turn_of_exif(orientation: int) -> Turn:
    """The turn that EXIF tag 274 asks for; an unknown value means upright.

    >>> turn_of_exif(6)
    Turn(transpose=True, flip_x=True, flip_y=False)
    """
    return _EXIF.get(orientation, UPRIGHT)


def turn_of_matrix(matrix: Sequence[int]) -> Turn:
    """The turn that a film's display matrix asks for, to the nearest quarter.

    Parameters
    ----------
    matrix : nine numbers (a, b, u, c, d, v, x, y, w)
        A stored point (p, q) is shown at (a p + c q, b p + d q); the rest shifts and is not needed here.

    Source
    ------
    ISO/IEC 14496-12, track header box.

    Examples
    --------
    A phone held upright stores the picture on its side; a quarter turn clockwise puts it right:

    >>> turn_of_matrix([0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30])
    Turn(transpose=True, flip_x=True, flip_y=False)
    """
    a, b, _, c, d = (int(value) for value in list(matrix)[:5])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Turn(False, a < 0, d < 0)
    return Turn(True, c < 0, b < 0)


def turned_size(size: tuple[int, int], turn: Turn) -> tuple[int, int]:
    """(H, W) of the upright picture."""
    return (size[1], size[0]) if turn.transpose else size


def upright(image: Image, turn: Turn) -> Image:
    """The upright picture of a stored one, (H, W) or (H, W, 3); the same array where nothing is to be done."""
    if turn.transpose:
        image = cv2.transpose(image)
    if turn.flip_x or turn.flip_y:
        image = cv2.flip(image, -1 if turn.flip_x and turn.flip_y else 1 if turn.flip_x else 0)
    return image

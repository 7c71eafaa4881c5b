"""What the live view asks of the finder besides: smaller faces, and a memory with an end."""

from __future__ import annotations

import numpy as np

from micromask.core.types import Detection, Frame, Image
from micromask.faces.align import FRONTAL_FACE
from micromask.faces.detect.landmarks import span
from micromask.faces.track import FaceFinder

SIZE = (300, 400)


class Stage:
    """A detector that finds one face of a given texture, and notes how small a face was asked for."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.points = FRONTAL_FACE * 30 + [200, 120]

    def __call__(self, image: Image, smallest: float = 40) -> list[Detection]:
        self.asked.append(smallest)
        return [Detection(span(self.points), 0.9, self.points)]


def frame(seed: int) -> Frame:
    """Somebody new: a picture full of a texture of its own."""
    texture = np.random.default_rng(seed).integers(0, 255, (SIZE[0] // 10, SIZE[1] // 10), dtype=np.uint8)
    return Frame(10 * seed, 10.0 * seed, texture.repeat(10, 0).repeat(10, 1))


def test_a_face_of_16_px_is_looked_for_where_that_is_asked() -> None:
    for smallest, expected in ((16.0, 16.0), (40.0, 40.0)):
        stage = Stage()
        FaceFinder(stage, lambda image, box: np.zeros((68, 2)), smallest=smallest).look(frame(0), {})
        assert stage.asked == [expected]


def test_of_film_that_was_scaled_down_no_smaller_face_is_looked_for_than_before() -> None:
    stage = Stage()
    small = Frame(0, 0.0, frame(0).image, scale=0.25)
    FaceFinder(stage, lambda image, box: np.zeros((68, 2)), smallest=40).look(small, {})
    assert stage.asked == [24.0]


def test_people_are_forgotten_in_the_order_in_which_they_left_and_no_number_is_given_twice() -> None:
    find = FaceFinder(Stage(), lambda image, box: np.zeros((68, 2)), most_faces=2, most_people=2)
    assert [find.look(frame(seed), {})[0].face_id for seed in range(4)] == [0, 1, 2, 3]
    assert find.look(Frame(90, 90.0, frame(3).image), {})[0].face_id == 3
    assert find.look(Frame(95, 95.0, frame(0).image), {})[0].face_id == 4

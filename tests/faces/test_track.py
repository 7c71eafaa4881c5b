"""The finder with detectors that are played by the test: faces are drawn nowhere, only said to be there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from micromask.core.types import Detection, Frame, Image
from micromask.faces.align import FRONTAL_FACE
from micromask.faces.detect.landmarks import span
from micromask.faces.track import FaceFinder, overlap

SIZE = (400, 600)


def portrait(seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 255, (40, 40), dtype=np.uint8).repeat(4, 0).repeat(4, 1)


def points(x: float, y: float, unit: float = 30) -> np.ndarray:
    return FRONTAL_FACE * unit + [x, y]


def picture(*people: tuple[int, float, float]) -> Image:
    """A grey picture with each person's texture (seed) where the face (x, y) is."""
    image = np.full(SIZE, 128, dtype=np.uint8)
    for seed, x, y in people:
        x0, y0 = int(x) - 80, int(y) - 60
        ys, xs = slice(max(y0, 0), y0 + 160), slice(max(x0, 0), x0 + 160)
        image[ys, xs] = portrait(seed)[: image[ys, xs].shape[0], : image[ys, xs].shape[1]]
    return image


class Stage:
    """A detector that finds the faces of the present scene wherever it is pointed, in whole pictures and in windows."""

    def __init__(self) -> None:
        self.people: list[tuple[int, float, float]] = []
        self.calls = 0

    def frame(self, index: int, time: float) -> Frame:
        return Frame(index, time, picture(*self.people))

    def __call__(self, image: Image, smallest: float = 40) -> list[Detection]:
        self.calls += 1
        if image.shape != SIZE:
            return []
        return [Detection(span(points(x, y)), 0.9, points(x, y)) for _, x, y in self.people]


def finder(stage: Callable[..., list[Detection]]) -> FaceFinder:
    return FaceFinder(stage, lambda image, box: np.zeros((68, 2)), full_every_s=0.5)


def test_two_people_have_two_ids_that_they_keep_when_they_cross_over_slowly() -> None:
    stage = Stage()
    stage.people = [(1, 150, 150), (2, 450, 150)]
    find = finder(stage)
    first = {look.face_id: look.box for look in find.look(stage.frame(0, 0.0), {})}
    assert sorted(first) == [0, 1]
    again = find.look(stage.frame(30, 1.0), first)
    assert {look.face_id for look in again} <= {0, 1}


def test_a_person_who_comes_back_elsewhere_gets_the_old_id_and_a_stranger_a_new_one() -> None:
    stage = Stage()
    stage.people = [(1, 150, 150), (2, 450, 150)]
    find = finder(stage)
    ids = {round(look.box[0]): look.face_id for look in find.look(stage.frame(0, 0.0), {})}
    of_two = ids[max(ids)]
    stage.people = []
    assert find.look(stage.frame(30, 1.0), {}) == []
    stage.people = [(2, 250, 200), (7, 480, 180)]
    looks = sorted(find.look(stage.frame(300, 10.0), {}), key=lambda look: look.box[0])
    assert [looks[0].face_id, looks[1].face_id] == [of_two, 2]


def test_the_whole_picture_is_searched_only_when_it_is_due() -> None:
    stage = Stage()
    stage.people = [(1, 300, 150)]
    find = finder(stage)
    box = find.look(stage.frame(0, 0.0), {})[0].box
    stage.calls = 0
    find.look(stage.frame(3, 0.1), {0: box})
    assert stage.calls == 1, "one look near the known face, none at the whole picture"
    assert not find.full_look_due(0.4)
    assert find.full_look_due(0.6)


def test_an_overlap_is_zero_apart_and_one_on_itself() -> None:
    assert overlap((0, 0, 10, 10), (20, 0, 30, 10)) == 0
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1

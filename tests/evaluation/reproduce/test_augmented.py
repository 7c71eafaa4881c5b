"""Copies made before the split: whose they are, what they look like, and that the audit finds them."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.results import Sample
from micromask.core.types import SubjectId
from micromask.evaluation.material import Material
from micromask.evaluation.reproduce.augmented import with_copies
from micromask.models.inputs import Input

GREY, COLOUR = Input("frame", 1, 8, 8), Input("frame", 3, 8, 8)


def material(*shape: int) -> Material:
    rng = np.random.default_rng(0)
    samples = tuple(Sample(f"c#{n}", "c", SubjectId("toy", "ann"), "f", "xy"[n % 2], frame=n) for n in range(4))
    return Material(samples, rng.integers(0, 256, (4, *shape)).astype(np.uint8), ("x", "y"), "own")


@pytest.mark.parametrize(("shape", "given"), [((8, 8), GREY), ((8, 8, 3), COLOUR)], ids=["grey", "colour"])
def test_a_mirrored_copy_is_the_picture_mirrored_beside_its_original(shape, given):
    plain = material(*shape)
    both = with_copies(plain, ["flip"], given)
    np.testing.assert_array_equal(both.pictures[:4], plain.pictures)
    np.testing.assert_array_equal(both.pictures[4:], plain.pictures[:, :, ::-1])
    assert [each.id for each in both.samples[4:]] == ["c#0~flip", "c#1~flip", "c#2~flip", "c#3~flip"]


def test_a_copy_has_the_clip_person_and_class_of_its_original():
    both = with_copies(material(8, 8), ["rotation", "rescale"], GREY)
    for place, copy in enumerate(both.samples[4:]):
        first = both.samples[place % 4]
        assert (copy.clip, copy.subject, copy.label, copy.frame) == (
            first.clip,
            first.subject,
            first.label,
            first.frame,
        )
    assert both.pictures.shape == (12, 8, 8)
    assert len({each.id for each in both.samples}) == 12


def test_the_same_seed_gives_the_same_copies():
    one, again, other = (with_copies(material(8, 8), ["rotation"], GREY, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.pictures, again.pictures)
    assert (one.pictures != other.pictures).any()


def test_a_change_that_is_not_known_is_refused():
    with pytest.raises(BadInputError, match="no augmentation 'flop'; did you mean 'flip'"):
        with_copies(material(8, 8), ["flop"], GREY)

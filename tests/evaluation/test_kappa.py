"""Against figures of the literature, scikit-learn, and the same bootstrap done one draw at a time."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from micromask.evaluation.kappa import MISSING, cohen, fleiss, krippendorff_alpha
from micromask.evaluation.statistics import subject_bootstrap

FLEISS_1971 = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""14 raters, 10 subjects, 5 categories: kappa is 0.210 (the worked example of many textbooks)."""

N = MISSING + 1  # so that MISSING stays -1 after the classes 1 to 5 are counted from 0
KRIPPENDORFF_2011 = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
) - 1  # fmt: skip
"""Four observers, twelve units, some missing: nominal alpha is 0.743."""

FIVE = ["a", "b", "c", "d", "e"]


def people(frames: int, count: int = 3) -> list[str]:
    return [f"P{index % count}" for index in range(frames)]


def random_values(coders: int, frames: int, classes: int, missing: float = 0.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=frames)
    values = np.where(rng.random((coders, frames)) < 0.5, truth, rng.integers(classes, size=(coders, frames)))
    return np.where(rng.random((coders, frames)) < missing, MISSING, values)


def test_cohens_kappa_of_a_table_worked_by_hand():
    """20 and 15 in common, 5 and 10 apart: 0.7 raw, 0.5 by chance, kappa 0.4."""
    first = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    second = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])
    told = cohen(np.stack([first, second]), people(50), ["yes", "no"])
    assert told.value == pytest.approx(0.4, abs=1e-12)
    assert (told.raw, told.frames, told.people) == (0.7, 50, 3)


def test_cohens_kappa_is_scikit_learns_over_the_frames_that_both_labelled():
    values = random_values(2, 200, 4, missing=0.3)
    both = (values != MISSING).all(0)
    told = cohen(values, people(200), FIVE[:4])
    assert told.value == pytest.approx(cohen_kappa_score(values[0, both], values[1, both]), abs=1e-12)
    assert told.frames == both.sum() < 150


def test_fleiss_kappa_of_the_textbooks_example():
    values = np.array([np.repeat(range(5), counts) for counts in FLEISS_1971]).T
    told = fleiss(values, people(10), FIVE)
    assert told.value == pytest.approx(0.210, abs=5e-4)
    assert told.raw == pytest.approx(0.378, abs=5e-4)


def test_fleiss_kappa_leaves_out_frames_that_somebody_did_not_label():
    values = np.array([np.repeat(range(5), counts) for counts in FLEISS_1971]).T
    more = np.concatenate([values, values[:, :3]], axis=1)
    more[0, 10:] = MISSING
    assert fleiss(more, people(13), FIVE).value == fleiss(values, people(10), FIVE).value


def test_krippendorffs_alpha_of_his_own_example_with_missing_labels():
    told = krippendorff_alpha(KRIPPENDORFF_2011, people(12), FIVE)
    assert told.value == pytest.approx(0.743, abs=5e-4)
    assert told.frames == 11


@pytest.mark.parametrize("measure", [cohen, fleiss, krippendorff_alpha])
def test_the_interval_is_that_of_drawing_people_one_draw_at_a_time(measure):
    values = random_values(2, 60, 3, missing=0.1)
    whose = people(60, count=6)

    def value(frames: np.ndarray) -> float:
        told = measure(values[:, frames], [whose[index] for index in frames], FIVE[:3])
        return np.nan if told.value is None else told.value

    slow = subject_bootstrap(value, whose, draws=60)
    told = measure(values, whose, FIVE[:3])
    assert told.value == pytest.approx(slow.value)
    low, high = told.interval
    assert low < told.value < high
    assert (low, high) == pytest.approx((slow.low, slow.high), abs=0.06)


@pytest.mark.parametrize("measure", [cohen, fleiss, krippendorff_alpha])
def test_what_cannot_be_measured_is_said_in_words(measure):
    nothing = np.array([[0, MISSING], [MISSING, 1]])
    told = measure(nothing, people(2), FIVE[:2])
    assert (told.value, told.interval, told.raw, told.frames) == (None, None, None, 0)
    assert told.why.startswith("no frame was labelled by")
    same = measure(np.zeros((2, 5), int), people(5), ["sad", "anger"])
    assert (same.value, same.interval, same.raw) == (None, None, 1.0)
    assert same.why == "every label is 'sad', so that agreement by chance is certain"
    alone = measure(random_values(2, 30, 3), people(30, count=1), FIVE[:3])
    assert alone.interval is None
    assert alone.value is not None
    assert alone.why == "the frames are of one participant: there is no interval over participants"


def test_two_coders_who_always_differ_agree_worse_than_by_chance():
    values = np.array([[0, 1, 0, 1], [1, 0, 1, 0]])
    for measure in (cohen, fleiss):
        assert measure(values, people(4), FIVE[:2]).value == -1.0
    assert krippendorff_alpha(values, people(4), FIVE[:2]).value == pytest.approx(1 - 1 / (4 / 7))

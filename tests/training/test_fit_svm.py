import sys

import numpy as np
import pytest

from micromask.core.errors import MissingPartError
from micromask.models.flow_histogram import HistogramLayout, class_scores, flow_histograms, mirror_maps, pair_decisions
from micromask.training.fit_svm import SvmRecipe, fit_svm


def planted(n: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise in which class k has a patch that moves at 40 + 100 k degrees."""
    rng = np.random.default_rng(seed)
    maps = rng.integers(95, 106, (n, 28, 28, 3), np.uint8)
    labels = np.arange(n) % classes
    for picture, label in zip(maps, labels, strict=True):
        angle = np.deg2rad(40 + 100 * label)
        picture[8:20, 10:18, :2] = 100 + 60 * np.array([np.cos(angle), np.sin(angle)])
    return maps, labels


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("layout", [HistogramLayout(), HistogramLayout(soft=True)])
def test_a_planted_direction_is_learnt_and_found_again(classes, layout):
    pytest.importorskip("sklearn")
    maps, labels = planted(30, classes, 0)
    machine = fit_svm(maps, labels, SvmRecipe(layout, mirrored=False))
    fresh, truth = planted(15, classes, 1)
    scores = class_scores(pair_decisions(machine, flow_histograms(fresh, layout)), classes)
    assert (scores.argmax(axis=1) == truth).all()


def test_mirrored_copies_make_a_map_and_its_mirror_image_equal():
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(0)
    maps, labels = rng.integers(0, 256, (30, 28, 28, 3), np.uint8), np.arange(30) % 3
    machine = fit_svm(maps, labels, SvmRecipe(HistogramLayout(soft=True)))
    fresh = rng.integers(0, 256, (10, 28, 28, 3), np.uint8)
    one, other = (
        pair_decisions(machine, flow_histograms(m, HistogramLayout(soft=True))) for m in (fresh, mirror_maps(fresh))
    )
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_fitting_twice_gives_the_same_arrays():
    pytest.importorskip("sklearn")
    maps, labels = planted(30, 3, 0)
    one, same = fit_svm(maps, labels, SvmRecipe()), fit_svm(maps, labels, SvmRecipe())
    np.testing.assert_array_equal(one.dual, same.dual)
    np.testing.assert_array_equal(one.support, same.support)
    assert one.gamma == same.gamma


def test_labels_that_leave_a_class_out_are_refused():
    pytest.importorskip("sklearn")
    maps, labels = planted(6, 3, 0)
    with pytest.raises(ValueError, match=r"each at least once, K >= 2, got \[0, 2\]"):
        fit_svm(maps[labels != 1], labels[labels != 1], SvmRecipe())
    with pytest.raises(ValueError, match=r"labels must be \(6,\)"):
        fit_svm(maps, labels[:4], SvmRecipe())


def test_without_scikit_learn_a_person_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(MissingPartError, match=r"micromask\[train\]"):
        fit_svm(*planted(6, 3, 0), SvmRecipe())

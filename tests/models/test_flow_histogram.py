import numpy as np
import pytest

from micromask.models.flow_histogram import (
    HistogramLayout,
    SupportVectorMachine,
    class_scores,
    flow_histograms,
    mirror_maps,
    pair_decisions,
)

SOFT = HistogramLayout(soft=True)


def one_patch(u: int, v: int, strain: int = 0) -> np.ndarray:
    """A map at rest (100, 100, 0) but for the cell in row 2, column 4, which moves by (u, v)."""
    picture = np.zeros((1, 28, 28, 3), np.uint8)
    picture[..., :2] = 100
    picture[0, 8:12, 16:20] = 100 + u, 100 + v, strain
    return picture


@pytest.mark.parametrize(
    ("u", "v", "orientation"),
    [(50, 20, 0), (20, 50, 1), (-20, 50, 2), (-50, 20, 3), (-50, -20, 4), (-20, -50, 5), (20, -50, 6), (50, -20, 7)],
)
def test_a_moving_patch_counts_in_its_cell_and_orientation_only(u, v, orientation):
    found = flow_histograms(one_patch(u, v))[0].reshape(2, 7, 7, 8)
    assert np.argwhere(found[0]).tolist() == [[2, 4, orientation]]


def test_v_and_strain_are_the_second_histogram():
    found = flow_histograms(one_patch(0, 40, strain=90))[0].reshape(2, 7, 7, 8)
    assert np.argwhere(found[1]).tolist() == [[2, 4, 1]]  # 66 degrees


def test_a_patch_counts_with_the_root_of_its_magnitude():
    # 16 pixels of magnitude 40 in (u, v) and 50 in (v, strain)
    found = flow_histograms(one_patch(0, 40, strain=30))[0].reshape(2, 7, 7, 8)
    assert found[0].sum() / found[1].sum() == pytest.approx(np.sqrt(40 / 50))


def test_soft_bins_share_a_pixel_between_the_two_nearest_orientations():
    middle = flow_histograms(one_patch(60, 0), SOFT)[0].reshape(2, 7, 7, 8)[0]
    orientations = (middle**2).sum(axis=(0, 1))
    assert orientations[0] == pytest.approx(orientations[7])  # 0 degrees is half-way between bins 7 and 0
    assert orientations[1:7].sum() == 0


def test_soft_cells_keep_the_weight_of_the_whole_inside_the_map():
    rng = np.random.default_rng(1)
    hard, soft = (
        flow_histograms(maps, layout).astype(float)
        for maps, layout in [(one_patch(30, 60), HistogramLayout()), (one_patch(30, 60), SOFT)]
    )
    assert (hard**2).sum() == pytest.approx(1)
    assert (soft**2).sum() == pytest.approx(1)
    maps = rng.integers(0, 256, (4, 28, 28, 3), np.uint8)
    np.testing.assert_allclose(np.linalg.norm(flow_histograms(maps, SOFT), axis=1), 1, rtol=1e-6)


def test_a_shift_of_one_pixel_changes_soft_histograms_less_than_hard_ones():
    y, x = np.mgrid[0:28, 0:28]
    bump = np.exp(-((x - 11.5) ** 2 + (y - 16) ** 2) / 18)
    maps = np.stack([np.stack([120 * bump + 60, 200 - 90 * bump, 200 * bump], axis=-1)]).astype(np.uint8)
    moved = np.roll(maps, 1, axis=2)

    def change(layout):
        return np.linalg.norm(flow_histograms(maps, layout) - flow_histograms(moved, layout))

    assert change(SOFT) < 0.95 * change(HistogramLayout())


@pytest.mark.parametrize("layout", [HistogramLayout(), SOFT])
def test_a_drift_of_the_head_changes_nothing(layout):
    maps = np.random.default_rng(0).integers(50, 150, (3, 28, 28, 3), np.uint8)
    drifted = maps + np.array([60, 20, 0], np.uint8)
    np.testing.assert_array_equal(flow_histograms(maps, layout), flow_histograms(drifted, layout))


def test_a_map_without_motion_is_zeros_and_no_maps_are_no_rows():
    assert not flow_histograms(np.full((2, 28, 28, 3), 77, np.uint8)).any()
    assert flow_histograms(np.zeros((0, 28, 28, 3), np.uint8)).shape == (0, 784)


def test_a_mirrored_patch_moves_the_other_way_on_the_other_side():
    found = flow_histograms(mirror_maps(one_patch(50, 20)))[0].reshape(2, 7, 7, 8)
    assert np.argwhere(found[0]).tolist() == [[2, 2, 3]]
    maps = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 3), np.uint8)
    np.testing.assert_array_equal(mirror_maps(mirror_maps(maps)), maps)


@pytest.mark.parametrize(
    "maps", [np.zeros((28, 28, 3), np.uint8), np.zeros((1, 28, 28, 3)), np.zeros((1, 3, 28, 28), np.uint8)]
)
def test_other_shapes_and_types_are_refused(maps):
    with pytest.raises(ValueError, match=r"maps must be \(N, 28, 28, 3\) uint8, got"):
        flow_histograms(maps)


def test_a_layout_that_does_not_divide_the_map_is_refused():
    with pytest.raises(ValueError, match="cells must divide 28"):
        HistogramLayout(cells=5)


def test_two_support_vectors_decide_as_worked_out_by_hand():
    machine = SupportVectorMachine(
        np.array([[0.0], [2.0]]), np.array([1, 1]), np.array([[3.0, -3.0]]), np.array([0.25]), gamma=0.5
    )
    # at x = 1: 3 exp(-0.5) - 3 exp(-0.5) + 0.25; at x = 0: 3 - 3 exp(-2) + 0.25
    expected = [[0.25], [3 - 3 * np.exp(-2) + 0.25]]
    np.testing.assert_allclose(pair_decisions(machine, np.array([[1.0], [0.0]])), expected)


@pytest.mark.parametrize("classes", [3, 4])
def test_decisions_are_those_of_scikit_learn(classes):
    svm = pytest.importorskip("sklearn.svm")
    rng = np.random.default_rng(classes)
    labels = rng.integers(classes, size=90)
    x = rng.normal(size=(90, 12)) + labels[:, None] * 0.4
    fitted = svm.SVC(C=3, gamma=0.07, class_weight="balanced", decision_function_shape="ovo").fit(x, labels)
    machine = SupportVectorMachine(
        fitted.support_vectors_, fitted.n_support_, fitted.dual_coef_, fitted.intercept_, gamma=0.07
    )
    fresh = rng.normal(size=(40, 12))
    np.testing.assert_allclose(pair_decisions(machine, fresh), fitted.decision_function(fresh), atol=1e-10)


def test_scores_add_what_the_pairs_say():
    # pairs 0-1, 0-2, 1-2
    assert class_scores(np.array([[1.0, -2.0, 4.0]]), 3).tolist() == [[-1.0, 3.0, -2.0]]
    with pytest.raises(ValueError, match="3 classes have 3 pairs"):
        class_scores(np.zeros((1, 2)), 3)


def test_arrays_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match=r"support must be \(3, F\)"):
        SupportVectorMachine(np.zeros((2, 4)), np.array([1, 2]), np.zeros((1, 3)), np.zeros(1), 1.0)
    with pytest.raises(ValueError, match=r"need dual \(1, 3\)"):
        SupportVectorMachine(np.zeros((3, 4)), np.array([1, 2]), np.zeros((2, 3)), np.zeros(1), 1.0)
    machine = SupportVectorMachine(np.zeros((3, 4)), np.array([1, 2]), np.zeros((1, 3)), np.zeros(1), 1.0)
    with pytest.raises(ValueError, match=r"features must be \(N, 4\)"):
        pair_decisions(machine, np.zeros((1, 5)))

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test

from micromask.evaluation.comparisons import McNemar, SubjectPermutation, holm, mcnemar, permute_subjects
from micromask.evaluation.metrics import accuracy_each, uf1_each


def _people(right: list[int], clips: int = 10) -> np.ndarray:
    """Counts of people who all show class 0, some of it read rightly."""
    return np.array([[[n, clips - n], [0, 0]] for n in right])


def test_mcnemar_is_the_sign_test_of_the_clips_on_which_the_models_differ():
    first = np.array([True] * 20 + [True] * 9 + [False] * 2 + [False] * 5)
    second = np.array([True] * 20 + [False] * 9 + [True] * 2 + [False] * 5)
    # 2 (C(11,0) + C(11,1) + C(11,2)) / 2^11
    assert mcnemar(first, second) == McNemar(9, 2, pytest.approx(2 * (1 + 11 + 55) / 2048))
    assert mcnemar(second, first).p == pytest.approx(binomtest(2, 11, 0.5).pvalue)


def test_models_that_differ_nowhere_or_evenly_are_not_told_apart():
    right = np.array([True, False, True])
    assert mcnemar(right, right) == McNemar(0, 0, 1.0)
    assert mcnemar(right, ~right).p == 1
    with pytest.raises(ValueError, match="two"):
        mcnemar(right, right[:2])


def test_every_swap_is_tried_where_people_are_few_and_equals_that_of_scipy():
    first, second = _people([9, 8, 7, 9, 5, 6]), _people([7, 8, 6, 5, 6, 2])
    ours = permute_subjects(first, second, accuracy_each)
    shares = first[:, 0, 0] / 10, second[:, 0, 0] / 10
    theirs = permutation_test(shares, lambda a, b: np.mean(a) - np.mean(b), permutation_type="samples")
    assert ours.exact
    assert ours.swaps == 2**6
    assert ours.difference == pytest.approx(theirs.statistic)
    assert ours.p == pytest.approx(theirs.pvalue)


def test_a_p_worked_out_by_hand():
    # Better by 3, 2 and 1 right clips: of the sums of +-3 +-2 +-1, two of eight are as far from 0 as 6.
    found = permute_subjects(_people([9, 9, 9]), _people([6, 7, 8]), accuracy_each)
    assert found == SubjectPermutation(pytest.approx(0.2), 2 / 8, 8, True)
    # Better by 3, worse by 2 and 1: the difference is 0, and no swap is nearer to it.
    assert permute_subjects(_people([9, 7, 8]), _people([6, 9, 9]), accuracy_each).p == 1


def test_drawn_swaps_come_near_to_all_of_them_and_p_is_never_zero():
    rng = np.random.default_rng(5)
    first, second = _people(rng.integers(4, 10, 12)), _people(rng.integers(2, 9, 12))
    exact = permute_subjects(first, second, accuracy_each)
    drawn = permute_subjects(first, second, accuracy_each, swaps=4000, seed=1)
    assert (exact.exact, drawn.exact, drawn.swaps) == (True, False, 4000)
    assert drawn.p == pytest.approx(exact.p, abs=4 * (exact.p / 4000) ** 0.5 + 1 / 4000)
    sure = permute_subjects(_people([10] * 40), _people([0] * 40), accuracy_each, swaps=99)
    assert sure.p == 1 / 100
    assert sure == permute_subjects(_people([10] * 40), _people([0] * 40), accuracy_each, swaps=99)


def test_uf1_is_computed_anew_for_each_swap():
    rng = np.random.default_rng(8)
    shown = rng.integers(1, 4, (5, 2))
    first, second = (
        np.array([[[hit, n - hit], [m - other, other]] for (n, m) in shown for hit, other in [draw(n, m)]])
        for draw in (lambda n, m: (n, m - 1), lambda n, m: (n - 1, m))
    )
    found = permute_subjects(first, second)
    apart = []
    for way in range(2**5):
        swap = np.array([(way >> person) & 1 for person in range(5)], bool)[:, None, None]
        mine, theirs = np.where(swap, second, first), np.where(swap, first, second)
        apart.append(float(uf1_each(mine.sum(axis=0)) - uf1_each(theirs.sum(axis=0))))
    assert found.difference == pytest.approx(apart[0])
    assert found.p == sum(abs(each) >= abs(apart[0]) - 1e-12 for each in apart) / 32


def test_a_person_is_swapped_for_all_seeds_at_once():
    one = permute_subjects(_people([9, 8, 7, 9]), _people([5, 8, 6, 5]), accuracy_each)
    five = permute_subjects(np.stack([_people([9, 8, 7, 9])] * 5), np.stack([_people([5, 8, 6, 5])] * 5), accuracy_each)
    assert (five.difference, five.p) == pytest.approx((one.difference, one.p))


def test_p_is_even_where_the_models_are_alike():
    rng = np.random.default_rng(11)
    found = []
    for _ in range(200):
        first, second = _people(rng.binomial(10, 0.6, 9)), _people(rng.binomial(10, 0.6, 9))
        found.append(permute_subjects(first, second, accuracy_each).p)
    # At most 5 % may be below 0.05: 10 of 200, and 20 is more than three standard deviations above.
    assert sum(p <= 0.05 for p in found) < 20
    assert 0.4 < np.mean(found) < 0.65


def test_what_cannot_be_compared_is_refused():
    counts = _people([5, 6, 7])
    with pytest.raises(ValueError, match="as many seeds"):
        permute_subjects(np.stack([counts, counts]), counts)
    with pytest.raises(ValueError, match="not run on the same samples"):
        permute_subjects(counts, _people([5, 6, 7], clips=11))


def test_holm_is_worked_out_by_hand_and_stays_in_order():
    # 0.005 x 4, 0.01 x 3, 0.03 x 2, and 0.04 x 1, which may not fall below the 0.06 before it
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert holm([0.04]) == (0.04,)
    assert holm([]) == ()
    with pytest.raises(ValueError, match="from 0 to 1"):
        holm([0.1, float("nan")])

import math

import pytest

from micromask.evaluation.spotting import Spotted, SpottedVideo, SpottingCounts
from micromask.evaluation.strs import score_strs

LABELS = ("negative", "positive", "surprise")


def _films(pairs, false, missed):
    """Films with a matched micro-expression a pair of (true, said) emotions, and others that match nothing."""
    matched = [SpottedVideo(f"m{i}", (Spotted(0, 9, emotion=s),), (Spotted(0, 9, emotion=t),)) for i, (t, s) in pairs]
    wrong = [SpottedVideo(f"f{i}", (Spotted(0, 9, emotion="negative"),), ()) for i in range(false)]
    left = [SpottedVideo(f"l{i}", (), (Spotted(0, 9, emotion="negative"),)) for i in range(missed)]
    return matched + wrong + left


@pytest.mark.parametrize(
    ("pairs", "false", "missed", "precision", "recall", "spot_f1", "strs"),
    [
        # SAMM: of 6 matched, 4 are of emotions that are not judged; one negative is right, one positive called negative
        pytest.param(
            [("negative", "negative"), ("positive", "negative")] + [("other", "negative")] * 4,
            217,
            202,
            0.1667,
            0.3333,
            0.0278,
            0.0062,
            id="SAMM",
        ),
        # CAS(ME)3: of 3 matched, one is not judged; of two negatives one is called positive
        pytest.param(
            [("negative", "negative"), ("negative", "positive"), ("other", "surprise")],
            115,
            34,
            0.3333,
            0.1667,
            0.0387,
            0.0086,
            id="CAS(ME)3",
        ),
    ],
)
def test_the_baseline_of_megc_2025_has_its_published_figures(pairs, false, missed, precision, recall, spot_f1, strs):
    # Table of doi:10.48550/arXiv.2506.15298; its column UAR holds the precision of these averages.
    report = score_strs(_films(list(enumerate(pairs)), false, missed), LABELS)
    assert report.spotting == SpottingCounts(len(pairs), false, missed)
    assert report.named == 2
    assert (report.precision, report.recall) == pytest.approx((precision, recall), abs=6e-5)
    assert (report.f1, report.uf1) == pytest.approx((0.2222, 0.2222), abs=6e-5)
    assert (report.spotting.f1, report.strs) == pytest.approx((spot_f1, strs), abs=6e-5)


def test_f1_of_the_mean_precision_and_recall_is_not_the_mean_f1():
    # a: 2 of 2 found, and one b called a: precision 2/3, recall 1, F1 4/5; b: 0, 0, 0; c: 1, 1, 1
    pairs = [("a", "a"), ("a", "a"), ("b", "a"), ("c", "c")]
    report = score_strs(_films(list(enumerate(pairs)), 0, 0), ("a", "b", "c"))
    precision, recall = (2 / 3 + 0 + 1) / 3, (1 + 0 + 1) / 3
    assert report.uf1 == pytest.approx((4 / 5 + 0 + 1) / 3)
    assert report.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert report.f1 != pytest.approx(report.uf1, abs=0.005)
    assert report.strs == report.f1  # all were found


def test_an_emotion_that_is_not_judged_misses_the_true_one_and_counts_for_spotting():
    report = score_strs(_films([(0, ("negative", "others")), (1, ("others", "negative"))], 0, 0), ("negative",))
    assert report.spotting.f1 == 1
    assert (report.named, report.precision, report.recall, report.strs) == (1, 0, 0, 0)


def test_all_true_emotions_of_micro_expressions_are_judged_if_none_are_named():
    macro = SpottedVideo("big", (), (Spotted(0, 99, "macro", "joy"),))
    report = score_strs([*_films([(0, ("sad", "sad")), (1, ("happy", "sad"))], 0, 0), macro])
    assert report.labels == ("happy", "sad")
    assert report.spotting == SpottingCounts(2, 0, 0)


def test_people_in_whom_nothing_was_found_and_films_without_an_expression_count():
    perfect = _films([(0, ("sad", "sad"))], 0, 0)
    assert score_strs(perfect, ("sad",)).strs == 1
    assert score_strs(_films([(0, ("sad", "sad"))], 1, 1), ("sad",)).strs == pytest.approx(2 / 4)


def test_nothing_found_is_nothing_and_nothing_there_has_no_score():
    assert score_strs(_films([], 0, 3), LABELS).strs == 0
    assert math.isnan(score_strs([SpottedVideo("a", (), ())], LABELS).strs)
    with pytest.raises(ValueError, match="STRS needs emotions"):
        score_strs([SpottedVideo("a", (), (Spotted(0, 9),))])
    with pytest.raises(ValueError, match="stands twice"):
        score_strs([SpottedVideo("a", (), ())] * 2, LABELS)

from __future__ import annotations

import math

import pytest

from micromask.core.errors import BadInputError
from micromask.evaluation.spotting import (
    Spotted,
    SpottedVideo,
    SpottingCounts,
    interval_overlap,
    kind_by_length,
    match_intervals,
    pair_videos,
    score_spotting,
)


def test_frames_are_inclusive() -> None:
    assert interval_overlap((10, 10), (10, 10)) == 1
    assert interval_overlap((0, 9), (10, 19)) == 0


def test_each_true_interval_is_met_once_by_the_best() -> None:
    matches = match_intervals([(0, 12), (0, 10), (90, 99)], [(0, 10), (50, 60)])
    assert matches.pairs == ((1, 0, 1.0),)
    assert matches.false == (0, 2)
    assert matches.missed == (1,)
    assert matches.f1 == 2 / (2 + 2 + 1)


def test_half_is_enough_and_less_is_not() -> None:
    assert match_intervals([(0, 9)], [(0, 19)]).pairs
    assert not match_intervals([(0, 8)], [(0, 19)]).pairs


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert match_intervals([], []).f1 == 1
    assert match_intervals([(0, 1)], []).f1 == 0


def test_a_found_interval_over_two_true_ones_meets_one_of_them() -> None:
    # exactly half of the found one each: the only way in which one can reach two that do not overlap
    matches = match_intervals([(0, 19)], [(0, 9), (10, 19)])
    assert len(matches.pairs) == 1
    assert len(matches.missed) == 1


def test_as_many_pairs_are_made_as_can_be_in_whatever_order_intervals_come() -> None:
    # (0, 9) shares 8/11 with (2, 10) and 6/10 with (0, 5); (4, 13) reaches only (2, 10). Best first would take
    # (0, 9) with (2, 10) and leave the other two alone.
    found, true = [(0, 9), (4, 13)], [(2, 10), (0, 5)]
    assert interval_overlap((0, 9), (2, 10)) > interval_overlap((0, 9), (0, 5)) > 0.5
    assert [pair[:2] for pair in match_intervals(found, true).pairs] == [(0, 1), (1, 0)]
    assert [pair[:2] for pair in match_intervals(found[::-1], true[::-1]).pairs] == [(0, 1), (1, 0)]


def test_two_poor_pairs_go_before_one_perfect_pair() -> None:
    # (50, 59) is found exactly; at this threshold it can also be given away, so that both true ones are met
    matches = match_intervals([(0, 50), (50, 59)], [(50, 59), (59, 68)], iou=0.01)
    assert matches.pairs == ((0, 0, 1 / 60), (1, 1, 1 / 19))


def test_kinds_are_matched_apart_and_summed() -> None:
    micro, macro = Spotted(10, 20, "micro"), Spotted(100, 200, "macro")
    right = SpottedVideo("a", (micro, macro), (micro, macro))
    # the right frames, called the wrong kind: false for one kind, missed for the other
    wrong = SpottedVideo("b", (Spotted(10, 20, "macro"),), (micro,))
    report = score_spotting([right, wrong])
    assert report.micro == SpottingCounts(1, 0, 1)
    assert report.macro == SpottingCounts(1, 1, 0)
    assert report.overall == SpottingCounts(2, 1, 1)
    assert report.overall.f1 == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))


def test_films_without_an_expression_count() -> None:
    smile = Spotted(10, 20)
    found = {"with": [smile], "without": [smile, Spotted(50, 60)]}
    videos = pair_videos(found, {"with": [smile], "without": [], "quiet": []})
    report = score_spotting(videos)
    assert report.micro == SpottingCounts(1, 2, 0)
    assert report.micro.f1 == pytest.approx(2 / (2 + 2))
    assert (report.videos, report.empty) == (3, 2)
    assert videos[2] == SpottedVideo("quiet", (), ())
    # leaving them out, as is often done, would have been perfect
    assert score_spotting(videos[:1]).micro.f1 == 1


def test_a_film_in_which_nothing_is_found_is_missed() -> None:
    report = score_spotting(pair_videos({}, {"a": [Spotted(0, 5)], "b": [Spotted(0, 99, "macro")]}))
    assert report.overall == SpottingCounts(0, 0, 2)
    assert (report.overall.recall, report.overall.f1) == (0, 0)
    assert math.isnan(report.overall.precision)


def test_what_was_never_there_and_never_found_has_no_figure() -> None:
    assert math.isnan(score_spotting([SpottedVideo("a", (), ())]).macro.f1)


@pytest.mark.parametrize(
    ("found", "met", "true", "f1"),
    [
        pytest.param((5035, 1523), (21, 109), (57, 300), (0.0082, 0.1196, 0.0376), id="CAS(ME)2"),
        pytest.param((1436, 356), (29, 22), (159, 343), (0.0364, 0.0629, 0.0445), id="SAMM-LV"),
    ],
)
def test_the_baseline_of_megc_2020_has_its_published_figures(found, met, true, f1) -> None:
    # found, met and true intervals of the organisers' own results; micro, macro and overall F1 of the paper
    # (doi:10.48550/arXiv.1912.11985)
    micro, macro = (SpottingCounts(hit, n - hit, m - hit) for n, hit, m in zip(found, met, true, strict=True))
    both = SpottingCounts(micro.tp + macro.tp, micro.fp + macro.fp, micro.fn + macro.fn)
    assert [each.f1 for each in (micro, macro, both)] == pytest.approx(f1, abs=6e-5)


def test_kind_follows_from_half_a_second_between_first_and_last_frame() -> None:
    assert [kind_by_length(0, last, 30) for last in (15, 16)] == ["micro", "macro"]
    assert [kind_by_length(0, last, 200) for last in (100, 101)] == ["micro", "macro"]


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(BadInputError, match="'x', which is none of the 1 films"):
        pair_videos({"x": [Spotted(0, 1)]}, {"a": []})
    with pytest.raises(ValueError, match="'a' stands twice"):
        score_spotting([SpottedVideo("a", (), ()), SpottedVideo("a", (), ())])
    with pytest.raises(ValueError, match="onset <= offset, got 5, 4"):
        Spotted(5, 4)

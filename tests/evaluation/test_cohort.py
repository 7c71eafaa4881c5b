"""Cohorts whose every count and minute is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Analysis, Evidence, Expression, Recording, Timeline
from micromask.evaluation.cohort import UNKNOWN, cohort
from micromask.evaluation.watched import Watched, seen_seconds, watched

HOW = {"recogniser": "one", "floor": "0.9"}


def recorded(name, who="", group="", minutes=2.0, happy=0, sad=0, **more):
    shown = (("micro", "happiness"),) * happy + (("macro", "sadness"),) * sad
    return Watched(name, who, group, 60 * minutes, shown, more.pop("how", HOW), **more)


def two_groups(sad=(5, 6, 7, 8, 9), none=(0, 1, 2, 3, 4)):
    rows = [recorded(f"a{n}", f"A{n}", "patients", 1.0, 2, count) for n, count in enumerate(sad)]
    return rows + [recorded(f"b{n}", f"B{n}", "controls", 1.0, 2, count) for n, count in enumerate(none)]


def rates(row):
    return {each["emotion"]: each for each in row["rates"]}


def test_a_recordings_rates_are_its_counts_over_the_minutes_in_which_the_face_was_seen():
    made = cohort([recorded("film", "P1", minutes=2.0, happy=3, sad=1)])
    assert made["emotions"] == [None, "happiness", "sadness"]
    own = rates(made["recordings"][0])
    assert {name: each["value"] for name, each in own.items()} == {None: 2.0, "happiness": 1.5, "sadness": 0.5}
    assert own["sadness"]["interval"] == pytest.approx((0.0253 / 2, 5.5716 / 2), abs=1e-4)


def test_a_participants_recordings_are_added_up():
    made = cohort([recorded("one", "P1", minutes=1, happy=3), recorded("two", "P1", minutes=3, happy=1)])
    (row,) = made["participants"]
    assert (row["participant"], row["recordings"]) == ("P1", 2)
    assert (rates(row)["happiness"]["count"], rates(row)["happiness"]["value"]) == (4, 1.0)


def test_only_the_kind_asked_for_is_counted():
    both = [recorded("film", "P1", happy=3, sad=1)]
    assert cohort(both, "micro")["emotions"] == [None, "happiness"]
    assert cohort(both, "macro")["recordings"][0]["rates"][0]["count"] == 1


def test_an_expression_that_nobody_named_is_counted_as_such():
    film = Watched("film", "P1", "", 60.0, (("micro", None), ("micro", "surprise")), HOW)
    assert cohort([film])["emotions"] == [None, UNKNOWN, "surprise"]


def test_groups_that_do_not_overlap_are_told_apart_after_correction():
    """p of each emotion alone is 2/252; three rows, of which happiness is the same everywhere."""
    made = cohort(two_groups())
    rows = {row["emotion"]: row for row in made["differences"]}
    assert (rows["sadness"]["first"], rows["sadness"]["second"]) == ("controls", "patients")
    assert rows["sadness"]["value"] == -5.0
    assert rows["sadness"]["p"] == pytest.approx(2 / 252)
    assert rows["sadness"]["p_holm"] == pytest.approx(3 * 2 / 252)
    assert rows["sadness"]["higher"] == "patients"
    assert rows["happiness"]["p_holm"] == 1.0
    assert rows["happiness"]["higher"] is None
    assert made["words"] == "More often: all emotions together in patients; sadness in patients"
    assert "no difference can be told" in rows["happiness"]["words"]


def test_nothing_is_told_between_groups_that_differ_by_chance():
    made = cohort(two_groups((4, 2, 3, 5, 1), (3, 4, 2, 1, 4)))
    assert made["words"] == "No difference can be told between controls and patients"
    assert all(row["higher"] is None for row in made["differences"])


def test_groups_of_too_few_have_a_rate_and_neither_interval_nor_difference():
    made = cohort(two_groups((9, 9, 9), (0, 0, 0, 0, 0)))
    patients = next(row for row in made["groups"] if row["group"] == "patients")
    assert rates(patients)["sadness"]["value"] == 9.0
    assert rates(patients)["sadness"]["interval"] is None
    assert all(row["p"] is None and row["higher"] is None for row in made["differences"])
    assert "Group 'patients' has 3 of the 5 participants that an interval needs at least." in made["cautions"]


def test_somebody_in_both_groups_makes_them_no_groups_of_different_people():
    rows = [*two_groups(), recorded("again", "A0", "controls", 1.0)]
    made = cohort(rows)
    assert all(row["value"] is None for row in made["differences"])
    assert "A0: in both groups" in made["differences"][0]["words"]


def test_who_is_nobody_is_in_no_figure_of_a_group_and_is_named():
    made = cohort([recorded("film", happy=1), recorded("other", "P1", happy=2)])
    assert [row["recording"] for row in made["recordings"]] == ["film", "other"]
    assert [row["participant"] for row in made["participants"]] == ["P1"]
    assert "Without a participant, so in no group's figures: film." in made["cautions"]


def test_recordings_that_were_analysed_in_different_ways_are_not_compared_silently():
    made = cohort([recorded("a", "P1"), recorded("b", "P2", how=HOW | {"recogniser": "other"})])
    assert any(
        line.startswith("Not all recordings were analysed alike (recogniser differ") for line in made["cautions"]
    )


def test_groups_that_were_analysed_in_different_ways_are_not_compared():
    rows = two_groups()
    other = [replace(each, how=HOW | {"floor": "2.0"}) if each.group == "patients" else each for each in rows]
    made = cohort(other)
    assert all((row["value"], row["higher"]) == (None, None) for row in made["differences"])
    assert "not all recordings were analysed alike (floor differ)" in made["differences"][0]["words"]
    assert made["words"] == "How often each emotion was shown, in 10.0 minutes of 10 participants"


def test_some_corrected_recordings_among_others_are_said():
    made = cohort([recorded("a", "P1"), recorded("b", "P2", corrected=True)])
    assert any(line.startswith("People corrected 1 of 2 recordings") for line in made["cautions"])


def test_a_person_with_most_of_a_groups_minutes_is_named():
    made = cohort([recorded("a", "P1", "g", 30.0), recorded("b", "P2", "g", 10.0)])
    assert any("P1 has 75 % of its minutes" in line for line in made["cautions"])


def test_many_emotions_and_few_people_can_tell_nothing_which_is_said():
    rows = two_groups()
    many = [
        Watched(each.recording, each.participant, each.group, each.seconds, each.shown + tuple(more), HOW)
        for each, more in zip(rows, [[("micro", f"emotion {n}")] for n in range(len(rows))], strict=True)
    ]
    made = cohort(many)
    assert any(
        line.startswith("So few participants cannot part the groups in 13 comparisons") for line in made["cautions"]
    )
    assert all(row["higher"] is None for row in made["differences"])


def test_the_document_is_plain_json():
    text = json.dumps(cohort(two_groups()), allow_nan=False)
    assert json.loads(text)["format"] == "micromask-cohort/1"


@pytest.mark.parametrize("films", [[], [recorded("a"), recorded("a")]])
def test_no_recording_or_two_of_one_name_are_refused(films):
    with pytest.raises(BadInputError, match="each under a name of its own"):
        cohort(films)


def timeline(times, strength):
    times, strength = np.asarray(times, float), np.asarray(strength, np.float32)
    return Timeline(0, np.arange(len(times)), times, strength, {}, strength, strength, 1.0)


def test_time_in_which_the_face_was_not_seen_does_not_count():
    """Half a second of frames at 10 frames/s, a gap of four seconds, then four frames of which one is blind."""
    times = [*np.arange(5) / 10, *(5 + np.arange(4) / 10)]
    assert seen_seconds(timeline(times, [1, 1, 1, 1, 1, 1, np.nan, 1, 1])) == pytest.approx(0.8)


def test_an_irregular_clock_counts_what_each_frame_lasted():
    assert seen_seconds(timeline([0.0, 0.03, 0.07, 0.1], [1, 1, 1, 1])) == pytest.approx(0.13)


def test_a_recording_of_a_cohort_is_made_of_its_analysis():
    evidence = Evidence(100.0, 10.0, 50.0, 1.0)
    chances = {"happiness": 0.75, "sadness": 0.25}
    one = Expression(0, 2, 3, 4, 0.2, 0.3, 0.4, "micro", 3.0, ("chin",), evidence, chances)
    film = Recording("f", Path("f.mp4"), 10.0, 10, (4, 4))
    lines = (timeline(np.arange(10) / 10, np.ones(10)),)
    analysis = Analysis(film, 10, 1.0, (), (one,), (), lines, "haar", "a model", {"floor": 0.9, "masked": True})
    made = watched(analysis, "f", participant=" P1 ")
    assert made == Watched(
        "f", "P1", "", pytest.approx(1.0), (("micro", "happiness"),), {"recogniser": "a model", "floor": "0.9"}
    )
    assert watched(analysis, "f", shown=[("macro", "anger")]).shown == (("macro", "anger"),)

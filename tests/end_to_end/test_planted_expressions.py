"""What is planted is found, and where nothing is planted nothing is found."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest

from micromask.app.cli import run
from micromask.core.types import Analysis
from micromask.datasets.synthetic import Script, demo_script, still_script, trap_script, truth, vfr_times

PLANTED = 4


def hits_and_false(found: list[tuple[int, int]], true: list[tuple[int, int]]) -> tuple[int, int]:
    """Planted intervals that a found one shares at least half of (IoU), and found ones that share so much with none."""

    def shared(a: tuple[int, int], b: tuple[int, int]) -> float:
        both = min(a[1], b[1]) - max(a[0], b[0]) + 1
        return max(0, both) / (a[1] - a[0] + b[1] - b[0] + 2 - both)

    pairs = {(i, j) for i, j in product(range(len(found)), range(len(true))) if shared(found[i], true[j]) >= 0.5}
    return len({j for _, j in pairs}), len(found) - len({i for i, _ in pairs})


def compare(script: Script, analysis: Analysis) -> tuple[int, int]:
    true = [(one["onset"], one["offset"]) for one in truth(script)["expressions"]]
    assert len(true) == PLANTED
    return hits_and_false([(one.onset, one.offset) for one in analysis.expressions], true)


def test_counting_hits_is_as_one_would_by_hand():
    assert hits_and_false([(10, 19), (50, 59), (90, 99)], [(10, 19), (55, 64), (95, 99)]) == (2, 1)


@pytest.mark.slow
def test_the_demo_finds_three_of_four_and_at_most_one_false_and_writes_its_files(tmp_path, capsys):
    assert run(["demo", "--out", str(tmp_path / "demo")]) == 0
    printed = capsys.readouterr().out
    found, true = (
        json.loads((tmp_path / "demo" / name).read_text(encoding="utf-8")) for name in ("analysis.json", "truth.json")
    )
    intervals = ([(one["onset"], one["offset"]) for one in each["expressions"]] for each in (found, true))
    hits, false = hits_and_false(*intervals)
    assert hits >= 3
    assert false <= 1
    assert f"found {hits} of 4 planted expressions (IoU >= 0.5), {false} false" in printed
    assert [one["kind"] for one in true["expressions"]] == ["micro", "micro", "micro", "macro"]
    assert {path.name for path in (tmp_path / "demo").iterdir()} == {
        *("analysis.json", "demo.mp4", "expressions.csv", "report.html", "timeline.parquet", "truth.json")
    }
    assert found["expressions"][0].keys() >= true["expressions"][0].keys()
    assert Counter(event["name"] for event in found["events"])["blink"] == 2


@pytest.mark.slow
def test_another_face_shows_the_same(analysed):
    script = replace(demo_script(30), size=240, subject=2)
    hits, false = compare(script, analysed(script))
    assert hits >= 3
    assert false <= 1


@pytest.mark.slow
def test_the_demo_at_200_frames_a_second_is_found_as_well(analysed):
    script = replace(demo_script(200), size=240)
    hits, false = compare(script, analysed(script))
    assert hits >= 3
    assert false <= 1


@pytest.mark.slow
def test_the_demo_with_irregular_frame_times_is_found_as_well(analysed):
    script = replace(demo_script(30), size=240, times=vfr_times(15, 30, seed=1))
    analysis = analysed(script)
    assert analysis.recording.times is not None
    hits, false = compare(script, analysis)
    assert hits >= 3
    assert false <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "fps", "size"), [(20, 30, 240), (8, 200, 160)])
def test_a_still_and_noisy_face_shows_nothing(analysed, seconds, fps, size):
    analysis = analysed(replace(still_script(seconds, fps), size=size))
    assert len(analysis.faces) == 1
    assert analysis.seconds == pytest.approx(seconds, abs=0.05)
    assert analysis.expressions == ()
    assert analysis.events == ()


@pytest.mark.slow
def test_turns_nods_light_and_blinks_are_no_expressions(analysed):
    analysis = analysed(replace(trap_script(), size=240))
    assert analysis.expressions == ()
    names = Counter(event.name for event in analysis.events)
    assert names["blink"] == 6
    assert names["head-move"] >= 2
    assert names["gap"] == names["cut"] == 0

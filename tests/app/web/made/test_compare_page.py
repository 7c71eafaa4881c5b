"""The page Compare without a browser: who is chosen, and the rates of both."""

from __future__ import annotations

import re
import shutil

from micromask.app.workspace.corrections.authors import author_named
from micromask.app.workspace.corrections.opinions import Told, corrected, say
from micromask.app.workspace.recordings import results_of
from micromask.reports.folder import FILES


def cells(text: str, emotion: str) -> list[str]:
    row = re.search(rf'<th scope="row">{emotion}</th>(.*?)</tr>', text, re.DOTALL)
    assert row is not None
    return [re.sub(r"<small>.*", "", cell) for cell in re.findall(r'<td class="number">(.*?)</td>', row[1])]


def test_the_rates_of_both_stand_side_by_side_with_the_emotions_of_either(browser, add_result):
    one = add_result("one.mp4", ["sadness"] * 4, minutes=2)
    other = add_result("other.mp4", ["happiness"])
    text = browser.get(f"/compare?left={one}&right={other}").text
    assert cells(text, "all") == ["2.00", "1.00"]
    assert cells(text, "sadness") == ["2.00", "0.00"]
    assert cells(text, "happiness") == ["0.00", "1.00"]
    assert cells(text, "minutes with the face") == ["2.00", "1.00"]
    assert "were not analysed alike" not in text


def test_a_recording_beside_itself_has_its_rates_twice(browser, add_result):
    one = add_result("one.mp4", ["sadness"] * 3)
    assert cells(browser.get(f"/compare?left={one}&right={one}").text, "all") == ["3.00", "3.00"]


def test_recordings_that_were_analysed_in_different_ways_are_said_not_to_be_comparable(browser, add_result):
    one, other = add_result("one.mp4", ["a"]), add_result("other.mp4", ["b"], recognizer="another")
    assert "were not analysed alike (recogniser differ)" in browser.get(f"/compare?left={one}&right={other}").text


def test_a_recording_that_is_gone_is_said(browser, add_result):
    one = add_result("one.mp4", ["a"])
    assert "is not here any more" in browser.get(f"/compare?left={one}&right=99").text
    assert "is not here any more" not in browser.get("/compare").text


def test_what_was_measured_is_read_again_after_a_new_analysis_and_corrections_count_at_once(
    browser, workspace, add_result
):
    one, other = add_result("one.mp4", ["sadness"] * 2), add_result("other.mp4", ["sadness"])
    address = f"/compare?left={one}&right={other}"
    assert cells(browser.get(address).text, "all") == ["2.00", "1.00"]
    say(workspace, one, author_named(workspace, "Ada"), Told("reject", corrected(workspace, one)[0].key))
    assert cells(browser.get(address).text, "all") == ["1.00", "1.00"]
    again = add_result("again.mp4", ["sadness"] * 6, minutes=2)
    for name in ("analysis", "timeline"):
        shutil.copy(results_of(workspace, again) / FILES[name], results_of(workspace, other) / FILES[name])
    text = browser.get(address).text
    assert cells(text, "all") == ["1.00", "3.00"]
    assert cells(text, "minutes with the face") == ["1.00", "2.00"]

"""The page of a comparison: what it shows, that it is well made and that it loads nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.compare import Run, compare
from micromask.reports.comparison import render
from micromask.reports.comparison.forest import axis_over, place, strip

LEAK = {"code": "LK004", "title": "chosen on <test> data", "severity": "leak", "evidence": ["fold <b>1</b>"]}
CAUTION = {"code": "EV005", "title": "a single seed", "severity": "caution", "evidence": []}
NOTE = {"code": "DS051", "title": "left out", "severity": "note", "evidence": ["other: 2"]}


def run_of(name: str, missed: int, findings: list, people: int = 16) -> Run:
    """Everybody shows both classes once; the first ``missed`` people are read wrongly in both."""
    labels = ("negative", "positive")
    samples = tuple(
        Sample(f"{who}-{label}", f"{who}-{label}", SubjectId("toy", f"s{who:02d}"), "film", label)
        for who in range(people)
        for label in labels
    )
    every = frozenset(each.id for each in samples)
    own = {who: frozenset(f"{who}-{label}" for label in labels) for who in range(people)}
    splits = tuple(Split(f"s{who:02d}", every - ids, ids) for who, ids in own.items())
    told = tuple(
        Prediction(
            f"{who}-{label}",
            f"s{who:02d}",
            0,
            label,
            (0.75, 0.25) if (label == "negative") == (who >= missed) else (0.25, 0.75),
        )
        for who in range(people)
        for label in labels
    )
    results = Results("net", "loso", "toy", labels, samples, splits, told, (0,), "inner")
    return Run(name, {"findings": findings, "epochs": None}, results)


@pytest.fixture(scope="module")
def document() -> dict:
    runs = [run_of("good", 0, []), run_of("weak", 12, [CAUTION, NOTE]), run_of("x<y>", 0, [LEAK])]
    return compare(runs, ensemble=True, command="micromask compare a 'b & c'")


def test_a_page_is_whole_and_loads_nothing(document, read_page):
    text = render(document)
    page = read_page(text)
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object"}
    assert not re.search(r"https?://|url\(", text)
    assert not [attrs for _, attrs in page.elements if "src" in attrs or attrs.get("href", "#")[0] != "#"]


def test_the_headline_the_cautions_and_every_pair_are_told(document, read_page):
    said = read_page(render(document)).text
    assert document["words"] == "good is ahead of weak: UF1 1.000"
    for line in (document["words"], *document["cautions"], *(pair["words"] for pair in document["pairs"])):
        assert line in said


def test_names_and_evidence_are_shown_as_they_are_and_never_as_markup(document):
    text = render(document)
    assert "x&lt;y&gt;" in text
    assert "fold &lt;b&gt;1&lt;/b&gt;" in text
    assert "micromask compare a &#39;b &amp; c&#39;" in text
    assert "<b>1</b>" not in text


def rows_of(text: str, title: str) -> list[str]:
    """The words of each row of the table under a heading."""
    part = text[text.index(f'id="{title}"') :]
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]


def test_a_run_that_leaks_stands_below_the_others_without_a_rank_and_with_its_code(document):
    rows = rows_of(render(document), "table")
    assert [row.split()[:2] for row in rows[:4]] == [
        ["1", "good"],
        ["2", "weak"],
        ["–", "x&lt;y&gt;"],
        ["–", "ensemble"],
    ]
    assert [("LK004" in row, "EV005" in row) for row in rows] == [
        (False, False),
        (False, True),
        (True, False),
        (True, False),
        (False, False),
    ]
    assert rows[4].startswith("– always negative the most frequent class – – – 0.333 0.333 to 0.333 0.500")


def test_the_audit_has_a_row_a_code_leaks_first_and_a_column_a_run(document):
    leak, caution = rows_of(render(document), "audit")
    assert (
        leak == "LK004 chosen on &lt;test&gt; data – – found fold &lt;b&gt;1&lt;/b&gt; found fold &lt;b&gt;1&lt;/b&gt;"
    )
    assert caution == "EV005 a single seed – found – –"


def test_runs_link_to_their_own_reports_where_they_have_one(document, read_page):
    page = read_page(render(document, {"good": "../good/report.html"}))
    assert [attrs["href"] for tag, attrs in page.elements if tag == "a"] == ["#results"] + ["../good/report.html"] * 2


def test_marks_lie_where_the_figures_say(document, read_page):
    """Axis of UF1 from 0.1 to 1.0: good is at 1, its interval too; always-negative at 1/3."""
    page = read_page(render(document))
    circles = [attrs for tag, attrs in page.elements if tag == "circle" and attrs["class"] == "point"]
    lines = [attrs for tag, attrs in page.elements if tag == "line" and attrs["class"] == "constant"]
    weak = document["runs"][1]
    low = axis_over([weak["intervals"]["uf1"][0], 1]).low
    assert circles[0]["cx"] == "100.0%"
    assert float(circles[1]["cx"][:-1]) == pytest.approx(100 * (weak["uf1"] - low) / (1 - low), abs=0.01)
    assert {attrs["x1"] for attrs in lines} == {f"{round(100 * (1 / 3 - low) / (1 - low), 3)}%"}


def test_with_one_tested_person_there_is_no_interval_to_draw(read_page):
    runs = [run_of("a", 0, [], people=2), run_of("b", 1, [], people=2)]
    alone = [replace(run, results=replace(run.results, predictions=run.results.predictions[:2])) for run in runs]
    document = compare(alone)
    assert document["runs"][0]["intervals"]["uf1"] is None
    text = render(document)
    assert "no interval" in read_page(text).text
    assert 'class="interval"' not in text
    assert "one subject, no interval" in document["pairs"][0]["words"]


def test_every_run_clean_says_so(read_page):
    said = read_page(render(compare([run_of("a", 0, []), run_of("b", 0, [])]))).text
    assert "Nothing was found in any run." in said


def test_an_axis_of_differences_has_nothing_in_its_middle():
    axis = axis_over([-0.03, 0.11], signed=True)
    assert place(axis, 0) == 50
    assert axis.ticks[0][1][0] == "-"
    assert axis.ticks[-1][1][0] == "+"


def test_an_axis_over_one_value_is_still_an_axis():
    axis = axis_over([0.5, 0.5])
    assert axis.low < axis.high
    assert strip(axis, 0.5, (None, None)).interval is None


@pytest.mark.browser
def test_a_narrow_screen_shows_each_run_above_its_own_line(document, tmp_path, plain_chromium):
    place_ = Path(tmp_path / "page.html")
    place_.write_text(render(document), encoding="utf-8")
    for width in (380, 1280):
        page = plain_chromium.new_page(viewport={"width": width, "height": 900})
        page.goto(place_.as_uri())
        boxes = page.evaluate(
            "[...document.querySelectorAll('.forest')[0].querySelectorAll('.who, .strip svg:not(.ticks)')]"
            ".map(e => {const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]})"
        )
        for who, line in zip(boxes[::2], boxes[1::2], strict=True):
            assert who[3] <= line[1] + 1 if width == 380 else who[2] <= line[0] + 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width

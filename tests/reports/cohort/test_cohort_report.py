"""The page and the table of a cohort: what they show, that they are well made and that they load nothing."""

from __future__ import annotations

import csv
import io
import re

import pytest

from micromask.evaluation.cohort import cohort
from micromask.evaluation.watched import Watched
from micromask.reports.cohort import COHORT_COLUMNS, cohort_csv, render
from micromask.reports.cohort.page import plots_of


def film(name: str, who: str, group: str, sad: int, minutes: float = 1.0) -> Watched:
    return Watched(name, who, group, 60 * minutes, (("micro", "sadness"),) * sad, {"recogniser": "one"})


@pytest.fixture(scope="module")
def document() -> dict:
    """Five of each group, a minute each, sadness 5 to 9 and 0 to 4 times; and a film of nobody with an odd name."""
    rows = [film(f"a{n}", f"A{n}", "patients", 5 + n) for n in range(5)]
    rows += [film(f"b{n}", f"B{n}", "controls", n) for n in range(5)]
    return cohort([*rows, film("<b>x</b>", "", "", 1, 2.0)])


def test_the_page_is_whole_and_loads_nothing(document, read_page):
    text = render(document)
    page = read_page(text)
    assert page.open == []
    assert not {tag for tag, _ in page.elements} & {"script", "img", "link", "iframe", "object"}
    assert not re.search(r"https?://|url\(", text)
    assert "<b>x</b>" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text


def test_the_page_tells_the_headline_the_cautions_and_every_difference(document):
    text = render(document)
    for line in (document["words"], *(row["words"] for row in document["differences"])):
        assert line in text
    assert "Without a participant, so in no group&#39;s figures" in text


def test_marks_lie_where_the_figures_say(document):
    """Sadness from 0 to 10 a minute: patients at 7, controls at 2, with their five people."""
    plot = next(each for each in plots_of(document) if each.emotion == "sadness")
    patients = next(line for line in plot.lines if line.name == "patients")
    span = plot.axis.high - plot.axis.low
    assert patients.strip.value == pytest.approx(100 * 7 / span, abs=1e-3)
    assert patients.strip.seeds == pytest.approx([100 * rate / span for rate in (5, 6, 7, 8, 9)], abs=1e-3)
    assert patients.rate["interval"][0] < 7 < patients.rate["interval"][1]


def test_without_participants_the_recordings_are_drawn(document):
    made = cohort([film("one", "", "", 3), film("two", "", "", 1, 2.0)])
    plot = plots_of(made)[0]
    assert [(line.name, line.rate["value"]) for line in plot.lines] == [("one", 3.0), ("two", 0.5)]
    assert "exact Poisson interval" in render(made)


def test_a_cohort_in_which_no_face_was_seen_has_no_plot_and_a_page():
    made = cohort([film("dark", "P1", "g", 0, 0.0)])
    assert plots_of(made) == []
    assert "No face was seen, so there is no rate: dark." in render(made)


def test_groups_of_too_few_are_said_once_not_to_be_compared():
    text = render(cohort([film("one", "A", "patients", 3), film("two", "B", "controls", 1)]))
    assert text.count("controls and patients are not compared: 1 participant") == 1


def test_the_table_has_every_number_and_its_columns(document):
    rows = list(csv.DictReader(io.StringIO(cohort_csv(document))))
    assert list(rows[0]) == list(COHORT_COLUMNS)
    assert len(rows) == 2 * (11 + 10 + 2 + 1)
    (sad,) = [row for row in rows if row["of"] == "difference" and row["emotion"] == "sadness"]
    assert (sad["name"], float(sad["per_minute"])) == ("controls less patients", -5.0)
    assert float(sad["p"]) == pytest.approx(2 * 2 / 252, abs=1e-6)


def test_a_name_that_a_spreadsheet_would_run_is_only_text():
    text = cohort_csv(cohort([film("=HYPERLINK(1)", "@me", "", 1)]))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["name"] == "'=HYPERLINK(1)"
    assert rows[0]["participant"] == "'@me"

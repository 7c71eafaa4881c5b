"""The page and the table of two models' agreement: what they show, and that they load nothing."""

from __future__ import annotations

import csv
import io
import re

import pytest

from micromask.evaluation.judged import Judged, Rater
from micromask.evaluation.model_agreement import model_agreement
from micromask.reports.agreement import AGREEMENT_COLUMNS, agreement_csv, render
from micromask.reports.agreement.page import differing, lines_of

ONE = Rater("first & best", "an SVM", "motion", ("negative", "positive", "surprise"))
OTHER = Rater("other", "a network", "frame", ("negative", "positive", "fear"))


def said(emotion: str, rater: Rater, share: float) -> dict[str, float]:
    return {name: share if name == emotion else (1 - share) / 2 for name in rater.classes} if emotion else {}


@pytest.fixture(scope="module")
def document() -> dict:
    """Ten intervals the same, one surely not; then one not shared, one not read, one of which both are unsure."""
    pairs = [("negative", "negative", 0.8), ("positive", "positive", 0.8)] * 5 + [("negative", "positive", 0.9)]
    pairs += [("surprise", "fear", 0.8), ("negative", "", 0.8), ("positive", "negative", 0.4)]
    rows = [
        Judged(f"f{at % 6}", f"<i>{at % 6}", "", at, 0, "micro", (1, 2, 3), (0.1, 0.2, 0.3),
               said(one, ONE, share), said(other, OTHER, share))
        for at, (one, other, share) in enumerate(pairs)
    ]  # fmt: skip
    return model_agreement(rows, ONE, OTHER, command="micromask agree 'a & b'")


def test_the_page_loads_nothing_and_shows_names_as_they_are(document):
    text = render(document)
    assert not re.search(r"<(script|img|link|iframe)\b|https?://|url\(", text)
    assert "<i>" not in text
    assert "&lt;i&gt;0" in text
    assert "first &amp; best and other name the same emotion in 10 of 12 intervals" in text
    assert "micromask agree &#39;a &amp; b&#39;" in text


def test_the_page_says_that_agreement_is_not_accuracy(document):
    assert render(document).count("Agreement is not accuracy") == 2


def test_where_both_are_sure_and_differ_comes_first(document):
    assert [row["number"] for row in differing(document)] == [10, 13]


def test_what_is_not_compared_is_listed_with_the_reason(document):
    text = render(document)
    assert "only first &amp; best knows surprise; only other knows fear" in text
    assert "other could not read it" in text


def test_kappas_lie_on_the_axis_where_they_are(document):
    axis, lines = lines_of(document)
    assert [line.name for line in lines] == ["all shared emotions", "negative", "positive"]
    where = axis.low + (axis.high - axis.low) * lines[0].strip.value / 100
    assert where == pytest.approx(document["kappa"]["value"], abs=1e-4)


def test_every_interval_is_in_the_table(document):
    rows = list(csv.DictReader(io.StringIO(agreement_csv(document))))
    assert list(rows[0]) == list(AGREEMENT_COLUMNS)
    assert len(rows) == 14
    assert [row["same"] for row in rows].count("yes") == 10
    assert (rows[12]["second"], rows[12]["second_probability"], rows[12]["same"]) == ("", "", "")
    assert rows[12]["why"] == "other could not read it"

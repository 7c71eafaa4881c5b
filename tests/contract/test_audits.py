"""What every audit promises, checked for each code in the registry."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from micromask.evaluation.audit import CODES, audits, make_case, not_looked_at
from micromask.evaluation.audit.case import COLUMNS, MORE_COLUMNS

PAGES = Path(__file__).parents[2] / "docs" / "audit"
HEADINGS = ["What it is", "How it inflates", "How to mend it", "What it cannot see"]
KNOWN = {*COLUMNS, *MORE_COLUMNS, "train", "validation", "test"}
FACTS = {
    "selection",
    "augmented_before_split",
    "fitted_on_test",
    "threshold_from",
    "pretraining_subjects",
    "seeds",
    "gain",
    "gain_interval",
    "people",
    "claims",
}


def test_every_code_that_was_promised_is_there():
    promised = [f"LK{number:03d}" for number in range(1, 11)] + [f"EV{number:03d}" for number in range(1, 9)]
    assert sorted(audits) == sorted(promised)
    assert sorted(CODES) == sorted(promised)


@pytest.mark.parametrize("code", audits)
def test_a_code_has_a_title_of_its_own_and_says_what_it_needs(code):
    assert re.fullmatch(r"(LK|EV)\d{3}", code)
    assert [each.title for each in CODES.values()].count(CODES[code].title) == 1
    assert CODES[code].needs
    assert all(way <= KNOWN | FACTS for way in CODES[code].needs)


@pytest.mark.parametrize("code", audits)
def test_a_code_has_a_page_and_a_row_in_the_index(code):
    text = (PAGES / f"{code.lower()}.md").read_text("utf-8")
    assert text.startswith(f"# {code}: {CODES[code].title}\n")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == HEADINGS
    for heading in HEADINGS:
        _, _, below = text.partition(f"## {heading}\n")
        assert len(below.partition("\n## ")[0].split()) >= 5, heading
    severity = "Leak" if code.startswith("LK") else "Caution"
    assert f"**{severity}.**" in text
    index = (PAGES / "README.md").read_text("utf-8")
    assert f"| [{code}]({code.lower()}.md) | {CODES[code].title} |" in index


def test_no_page_is_of_a_code_that_is_not_there():
    pages = {page.stem.upper() for page in PAGES.glob("*.md")} - {"README"}
    assert pages == set(CODES)


@pytest.mark.parametrize("code", audits)
def test_an_audit_says_nothing_of_what_it_cannot_see_and_leaves_the_case_as_it_is(code):
    """Twelve people of one clip each, tested without anybody to train on and without a word more."""
    rows = [(f"c{who}", f"s{who}", "test") for who in range(12)]
    case = make_case("bare", pd.DataFrame(rows, columns=["clip", "subject", "split"]))
    before = case.rows.copy(deep=True)
    assert audits[code](case) == []
    pd.testing.assert_frame_equal(case.rows, before)
    assert code in not_looked_at(case) or code == "EV003"


@pytest.mark.parametrize("code", audits)
def test_an_audit_is_documented_in_words(code):
    assert len((audits[code].__doc__ or "").split()) >= 8

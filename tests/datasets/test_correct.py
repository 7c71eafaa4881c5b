from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from micromask.core.clips import Source
from micromask.datasets.correct import COLUMNS, Correction, read_corrections
from micromask.datasets.sheets import Row

TABLES = sorted(path.name for path in (files("micromask.datasets") / "corrections").iterdir() if path.suffix == ".csv")


def row(**cells: object) -> Row:
    return Row(Source(Path("sheet.xlsx"), 7), cells)


def correction(**given: str) -> Correction:
    usual = dict.fromkeys(COLUMNS, "*") | {"column": "apex", "expected": "83", "corrected": "123", "where": "onset=112"}
    return Correction(**(usual | given))


@pytest.mark.parametrize(
    ("where", "cells", "fits"),
    [
        pytest.param("onset=112", {"onset": 112, "apex": 83}, True, id="another cell's number"),
        pytest.param("onset=112", {"onset": "112", "apex": "83"}, True, id="numbers stored as text"),
        pytest.param("onset=112", {"onset": 111, "apex": 83}, False, id="another row"),
        pytest.param("onset=112", {"onset": 112, "apex": 123}, False, id="a row that was mended"),
        pytest.param("onset>apex", {"onset": 112, "apex": 83}, True, id="two cells"),
        pytest.param("onset>apex;onset<100", {"onset": 112, "apex": 83}, False, id="two conditions, one does not hold"),
        pytest.param("onset>=112;onset<=112", {"onset": 112, "apex": 83}, True, id="two conditions hold"),
        pytest.param("onset=112", {"onset": "none", "apex": 83}, False, id="a cell that is no number"),
        pytest.param("onset=112", {"apex": 83}, False, id="a column that the release lacks"),
    ],
)
def test_a_condition_names_a_row_whose_clip_was_never_published(where, cells, fits):
    assert correction(where=where).fits(row(**cells), "r", "s", "c") is fits


def test_release_subject_and_clip_must_all_be_those_of_the_row():
    one = correction(release="r", subject="s", clip="c", where="")
    given = row(apex=83)
    assert one.fits(given, "r", "s", "c")
    assert not any(one.fits(given, *other) for other in (("x", "s", "c"), ("r", "x", "c"), ("r", "s", "x")))


def test_a_correction_for_any_row_needs_a_condition_that_can_be_read():
    with pytest.raises(ValueError, match="needs a condition"):
        correction(where="")
    with pytest.raises(ValueError, match="a condition is column<number"):
        correction(where="onset is 112").fits(row(apex=83), "r", "s", "c")


@pytest.mark.parametrize("table", TABLES)
def test_every_published_correction_can_be_read_and_has_a_reason(table):
    corrections = read_corrections(table.removesuffix(".csv"))
    assert corrections
    for each in corrections:
        assert each.reason
        assert each.expected != each.corrected
        each.fits(row(**{each.column: each.expected, "onset": 1, "apex": 2, "offset": 3}), each.release, "s", "c")

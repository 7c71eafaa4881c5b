"""Masked intervals in every file that a run leaves: the same frames, the same words."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from pympi.Elan import Eaf

from micromask.core.types import Analysis, MaskedInterval, Measure, Movement
from micromask.reports.document import analysis_document, analysis_from_document
from micromask.reports.elan import write_elan
from micromask.reports.folder import MASKED_FILE, write_run
from micromask.reports.masked import (
    MASKED_COLUMNS,
    PARTS,
    UPPER_WORDS,
    masked_header,
    measures_words,
    way_words,
    write_masked_csv,
)
from micromask.reports.page import report_html

TIMES = (7.2, 7.6, 8.0, 8.4)
COURSES = {"mouth": (0.0, 2.0, 4.0, 0.5), "eyes": (0.0, 0.1, 0.1, 0.0), "brows": (0.0, -0.1, 0.1, 0.0)}


def moved(**ways: tuple[float, float]) -> tuple[Movement, ...]:
    return tuple(Movement(part, *ways.get(part.rpartition("_")[0], (0.0, 0.1))) for part in PARTS)


STILL = MaskedInterval(
    face=0,
    onset=1480,
    apex=1600,
    offset=1680,
    onset_s=7.4,
    apex_s=8.0,
    offset_s=8.4,
    upper="still",
    score=0.76,
    smile=(1480, 1600, 1680),
    movements=moved(mouth_corner=(3.0, 2.6), upper_cheek=(0.1, 0.8)),
    measures=(Measure("mouth corners up and outward", 4.0, 1.8), Measure("lower lids up", 0.1, 0.24)),
    times=TIMES,
    courses=COURSES,
)
LOWERED = replace(
    STILL,
    onset=844,
    apex=870,
    offset=920,
    onset_s=4.22,
    apex_s=4.35,
    offset_s=4.6,
    upper="brows-lowered",
    score=0.69,
    smile=(840, 860, 930),
    movements=moved(mouth_corner=(2.0, 2.0), inner_brow=(-0.5, -1.5)),
    measures=(Measure("mouth corners up and outward", 2.9, 1.8), Measure("inner brows down", 1.5, 0.9)),
)


@pytest.fixture
def marked(invented: Callable[..., Analysis]) -> Analysis:
    return invented(masked=(LOWERED, STILL))


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ((3.0, 4.0), "up and outward 5.0 %"),
        ((-3.0, -4.0), "down and inward 5.0 %"),
        ((2.0, 0.1), "outward 2.0 %"),
        ((0.2, -1.0), "down 1.0 %"),
        ((0.2, 0.2), "stays"),
    ],
)
def test_a_way_is_told_in_words_and_per_cent(way, words):
    assert way_words(Movement("chin", *way)) == words


def test_what_decided_is_told_with_the_side_of_the_limit_that_it_lies_on():
    assert measures_words(STILL) == [
        "mouth corners up and outward 4.0 % (at least 1.8 %)",
        "lower lids up 0.1 % (below 0.2 %)",
    ]
    assert measures_words(LOWERED)[1] == "inner brows down 1.5 % (at least 0.9 %)"


def test_the_csv_has_a_row_a_mark_with_its_frames_and_its_evidence(marked, tmp_path):
    write_masked_csv(marked, tmp_path / "m.csv")
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == masked_header()
    assert [row["upper"] for row in rows] == ["brows-lowered", "still"]
    assert [row["pair"] for row in rows] == ["happy_but_angry", ""]
    assert (rows[0]["onset"], rows[0]["apex"], rows[0]["offset"]) == ("844", "870", "920")
    assert (rows[0]["smile_onset"], rows[0]["smile_apex"], rows[0]["smile_offset"]) == ("840", "860", "930")
    assert (rows[0]["inner_brow_left_up"], rows[0]["inner_brow_left_outward"]) == ("-1.5", "-0.5")
    assert rows[1]["measures"] == "; ".join(measures_words(STILL))
    assert all(column.meaning for column in MASKED_COLUMNS.values())


def test_the_document_holds_the_marks_and_gives_them_back(marked):
    document = json.loads(json.dumps(analysis_document(marked), allow_nan=False))
    first = document["masked"][0]
    assert (first["upper"], first["pair"]) == ("brows-lowered", "happy_but_angry")
    assert first["said"] == "lower face smiles, brows are lowered"
    assert first["smile"] == {"onset": 840, "apex": 860, "offset": 930}
    again = analysis_from_document(document)
    assert again.masked is not None
    assert analysis_document(replace(marked, masked=again.masked))["masked"] == document["masked"]


def test_a_film_in_which_they_were_not_looked_for_says_nothing_of_them(invented, tmp_path):
    plain = invented()
    document = analysis_document(plain)
    assert "masked" not in document
    assert analysis_from_document(document).masked is None
    assert "Masked expressions" not in report_html(plain)
    assert MASKED_FILE not in {path.name for path in write_run(plain, tmp_path / "run").values()}


def test_elan_has_a_tier_of_its_own(marked, tmp_path):
    write_elan(marked, tmp_path / "a.eaf", tmp_path / "a.mp4")
    eaf = Eaf(tmp_path / "a.eaf", suppress_version_warning=True)
    assert list(eaf.get_tier_names()) == ["Expressions", "Apex", "Regions", "Events", "Masked"]
    assert sorted(eaf.get_annotation_data_for_tier("Masked")) == [
        (4220, 4605, "lower face smiles, brows are lowered (score 0.69)"),
        (7400, 8405, "lower face smiles, upper face does not (score 0.76)"),
    ]


def test_the_report_has_a_section_with_their_evidence_and_a_way_to_the_pictures(marked, read_page):
    page = read_page(report_html(marked))
    ids = [own["id"] for _, own in page.elements if "id" in own]
    assert {"masked", "masked-1", "masked-2"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert len(page.all("a", href="#expression-2")) >= 2  # of the first mark; it overlaps the second expression
    assert len(page.all("a", href="#expression-3")) >= 2
    for words in (
        "M1: lower face smiles, brows are lowered",
        "M2: lower face smiles, upper face does not",
        "inner brows down 1.5 % (at least 0.9 %)",
        "up and outward 4.0 %",
        "It is no probability",
        "pattern that coders name happy_but_angry",
        "What somebody felt, and why, is not in them",
    ):
        assert words in page.text, words


def test_a_report_in_which_nothing_was_marked_says_what_is_not_marked(invented, read_page):
    page = read_page(report_html(invented(masked=())))
    assert "None was marked. Smiles of the whole face are not marked" in page.text


def test_a_run_leaves_the_table_and_takes_it_away_when_it_is_not_asked_for_again(marked, invented, tmp_path):
    paths = write_run(marked, tmp_path / "run")
    assert paths["masked"] == tmp_path / "run" / "masked.csv"
    assert paths["masked"].is_file()
    write_run(invented(), tmp_path / "run", overwrite=True)
    assert not paths["masked"].exists()


def test_every_kind_of_mark_has_words():
    for upper, words in UPPER_WORDS.items():
        assert "lower face smiles" in words, upper

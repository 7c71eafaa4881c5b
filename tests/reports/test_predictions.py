"""The table and the page of predictions: a row a face, and nothing that a file's name could do."""

from __future__ import annotations

import csv
import io
import re

import numpy as np

from micromask.core.predictions import FaceRead, PictureRead
from micromask.reports.predictions import (
    COLUMNS,
    NO_MODEL,
    line_document,
    lines_of,
    read_line,
    render,
    without_pictures,
    write_csv,
)

GREY = np.full((64, 64, 3), 120, np.uint8)
HEAT = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
CLASSES = ("anger", "joy")
TWO = PictureRead(
    "=holiday<b>.jpg",
    (480, 640),
    (
        FaceRead((10, 20, 110, 140), 0.99, GREY, ("sharpened",), {"anger": 0.25, "joy": 0.75}, HEAT),
        FaceRead((300, 20, 330, 60), 0.9, GREY, (), {"anger": 0.6, "joy": 0.4}, cautions=("only 30 px wide",)),
    ),
    ("its colours are for print",),
)
NONE = PictureRead("wall.png", (100, 100))
TORN = PictureRead("torn.jpg", None, why="is no picture")
LINES = (*lines_of(TWO), *lines_of(NONE), *lines_of(TORN))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_has_a_row_a_face_and_one_for_each_picture_without() -> None:
    rows = table(write_csv(LINES, CLASSES))
    assert [(row["picture"], row["face"], row["emotion"]) for row in rows] == [
        ("'=holiday<b>.jpg", "1", "joy"),
        ("'=holiday<b>.jpg", "2", "anger"),
        ("wall.png", "", ""),
        ("torn.jpg", "", ""),
    ]
    assert (rows[0]["p_anger"], rows[0]["p_joy"], rows[0]["x1"], rows[0]["width"]) == (
        "0.2500",
        "0.7500",
        "110.0",
        "640",
    )
    assert rows[1]["cautions"] == "only 30 px wide; its colours are for print"
    assert (rows[2]["cautions"], rows[3]["why"], rows[3]["p_joy"]) == ("no face was found", "is no picture", "")
    named = [f"p_{name}" for name in CLASSES]
    told = [each for name in COLUMNS for each in (named if name == "p_<class>" else [name])]
    assert list(rows[0]) == told


def test_without_a_model_the_table_has_no_shares() -> None:
    bare = PictureRead("a.jpg", (9, 9), (FaceRead((0, 0, 5, 5), 0.5, GREY),))
    (row,) = table(write_csv(lines_of(bare), ()))
    assert (row["face"], row["emotion"]) == ("1", "")
    assert not [name for name in row if name.startswith("p_")]


def test_the_page_shows_faces_and_heat_and_loads_and_runs_nothing() -> None:
    page = render(LINES, title="<i>my</i> pictures", model="cnn (m), 2 classes", classes=CLASSES)
    assert page.count("data:image/jpeg;base64,") == 3  # two faces, one heat
    assert "<i>my" not in page
    assert "=holiday<b>" not in page
    assert not re.search(r"<script|https?://|<link", page)
    assert "default-src 'none'" in page
    for words in ("75 %", "cnn (m), 2 classes", "Without a face", "is no picture", "2 faces in 3 pictures"):
        assert words in page


def test_the_page_without_a_model_says_that_none_is_shipped_and_how_to_have_one() -> None:
    page = render(lines_of(NONE), title="x", model="", classes=())
    assert "No model of seven emotions comes with micromask" in page
    assert "micromask train image-folder" in page
    assert NO_MODEL in page


def test_a_row_can_be_kept_and_read_again() -> None:
    line = LINES[0]
    again = read_line(line_document(line), line.shown, line.heat)
    assert again == line
    assert without_pictures(line).shown == b""
    assert without_pictures(line).has_face

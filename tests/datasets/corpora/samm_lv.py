"""A corpus laid out as SAMM Long Videos, with invented people, films and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

HEADER = (
    "Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset", "Duration", "Type", "Action Units", "Notes",
)  # fmt: skip
MICRO, MACRO = "Micro - 1/2", "Macro"

FILMS: dict[str, Sequence[int]] = {
    "901_1": range(1, 61),
    "901_2": range(1, 31),
    "902_1": [*range(1, 21), *range(31, 51)],
    "903_4": range(10001, 10021),
}
"""The numbers of each film's files: 901_2 has no expression, 902_1 lacks 21 to 30, 903_4 has five digits."""

ROWS: tuple[tuple[object, ...], ...] = (
    ("901", "901_1_1", 1, 5, 9, 14, MICRO, "4(B/C)+7B"),
    ("901", "901_1_1", 1, 20, 30, 55, MACRO, "6C/D+ref(7)12E+25"),
    ("902", "902_1_1", 1, 32, 40, 48, MACRO, "(1B+2A)or(loses AU4)"),
    ("903", "903_4_2", 4, 10004, 10008, 10012, MICRO, "4+glare"),
)

MISTAKES: tuple[tuple[object, ...], ...] = (
    ("901", "901_1_2", 1, 16.4, 17.6, 18.7, MICRO, "4"),
    ("901", "901_1_3", 1, 0, 10, 40, MACRO, "12"),
    ("902", "902_1_2", 1, 2, -1, 9, MACRO, "12"),
    ("902", "902_1_3", 1, 15, 17, 35, MACRO, "12"),
    ("902", "902_1_4", 1, 22, 25, 29, MICRO, "12"),
)
"""Fractions, an onset before the film, an apex that is not marked, an interval over the gap and one inside it."""


def build(folder: Path, mistakes: bool = False, rows: Sequence[Sequence[object]] = ROWS) -> Path:
    rows = [*rows, *MISTAKES] if mistakes else list(rows)
    folder.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    table = book.active
    table.title = "FACS_Movement_Only"
    for at in range(9):
        table.append((f"Legend {at}",))
    table.append(HEADER)
    for subject, clip, code, onset, apex, offset, kind, units in rows:
        table.append((subject, clip, code, onset, apex, offset, offset - onset + 1, kind, units, ""))
    book.save(folder / "SAMM_LongVideos_V3_Release.xlsx")
    noise = np.random.default_rng(4)
    for film, numbers in FILMS.items():
        place = folder / "SAMM_longvideos" / film
        place.mkdir(parents=True)
        digits = 5 if film == "903_4" else 4
        for number in numbers:
            picture = noise.integers(0, 256, (8, 8), dtype=np.uint8)
            (place / f"{film}_{number:0{digits}d}.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    return folder

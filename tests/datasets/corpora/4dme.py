"""An invented corpus in the layout of 4DME."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

_unique = count()

UNITS = (1, 4, 7, 12, 14)
EMOTIONS = ("Positive", "Negative", "Surprise", "Repression", "Others")
HEADER = (
    *("sub_ID", "fold_name", "Emotion", "Onset", "Apex", "Offset", "AUs", *(f"AU{number}" for number in UNITS)),
    *(*EMOTIONS, "Total", "eye blink", "fold"),
)


def write_frames(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = np.random.default_rng(next(_unique)).integers(0, 256, (8, 8), dtype=np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix.lower(), picture)[1].tobytes())


def line(
    subject: str, name: str, emotion: str, frames: tuple[int, int, int], text: str, units: tuple[int, ...]
) -> tuple:
    """A row of the sheet: its columns of single units and emotions hold ones."""
    marks = [int(number in units) for number in UNITS]
    told = [int(name in emotion.split("+")) for name in EMOTIONS]
    return (subject, name, emotion, *frames, text, *marks, *told, sum(marks), 0, 1)


ROWS = [
    line("S01", "1st_001", "Negative", (12, 16, 22), "AU4(k)+L7", (4, 7)),
    line("S01", "1st_002", "Positive", (2001, 2005, 2010), "AU12", (12,)),
    line("S02", "1st_001", "Surprise+Positive", (1, 4, 9), "AU1+12", (1, 12)),
    line("S02", "2nd_003", "Others", (5, 6, 9), "AUR14", (14,)),
]


def write_sheet(path: Path, *rows: tuple) -> None:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def build(folder: Path, mistakes: bool = False) -> Path:
    """4 clips of 2 subjects; one of them is counted on the long film.

    With mistakes: units in each other's row, columns that disagree with the text, a sum below the table.
    """
    root = folder / "4DMicro"
    rows = list(ROWS)
    folders = {"S01/1st_001": range(12, 23), "S01/1st_002": range(1, 11)}
    folders |= {"S02/1st_001": range(1, 10), "S02/2nd_003": range(1, 12)}
    if mistakes:
        folders |= {f"S03/1st_00{number}": range(1, 10) for number in range(1, 5)}
        rows += [
            line("S03", "1st_001", "Negative", (1, 4, 9), "AU12", (4,)),
            line("S03", "1st_002", "Positive", (1, 4, 9), "AU4", (12,)),
            line("S03", "1st_003", "Others", (1, 4, 9), "AU14", (1,)),
            line("S03", "1st_004", "Others", (1, 8, 5), "AU14", (14,)),
            (None, None, None, None, None, None, "sum", 2, 3, 1, 4, 3, *[1] * 5, 13, 0, None),
        ]
    for name, numbers in folders.items():
        write_frames(root / "gray_micro" / name, [f"{number}.jpg" for number in numbers])
    write_sheet(root / "4DME_Labelling_Micro_release v1.xlsx", HEADER, *rows)
    return root

"""An invented corpus in the layout of MMEW."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

_unique = count()

HEADER = (
    *("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame"),
    *("Action Units", "Estimated Emotion", "remarks"),
)
ROWS = [
    ("S01", "S01-02-001", 1, 9, 20, "4+9", "disgust", None),
    ("S01", "S01-03-001", 3, 7, 12, "L14", "others", None),
    ("S02", "S02-05-002", 1, 4, 9, 1, "surprise", "short"),
    ("S02", "S02-05-003", 2, 6, 10, "1+2", "surprise", None),
]
FOLDERS = {
    "disgust/S01-02-001": 20,
    "repression/S01-03-001": 15,
    "surprise/S02-05-002": 9,
    "surprise/S02-05-003": 10,
}


def write_frames(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = np.random.default_rng(next(_unique)).integers(0, 256, (8, 8), dtype=np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix.lower(), picture)[1].tobytes())


def build(folder: Path, mistakes: bool = False) -> Path:
    """4 clips of 2 subjects. With mistakes: rows that count on the long film, cells without a number, wrong apexes."""
    root = folder / "MMEW_Final"
    rows, folders = list(ROWS), dict(FOLDERS)
    if mistakes:
        folders |= {f"surprise/S03-05-00{number}": 10 for number in range(1, 8)}
        rows += [
            ("S03", "S03-05-001", 501, 504, 510, "1", "surprise", None),
            ("S03", "S03-05-002", 8, 11, 17, "1", "surprise", None),
            ("S03", "S03-05-003", 301, 304, 313, "1", "surprise", None),
            ("S03", "S03-05-004", 2, "/", "/", "1", "surprise", None),
            ("S03", "S03-05-005", 2, 12, 9, "1", "surprise", None),
            ("S03", "S03-05-006", 2, 5, 9, "1", "fear", None),
            ("S03", "S03-05-009", 2, 5, 9, "1", "surprise", None),
        ]
    for name, last in folders.items():
        write_frames(root / "Micro_Expression" / name, [f"{number}.jpg" for number in range(1, last + 1)])
    book = Workbook()
    for row in [HEADER, *rows]:
        book.active.append(row)
    book.save(root / "MMEW_Micro_Exp.xlsx")
    return root

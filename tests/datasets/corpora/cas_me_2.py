"""An invented corpus in the layout of CAS(ME)²."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

_unique = count()

ROWS = [
    (1, "disgust1_1", 11, 16, 22, "4+7", "negative", "micro-expression", "disgust"),
    (1, "disgust1_2", 31, 40, 0, 12, "positive", "macro-expression", "happyiness"),
    (1, "happy1_1", 3, 9, 30, "6+12", "positive", "macro-expression", "happyiness"),
    (2, "anger1_1", 5, 8, 15, 4, "negative", "micro-expression", "anger"),
]


def write_frames(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = np.random.default_rng(next(_unique)).integers(0, 256, (8, 8), dtype=np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix.lower(), picture)[1].tobytes())


def build(folder: Path, mistakes: bool = False) -> Path:
    """Subjects 1 and 2 (s15, s16), 4 expressions in 3 films, and a fourth film without any.

    With mistakes: the apexes that are known to be wrong, one that is wrong and not known, a name in no rule.
    """
    root = folder / "CAS(ME)^2"
    rows = list(ROWS)
    films = {"s15/15_0101disgustingteeth": 45, "s15/15_0502funny": 30, "s16/16_0401cruel": 20, "s16/16_0102worms": 12}
    if mistakes:
        films |= {f"{film}": 50 for film in ("s33/33_0401cruel", "s27/27_0101x", "s30/30_0503x", "s31/31_0401x")}
        rows += [
            (17, "anger1_1", 5, 0, 15, 4, "negative", "micro-expression", "anger"),
            (11, "disgust1_5", 21, 40, 35, "4", "negative", "macro-expression", "disgust"),
            (14, "happy2_1", 1, 29, 25, "12", "positive", "macro-expression", "happyiness"),
            (15, "anger1_12", 2, 20, 12, "4", "negative", "micro-expression", "anger"),
            (2, "anger1_2", 3, 19, 9, "4", "negative", "micro-expression", "anger"),
            (2, "envy1_1", 3, 5, 9, "4", "negative", "micro-expression", "envy"),
            (2, "disgust1_1", 3, 5, 9, "4", "negative", "micro-expression", "disgust"),
        ]
    for film, length in films.items():
        write_frames(root / "rawpic" / film, [f"img{number:03d}.jpg" for number in range(1, length + 1)])
    book = Workbook()
    book.active.title = "CASFEcode_final"
    for row in rows:
        book.active.append(row)
    people = book.create_sheet("naming rule1")
    for row in ((15, "s15", 1), (16, "s16", 2), (27, "s27", 11), (30, "s30", 14), (31, "s31", 15), (33, "s33", 17)):
        people.append(row)
    videos = book.create_sheet("naming rule2")
    for row in (("0101", "disgust1"), ("0102", "disgust2"), ("0401", "anger1"), ("0502", "happy1"), ("0503", "happy2")):
        videos.append(row)
    book.save(root / "CAS(ME)^2code_final.xlsx")
    return root

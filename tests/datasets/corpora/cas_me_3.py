"""An invented corpus in the layout of CAS(ME)³, parts A and C."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

_unique = count()

HEADER_A = ("Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion")
ROWS_A = [
    ("spNO.1", "a", "12", "15", "22", "4", "VII", "disgust"),
    ("spNO.1", "a", "30", "33", "39", "L2", "V", "surprise"),
    ("spNO.1", "J", "9", "12", "14", "26+25", "II", "Others"),
    ("spNO.39", "b", "10", "10", "30", "T28+14", "VII", "others"),
]
WRONG_A = [
    ("spNO.39", "long", "112", "83", "130", "4", "VII", "disgust"),
    ("spNO.39", "long", "3647", "2650", "2660", "4", "VII", "disgust"),
    ("spNO.39", "long", "1835", "1840", "0", "4", "VII", "disgust"),
    ("spNO.39", "long", "2390", "2400", "0", "4", "VII", "disgust"),
    ("spNO.39", "long", "20", "30", "3460", "4", "VII", "disgust"),
    ("spNO.39", "long", "0", "0", "9", "4", "VII", "disgust"),
    ("spNO.39", "long", "50", "70", "60", "4", "VII", "disgust"),
    ("spNO.7", "a", "5", "6", "9", "4", "VII", "disgust"),
]
HEADER_C = ("sub", "count", "onset", "offset", "au", "emotion")
ROWS_C = [
    (1, 1, 5, 14, "4，7", "negative"),
    (1, 2, 21, 30, "12,", "positive"),
    (2, 1, 3, 9, "13?", "others"),
]


def write_frames(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = np.random.default_rng(next(_unique)).integers(0, 256, (8, 8), dtype=np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix.lower(), picture)[1].tobytes())


def write_sheet(path: Path, table: str, *rows: tuple[object, ...]) -> None:
    book = Workbook()
    book.active.title = table
    for row in rows:
        book.active.append(row)
    book.create_sheet("Sheet2")
    book.save(path)


def build(folder: Path, mistakes: bool = False) -> Path:
    """Part A: spNO.1 (films a, j) and spNO.39 (b, and c without an expression); part C: 01 and 02.

    The first seven frames of each film are missing, as on disk. With mistakes: every row that is known to be wrong, one
    that is wrong and not known, and a subject without a folder.
    """
    root = folder / "CASME3"
    for film, last in {"spNO.1/a": 45, "spNO.1/j": 20, "spNO.39/b": 40, "spNO.39/c": 12}.items():
        write_frames(root / "part_A" / film / "color", [f"{number}.jpg" for number in range(8, last + 1)])
    for film, last in {"01/a": 40, "02/a": 12}.items():
        write_frames(root / "part_C" / film / "color", [f"{number}.jpg" for number in range(1, last + 1)])
    if mistakes:
        ranges = (range(1, 131), range(1835, 1846), range(2390, 2404), range(2647, 2661))
        write_frames(root / "part_A/spNO.39/long/color", [f"{number}.jpg" for part in ranges for number in part])
    rows = ROWS_A + WRONG_A if mistakes else ROWS_A
    write_sheet(root / "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx", "label", HEADER_A, *rows)
    full = [(*row, "Micro") for row in ROWS_A] + [("spNO.1", "a", "20", "28", "44", "12", "I", "happy", "Macro")]
    write_sheet(root / "CAS(ME)3_part_A_v2.xlsx", "AU+Emotion", (*HEADER_A, "Expression type"), *full)
    write_sheet(root / "CAS(ME)3_part_C_ME.xlsx", "mockCrimeME", HEADER_C, *ROWS_C)
    return root

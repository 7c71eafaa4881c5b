"""A corpus laid out as CASME, with invented people, clips and numbers."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

HEADER = ("Subject", "Filename", None, "OnsetF", "ApexF1", "ApexF2", "OffsetF", None, "AU", "Emotion")

ROWS: tuple[tuple[object, ...], ...] = (
    (1, "EP91_1", 41, 46, None, 52, "4", "tense"),
    (1, "EP91_12", 5, 9, 11, 14, "14", "repression"),
    (7, "EP92_3", 97, 99, None, 104, "L12", "happiness"),
    (7, "EP93_1_2", 12, 15, 15, 21, "1+2", "surprise"),
)

MISTAKES: tuple[tuple[object, ...], ...] = (
    (7, "EP95_1", 30, 34, None, 44, "4", "disgust"),
    (7, "EP95_2", 30, 34, None, 44, "4", "disgust"),
    (7, "EP95_3", 44, 34, None, 30, "4", "disgust"),
)
"""Files of the first end at 40, those of the second before 20, the third runs backwards."""


def build(folder: Path, mistakes: bool = False, cropped: bool = False) -> Path:
    rows = [*ROWS, *MISTAKES] if mistakes else list(ROWS)
    folder.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    book.active.append(HEADER)
    for subject, clip, onset, apex, second, offset, units, emotion in rows:
        book.active.append((subject, clip, None, onset, apex, second, offset, None, units, emotion))
    book.save(folder / "casme.xlsx")
    noise = np.random.default_rng(1)
    for subject, clip, onset, _, _, offset, *_ in rows:
        numbers = {"EP95_1": range(28, 41), "EP95_2": range(1, 20)}.get(str(clip), range(onset - 2, offset + 3))
        width = 3 if subject == 7 else 1
        place = folder / ("Cropped" if cropped else "CASME_raw_selected") / f"sub{subject:02d}" / str(clip)
        place.mkdir(parents=True)
        for number in numbers:
            picture = noise.integers(0, 256, (8, 8), dtype=np.uint8)
            name = f"{'reg_' if cropped else ''}{clip}-{number:0{width}d}.jpg"
            (place / name).write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    return folder

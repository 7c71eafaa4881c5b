"""A corpus laid out as SAMM, with invented people, clips and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

HEADER = (
    "Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration", "Micro",
    "Action Units", "Estimated Emotion", "Objective Classes", "Notes",
)  # fmt: skip
LEGEND = ("Legend", '"/" = or', '"?" = unclear offset', "L/R = unilateral", "A = asymmetric")

ROWS: tuple[tuple[object, ...], ...] = (
    ("901", "901_1_2", 1, 5562, 5570, 5574, "4+7", "Anger", 4),
    ("901", "901_3_1", 3, 88, 93, 101, "R14A or 17A", "Contempt", 5),
    ("902", "902_2_10", 2, 700, 707, 712, "12+15 ", "Happiness", 1),
    ("902", "902_5_1", 5, 1200, 1206, 1213, "R14+17+soft focus", "Other", 7),
)

MISTAKES: tuple[tuple[object, ...], ...] = (
    ("013", "013_1_9", 1, 5700, 5725, 5793, "4", "Disgust", 4),
    ("028", "028_4_1", 4, 1000, 1200, 1020, "(R6 or R12)+R15", "Sadness", 7),
    ("032", "032_3_1", 3, 400, 300, 409, "7C+A12B", "Fear", 6),
)
"""Known mistakes, with invented numbers: an offset with swapped digits, an apex behind and one before its clip."""


def build(
    folder: Path,
    mistakes: bool = False,
    rows: Sequence[Sequence[object]] = ROWS,
    header_row: int = 14,
    name: str = "SAMM_Micro_FACS_Codes_v2.xlsx",
) -> Path:
    """``header_row`` counts from 1; the durations are right but for 013_1_9, which has that of its true offset."""
    rows = [*rows, *MISTAKES] if mistakes else list(rows)
    sheet(folder / name, rows, header_row)
    noise = np.random.default_rng(3)
    for subject, clip, _, onset, _, offset, *_ in rows:
        last = 5739 if clip == "013_1_9" else offset
        place = folder / "SAMM" / str(subject) / str(clip)
        place.mkdir(parents=True)
        for number in range(onset - 2, last + 3):
            picture = noise.integers(0, 256, (8, 8), dtype=np.uint8)
            digits = 4 if clip == "901_3_1" else 5
            (place / f"{subject}_{number:0{digits}d}.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    return folder


def sheet(path: Path, rows: Sequence[Sequence[object]], header_row: int = 14) -> None:
    book = Workbook()
    table = book.active
    if header_row > 2:
        book.create_sheet("About", 0).append(("Nothing to see here",))
        table.title = "MICRO_ONLY"
    for at in range(header_row - 1):
        table.append((LEGEND[at] if at < len(LEGEND) else "",) if header_row > 2 else ("SAMM",))
    table.append(HEADER)
    for subject, clip, code, onset, apex, offset, units, emotion, objective in rows:
        duration = (5739 if clip == "013_1_9" else offset) - onset + 1
        table.append((subject, clip, code, onset, apex, offset, duration, "Micro - 1/2", units, emotion, objective, ""))
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)

"""A corpus laid out as CASME II, with invented people, clips and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

HEADER = (
    "Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None, "Action Units", "Estimated Emotion",
)  # fmt: skip

ROWS: tuple[tuple[object, ...], ...] = (
    ("01", "EP91_01f", 46, 52, 60, "4+7", "disgust"),
    ("01", "EP91_02", 3, 9, 12, 12, "happiness"),
    ("02", "EP92_01_02", 120, 128, 133, "4+L10", "others"),
    ("02", "EP93f", 8, 11, 15, "12+L14", "repression"),
    ("26", "EP94_01f", 98, 103, 110, "?", "surprise"),
)

MISTAKES: tuple[tuple[object, ...], ...] = (
    ("01", "EP95_01f", 20, "/", 31, "4", "others"),
    ("02", "EP95_02f", 20, 30, 30, 1, "surprise"),
)


def build(folder: Path, mistakes: bool = False, rows: Sequence[Sequence[object]] = ROWS, images: str = "raw") -> Path:
    """``mistakes``: an apex '/', an apex on the edge and a folder without a row. Three frames lie around each clip."""
    rows = [*rows, *MISTAKES] if mistakes else list(rows)
    sheet(folder / "CASME2-coding-20140508.xlsx", rows)
    top, prefix = ("CASME2_RAW_selected", "img") if images == "raw" else ("Cropped", "reg_img")
    noise = np.random.default_rng(2)
    for subject, clip, onset, _, offset, *_ in rows:
        place = folder / top / f"sub{int(str(subject)):02d}" / str(clip)
        pictures(place, [f"{prefix}{number}.jpg" for number in range(max(1, onset - 3), offset + 4)], noise)
    if mistakes:
        pictures(folder / top / "sub26" / "EP96_01f", [f"{prefix}7.jpg"], noise)
    return folder


def sheet(path: Path, rows: Sequence[Sequence[object]]) -> None:
    book = Workbook()
    first = book.active
    first.title = "Sheet1"
    first.append(HEADER)
    for subject, clip, onset, apex, offset, units, emotion in rows:
        first.append((subject, clip, None, onset, apex, offset, None, units, emotion))
    book.create_sheet("Sheet2")
    book.create_sheet("Sheet3")
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def objective_classes(path: Path, rows: Sequence[Sequence[object]]) -> None:
    book = Workbook()
    book.active.append(("Subject", "Filename", "Objective Class"))
    for row in rows:
        book.active.append(tuple(row))
    book.save(path)


def pictures(folder: Path, names: Sequence[str], noise: np.random.Generator) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = noise.integers(0, 256, (8, 8), dtype=np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix, picture)[1].tobytes())

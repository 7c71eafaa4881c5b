"""An invented corpus in the layout of SMIC-E (HS_long, with a table of VIS in the same workbook)."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2
import numpy as np
from openpyxl import Workbook

_unique = count()

HS = (
    *("Subject", "Filename", None, "OnsetF", "OffsetF", "Onset2F", "Offset2F", None),
    *("FirstF", "LastF", "TotalMF1", "TotalMF2", "TotalVL", "Emotion"),
)
HS_ROWS = [
    (1, "s1_ne_01", None, 17000010, 17000029, None, None, None, 17000001, 17000060, 20, None, 60, "negative"),
    (1, "s1_sur_02", None, 530, 540, 512, 520, None, 501, 550, 11, 9, 50, "surprise"),
    (12, "s12_po_01", None, 1203, 1212, None, None, None, 1201, 1230, 10, None, 30, "positive"),
]
VIS_ROWS = [(1, "s1_ne_01", None, 33, 38, None, None, None, 30, 6, None, 20, "negative")]
VIS = (*HS[:9], *HS[10:])


def write_frames(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = np.random.default_rng(next(_unique)).integers(0, 256, (8, 8), dtype=np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix.lower(), picture)[1].tobytes())


def build(folder: Path, mistakes: bool = False) -> Path:
    """2 subjects, 3 films of HS with 4 expressions and one film without any; 1 film of VIS, counted from 1 on disk.

    With mistakes: text below the table, a film that was never distributed and whose FirstF is text, the same text where
    files count from 1, a checksum that does not hold, a film without a folder.
    """
    root = folder / "HS_long"
    films = root / "SMIC_HS_E"
    write_frames(films / "s01/s1_ne_01", [f"image{n}.jpg" for n in range(17000001, 17000061)])
    write_frames(films / "s01/s1_sur_02", [f"image{n:06d}.jpg" for n in range(501, 551)])
    write_frames(films / "s12/s12_po_01", [f"image{n:06d}.jpg" for n in range(1, 31)])
    write_frames(films / "s12/s12_quiet", [f"image{n:06d}.jpg" for n in range(1, 6)])
    write_frames(root / "SMIC_VIS_E/s1/s1_ne_01", [f"image{n}.jpg" for n in range(1, 21)])
    book = Workbook()
    hs = book.active
    hs.title = "HS"
    rows = list(HS_ROWS)
    if mistakes:
        write_frames(films / "s12/s12_ne_05", [f"image{n:06d}.jpg" for n in range(1, 31)])
        rows += [
            (
                3,
                "s3_ne_20",
                None,
                426700,
                426720,
                None,
                None,
                None,
                "MISSING <-426679",
                426800,
                21,
                None,
                122,
                "negative",
            ),
            (12, "s12_ne_05", None, 7010, 7020, None, None, None, "MISSING <-7001", 7030, 11, None, 30, "negative"),
            (1, "s1_ne_01", None, 17000040, 17000045, None, None, None, 17000001, 17000060, 9, None, 60, "negative"),
            (12, "s12_po_77", None, 10, 20, None, None, None, 1, 60, 11, None, 60, "positive"),
        ]
    for row in [HS, *rows]:
        hs.append(row)
    if mistakes:
        hs.append([])
        hs.append(["note: frames are absolute"])
    vis = book.create_sheet("VIS")
    for row in [VIS, *VIS_ROWS]:
        vis.append(row)
    book.create_sheet("Sheet3")
    book.save(root / "SMIC-HS-E_annotation_2019.xlsx")
    return root

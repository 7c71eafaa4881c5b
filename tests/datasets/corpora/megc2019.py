"""The three corpora of the composite in small, with invented rows, and their ground truth."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

CASME2 = [  # subject, clip, onset, apex, offset, emotion
    ("91", "EP91_01f", 2, 4, 6, "disgust"),
    ("91", "EP91_02", 1, 3, 6, "happiness"),
    ("92", "EP91_01f", 2, 3, 5, "repression"),
    ("92", "EP91_03f", 2, 3, 5, "others"),
]
SAMM = [
    ("906", "906_1_1", 11, 13, 16, "Anger"),
    ("906", "906_1_2", 21, 23, 26, "Surprise"),
    ("907", "907_3_1", 31, 33, 35, "Other"),
]
SMIC = [("s91", "negative", "s91_ne_01"), ("s91", "surprise", "s91_sur_01"), ("s92", "positive", "s92_po_02")]
TRUTH = """\
casme2,sub91,EP91_01f,0
casme2,sub91,EP91_02,1
casme2,sub92,EP91_01f,0
samm,906,906_1_1,0
samm,906,906_1_2,2
smic,s91,s91_ne_01,0
smic,s91,s91_sur_01,2
smic,s92,s92_po_02,1
""".replace("\n", "\r\n")


def build(folder: Path) -> Path:
    """CASME2, SAMM, SMIC and combined_3class_gt.csv: eight clips of the classes, two that have none."""
    root = folder / "MEGC 2019"
    rng = np.random.default_rng(0)

    def picture(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), rng.integers(0, 255, (8, 8), dtype=np.uint8))

    for subject, clip, *_ in CASME2:
        for number in range(1, 7):
            picture(root / "CASME2" / "CASME2_RAW_selected" / f"sub{subject}" / clip / f"img{number}.jpg")
    header = ["Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None]
    header += ["Action Units", "Estimated Emotion"]
    rows = [[who, clip, None, on, top, off, None, "4", felt] for who, clip, on, top, off, felt in CASME2]
    _sheet(root / "CASME2" / "CASME2-coding-20140508.xlsx", "Sheet1", [header, *rows])

    for subject, clip, onset, _, offset, _ in SAMM:
        for number in range(onset, offset + 1):
            picture(root / "SAMM" / "SAMM" / subject / clip / f"{subject}_{number:05d}.jpg")
    header = ["Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration"]
    header += ["Micro", "Action Units", "Estimated Emotion", "Objective Classes", "Notes"]
    rows = [
        [who, clip, 1, on, top, off, off - on + 1, "Micro - 1/2", "4", felt, 3, None]
        for who, clip, on, top, off, felt in SAMM
    ]
    legend = [["a legend", *[None] * 11]] * 13
    _sheet(root / "SAMM" / "SAMM_Micro_FACS_Codes_v2.xlsx", "MICRO_ONLY", [*legend, header, *rows])

    for subject, emotion, clip in SMIC:
        for number in range(5):
            picture(root / "SMIC" / "HS" / subject / "micro" / emotion / clip / f"image{number:06d}.bmp")
    (root / "combined_3class_gt.csv").write_bytes(TRUTH.encode())
    return root


def _sheet(path: Path, name: str, rows: list[list[object]]) -> None:
    pd.DataFrame(rows).to_excel(path, sheet_name=name, header=False, index=False)

"""An invented corpus in the layout of SMIC."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import cv2
import numpy as np

_unique = count()


def write_frames(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        picture = np.random.default_rng(next(_unique)).integers(0, 256, (8, 8), dtype=np.uint8)
        (folder / name).write_bytes(cv2.imencode(Path(name).suffix.lower(), picture)[1].tobytes())


def build(folder: Path, mistakes: bool = False) -> Path:
    """HS: 3 clips of s1 and 2 of s12; VIS: 1 of s1. With mistakes: labels that disagree, folders without pictures."""
    root = folder / "SMIC_all_raw"
    for camera, clips in {
        "HS": {
            "s1/micro/negative/s1_ne_01": range(107000, 107012),
            "s1/micro/positive/s1_po_02": range(99995, 100006),
            "s1/micro/surprise/s1_sur_01": range(5, 14),
            "s12/micro/negative/s12_ne_03": range(900, 921),
            "s12/micro/surprise/s12_sur_02": range(1, 31),
        },
        "VIS": {"s1/micro/negative/s1_ne_01": range(201, 206)},
    }.items():
        for clip, numbers in clips.items():
            write_frames(root / camera / clip, [f"image{number}.bmp" for number in numbers])
    if mistakes:
        hs = root / "HS"
        write_frames(hs / "s1/micro/positive/s1_ne_09", ["image1.bmp", "image2.bmp"])
        write_frames(hs / "s12/micro/positive/s3_po_01", ["image1.bmp", "image2.bmp"])
        write_frames(hs / "s1/non_micro/s1_non_01", ["image1.bmp"])
        write_frames(hs / "s1/micro/puzzled/s1_pu_01", ["image1.bmp"])
        (hs / "s12/micro/surprise/s12_sur_09").mkdir()
        (hs / "s7/micro").mkdir(parents=True)
    return root

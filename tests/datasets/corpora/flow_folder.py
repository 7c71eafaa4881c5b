"""The layout of STSTNet and HTNet: a folder per held-out subject, everybody's maps in each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

MAPS = [
    ("sub91", "0", "sub91_EP91_01f"),
    ("sub91", "1", "sub91_EP91_02"),
    ("s91", "0", "s91_s91_ne_91"),
    ("s91", "2", "s91_s91_sur_91"),
    ("906", "2", "906_906_1_1"),
]
SUBJECTS = ("sub91", "s91", "906")


def build(folder: Path) -> Path:
    """Five maps of three subjects, each in three folders; one name ends in a blank."""
    root = folder / "three_norm"
    for subject in SUBJECTS:
        for seed, (whose, label, name) in enumerate(MAPS):
            side = "u_test" if whose == subject else "u_train"
            place = root / subject / side / label
            place.mkdir(parents=True, exist_ok=True)
            blank = " " if name == "sub91_EP91_02" and subject != whose else ""
            pixels = np.random.default_rng(seed).integers(0, 255, (28, 28, 3), dtype=np.uint8)
            cv2.imwrite(str(place / f"{name}{blank}.png"), pixels)
    return root

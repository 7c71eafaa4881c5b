"""A folder of images per emotion, two people in the names."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def build(folder: Path) -> Path:
    """anger, happiness and happy_but_sad with two images of two people each; every image differs."""
    rng = np.random.default_rng(0)
    root = folder / "faces"
    for emotion in ("anger", "happiness", "happy_but_sad"):
        (root / emotion).mkdir(parents=True)
        for name in ("S01_2.png", "S01_10.png", "S02_1.JPG", "S02_2.png"):
            cv2.imwrite(str(root / emotion / name), rng.integers(0, 255, (8, 8), dtype=np.uint8))
    return root


OPTIONS = {"subject_pattern": r"^(S\d+)_"}
"""How the loader is to be asked so that it knows who is in the images."""

"""A table of motion maps: three people of two corpora, invented."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

ROWS = [
    ("casme2", "sub91", "EP91_01f", "negative"),
    ("casme2", "sub91", "EP91_02", "positive"),
    ("casme2", "sub92", "EP91_01f", "surprise"),
    ("smic", "s91", "s91_ne_91", "negative"),
    ("smic", "s91", "s91_sur_91", "surprise"),
]


def write_map(path: Path, seed: int) -> None:
    """A 28x28 map of noise; another seed is another map."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(0, 255, (28, 28, 3), dtype=np.uint8))


def build(folder: Path) -> Path:
    """manifest.csv and five maps."""
    root = folder / "maps-and-table"
    lines = ["dataset,subject,clip,emotion,file"]
    for seed, (dataset, subject, clip, emotion) in enumerate(ROWS):
        file = f"maps/{subject}_{clip}.png"
        write_map(root / file, seed)
        lines.append(f"{dataset},{subject},{clip},{emotion},{file}")
    (root / "manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root

"""A synthetic corpus in small: two people, two clips each, of 64 px."""

from __future__ import annotations

from pathlib import Path

from micromask.datasets.synthetic import CorpusPlan, synthesize


def build(folder: Path) -> Path:
    """clips.csv, four films of 12 frames, synthetic.json."""
    root = folder / "people"
    synthesize(root, CorpusPlan(subjects=2, clips_per_subject=2, fps=20, seconds=0.6, size=64))
    return root

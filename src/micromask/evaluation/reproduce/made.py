"""The small synthetic corpus on which a paper is tried where no data is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from micromask.core.clips import Clip
from micromask.datasets import load
from micromask.datasets.synthetic import synthesize
from micromask.evaluation.reproduce.paper import Paper

SYNTHETIC = "synthetic"


def make_corpus(
    paper: Paper, folder: Path, *, jobs: int = 1, progress: Callable[[int], None] | None = None
) -> tuple[Clip, ...]:
    """Write a paper's own small corpus and read it: people with different faces, expressions as weak as real ones.

    People sit and are lit a little differently from clip to clip, as in a film studio over a morning. That is what a
    network has to go by when frames of one clip are on both sides. The same paper gives the same bytes.

    Parameters
    ----------
    paper : Paper
    folder : Path
        New; the pictures are read from it while the paper is run.
    jobs : int
        Processes that draw.
    progress : callable, optional
        Called with the frames drawn so far.
    """
    synthesize(folder, paper.quick.corpus, jobs=jobs, progress=progress)
    return paper.prepare(load(SYNTHETIC, folder))

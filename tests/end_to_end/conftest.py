"""Films made on the spot, analysed from end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micromask.core.types import Analysis
from micromask.datasets.synthetic import Script, write
from micromask.inference.analyze import Settings, analyze
from micromask.recordings import write_film

Image = np.ndarray[Any, Any]


@pytest.fixture
def analysed(tmp_path: Path) -> Callable[..., Analysis]:
    """The analysis of a script's film, or of a film of some frames at 30 frames/s; intervals only."""

    def make(film: Script | Iterable[Image], face: str = "largest") -> Analysis:
        path = tmp_path / f"film-{len(list(tmp_path.iterdir()))}.mp4"
        if isinstance(film, Script):
            write(film, path)
        else:
            write_film(path, film, 30)
        return analyze(path, Settings(face=face, recognise=False))

    return make

"""An empty study."""

from __future__ import annotations

from pathlib import Path

import pytest

from micromask.studies.store import create_store


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "smiles"
    folder.mkdir(mode=0o700)
    create_store(folder)
    return folder

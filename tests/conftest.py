"""Shared fixtures: one thread everywhere, and the way to the shared material."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import pytest

cv2.setNumThreads(1)


def shared_root() -> Path | None:
    root = Path(os.environ.get("MICROMASK_SHARED", Path(__file__).parents[2] / "shared"))
    return root if (root / "clips").is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shared_root() is None:
        skip = pytest.mark.skip(reason="shared material not found: set MICROMASK_SHARED to its folder")
        for item in items:
            if "shared" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def shared() -> Path:
    root = shared_root()
    assert root is not None
    return root

"""Shared fixtures: one thread everywhere, and the way to the shared material."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session")
def launch_chromium() -> Iterator[Callable[..., Any]]:
    """launch(*arguments): Debian's chromium without a window. A process has one Playwright; no second one begins."""
    api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        yield lambda *arguments: playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(arguments))


@pytest.fixture(scope="session")
def plain_chromium(launch_chromium: Callable[..., Any]) -> Iterator[Any]:
    """A browser without a camera, to open pages in."""
    browser = launch_chromium("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    yield browser
    browser.close()

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


@pytest.fixture(scope="session")
def picture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of images per emotion: happiness, surprise and neutral, twelve pictures of three drawn-over faces."""
    from micromask.datasets.synthetic import CorpusPlan, synthesize

    root = tmp_path_factory.mktemp("pictures") / "emotions"
    plan = CorpusPlan(
        subjects=3, clips_per_subject=2, fps=20, seconds=0.6, size=200, emotions=("happiness", "surprise")
    )
    synthesize(root, plan, layout="image-folder")
    (root / "synthetic.json").unlink(missing_ok=True)
    return root


@pytest.fixture(scope="session")
def fit_file() -> Callable[..., Any]:
    """fit_file(clips, file, model, size=..., channels=..., epochs=2, **preparation): a model fitted for a moment.

    Gives the material that it was fitted on; it reads pictures as `micromask train` does.
    """

    def fit(
        clips: Any,
        file: Path,
        model: str,
        *,
        size: tuple[int, int] | None = None,
        channels: int | None = None,
        epochs: int = 2,
        **preparation: Any,
    ) -> Any:
        from micromask.datasets.preparation import Preparation
        from micromask.evaluation.final import fit_final
        from micromask.evaluation.material import gather
        from micromask.evaluation.model_card import Told, promise_of
        from micromask.evaluation.unit import ModelChoice, input_of
        from micromask.models import save_model
        from micromask.training.recipe import Recipe

        choice = ModelChoice(model, size=size, channels=channels)
        recipe, how = Recipe(epochs=epochs, batch=8), Preparation(**preparation)
        material = gather(clips, "own", input_of(choice), how)
        final = fit_final(material, choice, recipe)
        save_model(file, final.model, promise_of(material, clips, final, Told(("toy",), how, recipe, "quick")))
        return material

    return fit

"""The small invented corpora of tests/datasets/corpora, by name."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import av
import cv2
import PIL.Image
import pytest


@pytest.fixture(scope="session")
def corpora() -> Callable[[str], ModuleType]:
    """``corpora("casme2").build(folder)`` writes a corpus and gives its root."""

    def module(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(
            f"corpora_{name}", Path(__file__).parent / "corpora" / f"{name}.py"
        )
        assert spec is not None
        assert spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return loaded

    return module


@pytest.fixture
def no_picture_may_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading any picture or film fails the test."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a picture was opened")

    for module, name in ((cv2, "imread"), (cv2, "imdecode"), (cv2, "VideoCapture"), (PIL.Image, "open"), (av, "open")):
        monkeypatch.setattr(module, name, refuse)

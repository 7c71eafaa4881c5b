"""Models that a test enters in the catalogue for itself, and a cache of the hub that it writes for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
from safetensors.torch import save
from torch import Tensor

from micromask.models import Input, ModelEntry, models


@pytest.fixture
def enter_model(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModelEntry]:
    """Enter a model under a name for one test: ``enter_model(name, build, **facts)``."""

    def enter(name: str, build: Callable[..., Any], **facts: Any) -> ModelEntry:
        usual = {
            "title": name,
            "family": "motion network",
            "input": Input("motion", 3, 28, 28),
            "stages": (("",),),
            "paper": "none",
            "doi": "",
        }
        entry = ModelEntry(name=name, build=build, **{**usual, **facts})
        monkeypatch.setitem(models._entries, name, entry)
        return entry

    return enter


COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """An empty cache of the Hugging Face hub, and no hub: ``hub(repository, tensors)`` puts a file into the cache.

    The file lies as the hub's own client lays it: under blobs/SHA-256, with the branch under refs/main and a link under
    snapshots/COMMIT/. Returned is the blob. ``content`` are bytes for a damaged one, ``blob`` is another name for it.
    """
    cache = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    # Nobody listens at this port, so that no test can reach the network.
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"
    )

    def put(
        repository: str,
        tensors: Mapping[str, Tensor] | None = None,
        *,
        content: bytes | None = None,
        blob: str | None = None,
    ) -> Path:
        if content is None:
            content = save({name: each.contiguous() for name, each in (tensors or {}).items()})
        folder = cache / f"models--{repository.replace('/', '--')}"
        file = folder / "blobs" / (blob or hashlib.sha256(content).hexdigest())
        link = folder / "snapshots" / COMMIT / "model.safetensors"
        for each in (file.parent, folder / "refs", link.parent):
            each.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        (folder / "refs" / "main").write_text(COMMIT)
        link.symlink_to(Path("..", "..", "blobs", file.name))
        return file

    return put

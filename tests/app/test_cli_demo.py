"""`micromask demo`: what it refuses; what it finds is in tests/end_to_end."""

from __future__ import annotations

import errno
import os

import pytest

from micromask.app.cli.demo import _bring
from micromask.core.errors import BadOutputError


def test_the_demo_refuses_an_existing_folder_before_it_makes_a_clip(micromask, here):
    (here / "runs" / "demo").mkdir(parents=True)
    done = micromask("demo")
    assert done.code == 2
    assert done.error == "error: runs/demo exists; choose another --out or add --overwrite"


def test_a_file_that_does_not_fit_on_the_disk_is_not_half_there(here, monkeypatch):
    def full_disk(source, target):
        target.write_bytes(source.read_bytes()[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (here / "demo.mp4").write_bytes(b"film")
    (here / "out").mkdir()
    monkeypatch.setattr("shutil.copyfile", full_disk)
    with pytest.raises(BadOutputError, match=r"demo\.mp4 cannot be written: No space left on device; make room"):
        _bring(here / "demo.mp4", here / "out")
    assert list((here / "out").iterdir()) == []


def test_a_clip_that_cannot_be_made_leaves_nothing(micromask, here, monkeypatch):
    def full_disk(*_, **__):
        raise BadOutputError("demo.mp4: cannot be written as libx264 (No space left on device)")

    monkeypatch.setattr("micromask.recordings.write_film", full_disk)
    done = micromask("demo", "--out", "out")
    assert done.code == 2
    assert done.err.splitlines()[-1] == "error: demo.mp4: cannot be written as libx264 (No space left on device)"
    assert list(here.iterdir()) == []

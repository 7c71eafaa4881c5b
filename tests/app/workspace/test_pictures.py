"""Batches of pictures: read one after the other, kept one by one, and gone with all that belongs to them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from micromask.app.workspace.claims import claim
from micromask.app.workspace.jobs import Job, cancel, job
from micromask.app.workspace.own import add_model, model_named, remove_model, usable_model
from micromask.app.workspace.pictures import (
    add_folder,
    add_picture,
    batch_of,
    batches,
    begin,
    create_batch,
    face_file,
    folder_of,
    pictures,
    read_again,
    remove_batch,
)
from micromask.app.workspace.tidy import tidy
from micromask.app.workspace.work.kinds import works
from micromask.app.workspace.worker import do
from micromask.core.errors import BadInputError
from micromask.datasets import open_corpus


def given(workspace: Path, content: bytes) -> Path:
    part = workspace / "uploads" / "one.part"
    part.write_bytes(content)
    return part


def work_off(workspace: Path) -> None:
    """What a worker does, in this process, until nothing waits."""
    while (one := claim(workspace, 1)) is not None:
        do(workspace, 1, one)


@pytest.fixture
def face(picture_folder: Path) -> bytes:
    return sorted((picture_folder / "neutral").iterdir())[0].read_bytes()


def test_each_picture_is_a_row_also_the_one_that_cannot_be_read(workspace: Path, face: bytes) -> None:
    batch = create_batch(workspace, "my pictures")
    add_picture(workspace, batch, "../../etc/anna.png", given(workspace, face))
    add_picture(workspace, batch, "torn.jpg", given(workspace, b"nothing"))
    number = begin(workspace, batch)
    work_off(workspace)
    assert (job(workspace, number).state, job(workspace, number).line) == ("done", "1 face in 2 pictures")
    first, second = pictures(workspace, batch)
    assert (first.title, second.title) == ("anna.png", "torn.jpg")
    assert first.path.parent == folder_of(workspace, batch)
    assert first.rows is not None
    assert (first.rows[0]["face"], first.rows[0]["probabilities"]) == (1, {})
    with Image.open(face_file(workspace, batch, first.id, 0)) as shown:
        assert shown.size == (256, 256)
    assert second.rows is not None
    assert second.rows[0]["why"].startswith("is no picture")
    modes = {path.stat().st_mode & 0o777 for path in folder_of(workspace, batch).iterdir()}
    assert modes == {0o600}


def test_after_a_crash_only_what_was_not_read_is_read(
    workspace: Path, face: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from micromask.inference import predict as module

    batch = create_batch(workspace, "three")
    for name in ("a.png", "b.png", "c.png"):
        add_picture(workspace, batch, name, given(workspace, face))
    begin(workspace, batch)
    running = claim(workspace, 1)
    assert running is not None
    real, asked = module.predict, []

    def dies(path: Path, *rest: Any, name: str) -> Any:
        asked.append(name)
        if asked == ["a.png", "b.png"]:
            raise KeyboardInterrupt
        return real(path, *rest, name=name)

    monkeypatch.setattr(module, "predict", dies)
    with pytest.raises(KeyboardInterrupt):
        works["predict"](workspace, running, lambda *_: None)
    assert [one.rows is not None for one in pictures(workspace, batch)] == [True, False, False]
    assert (batch_of(workspace, batch).read, batch_of(workspace, batch).total) == (1, 3)
    works["predict"](workspace, running, lambda *_: None)
    assert asked == ["a.png", "b.png", "b.png", "c.png"]
    assert all(one.rows for one in pictures(workspace, batch))


@pytest.fixture(scope="module")
def model_file(picture_folder: Path, fit_file: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("model") / "My faces.safetensors"
    fit_file(open_corpus("image-folder", picture_folder).clips, path, "mer-cnn1", size=(48, 48), epochs=1)
    return path


def test_pictures_are_read_again_with_another_model(workspace: Path, face: bytes, model_file: Path) -> None:
    part = workspace / "uploads" / "m.part"
    shutil.copy(model_file, part)
    name = add_model(workspace, model_file.name, part)
    assert name == "my-faces.safetensors"
    batch = create_batch(workspace, "one")
    add_picture(workspace, batch, "a.png", given(workspace, face))
    begin(workspace, batch)
    work_off(workspace)
    read_again(workspace, batch, model=name, enhanced=False)
    assert pictures(workspace, batch)[0].rows is None
    work_off(workspace)
    found = batch_of(workspace, batch)
    assert found.classes == ("happiness", "neutral", "surprise")
    assert found.described.startswith("mer-cnn1 (my-faces.safetensors), 3 classes")
    (one,) = pictures(workspace, batch)
    assert one.rows is not None
    assert sum(one.rows[0]["probabilities"].values()) == pytest.approx(1)
    assert face_file(workspace, batch, one.id, 0, heat=True).is_file()
    remove_model(workspace, name)
    with pytest.raises(BadInputError, match=r"there is no model 'my-faces\.safetensors' in this workspace"):
        read_again(workspace, batch, model=name, enhanced=False)


def test_a_folder_of_this_machine_is_read_where_it_is(workspace: Path, picture_folder: Path) -> None:
    batch = add_folder(workspace, picture_folder / "surprise")
    begin(workspace, batch)
    with pytest.raises(BadInputError, match="is being read already"):
        begin(workspace, batch)
    work_off(workspace)
    found = batch_of(workspace, batch)
    assert (found.title, found.outside, found.total, found.read) == ("surprise", True, 3, 3)
    assert not [path for path in folder_of(workspace, batch).iterdir() if path.suffix != ".jpg"]
    before = sorted(path.name for path in (picture_folder / "surprise").iterdir())
    remove_batch(workspace, batch)
    assert batches(workspace) == ()
    assert not folder_of(workspace, batch).exists()
    assert sorted(path.name for path in (picture_folder / "surprise").iterdir()) == before


def test_a_batch_that_is_removed_while_it_is_read_leaves_nothing(workspace: Path, face: bytes) -> None:
    batch = create_batch(workspace, "one")
    add_picture(workspace, batch, "a.png", given(workspace, face))
    begin(workspace, batch)
    running = claim(workspace, 1)
    assert isinstance(running, Job)
    remove_batch(workspace, batch)
    do(workspace, 1, running)
    assert job(workspace, running.id).state in ("failed", "cancelled")
    assert not folder_of(workspace, batch).exists()


def test_a_folder_of_a_batch_that_the_database_does_not_know_goes_when_the_server_tidies_up(
    workspace: Path, face: bytes
) -> None:
    batch = create_batch(workspace, "my pictures")
    picture = add_picture(workspace, batch, "anna.png", given(workspace, face))
    left = folder_of(workspace, batch + 1)
    left.mkdir()
    (left / "1").write_bytes(face)
    (workspace / "pictures" / "notes").mkdir()  # no number: not made by a batch
    tidy(workspace)
    assert sorted(path.name for path in (workspace / "pictures").iterdir()) == [str(batch), "notes"]
    assert [path.name for path in folder_of(workspace, batch).iterdir()] == [str(picture)]


def test_only_what_can_be_done_is_begun(workspace: Path, face: bytes, tmp_path: Path) -> None:
    batch = create_batch(workspace, "none")
    with pytest.raises(BadInputError, match="holds no pictures"):
        begin(workspace, batch)
    with pytest.raises(BadInputError, match="there are no pictures 99 here"):
        add_picture(workspace, 99, "a.png", given(workspace, face))
    for name in ("../app.sqlite", "nothing.safetensors"):
        with pytest.raises(BadInputError, match="there is no model"):
            create_batch(workspace, "x", model=name)
    (workspace / "models" / "broken.safetensors").write_bytes(b"{}")
    with pytest.raises(BadInputError, match="is not a weights file"):
        usable_model(workspace, "broken.safetensors")
    assert model_named(workspace, "broken.safetensors").why
    part = given(workspace, b"no model")
    with pytest.raises(BadInputError, match=r"^mine\.safetensors is not a weights file"):
        add_model(workspace, "mine.safetensors", part)
    add_picture(workspace, batch, "a.png", given(workspace, face))
    number = begin(workspace, batch)
    cancel(workspace, number)
    assert batch_of(workspace, batch).busy is False

"""A model from a folder of pictures: measured on people kept apart, or honest that it was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from micromask.app.workspace.claims import claim
from micromask.app.workspace.jobs import job, queue
from micromask.app.workspace.training import KIND, MODELS, Training, look_at
from micromask.app.workspace.worker import do
from micromask.core.errors import BadInputError
from micromask.datasets.preparation import preparation_of
from micromask.inference.own_models import own_models
from micromask.models import models


def fitted(workspace: Path, **asked: object) -> str:
    number = queue(workspace, KIND, Training(**asked).payload)  # type: ignore[arg-type]
    running = claim(workspace, 1)
    assert running is not None
    do(workspace, 1, running)
    found = job(workspace, number)
    assert found.state == "done", found.line
    return found.line


def test_the_models_that_are_offered_read_single_frames_at_the_sizes_that_are_offered() -> None:
    for name, (_, sizes) in MODELS.items():
        entry = models[name]
        assert (entry.input.reads, entry.resizable) == ("frame", True)
        assert sizes[-1] == entry.input.height


@pytest.mark.slow
def test_people_are_kept_apart_where_the_names_tell_them(workspace: Path, picture_folder: Path) -> None:
    asked = {"model": "mmed-cnn", "size": 48, "epochs": 1, "who": "underscore", "title": "My Faces"}
    line = fitted(workspace, folder=str(picture_folder), **asked)
    assert line.startswith("my-faces.safetensors: on people it had not seen UF1 ")
    (own,) = own_models(workspace / "models")
    assert own.classes == ("happiness", "neutral", "surprise")
    assert own.card["protocol"].startswith("k-fold-subjects, 3 folds, nobody on both sides")
    assert own.card["training_data"]["subjects"] == 3
    assert preparation_of(own.card).crop == "face"
    assert sorted(path.name for path in (workspace / "models").iterdir()) == ["my-faces.safetensors"]


def test_where_nobody_knows_who_it_is_the_model_says_that_nothing_was_measured(
    workspace: Path, picture_folder: Path
) -> None:
    line = fitted(workspace, folder=str(picture_folder), title="m", model="mmed-cnn", size=48, epochs=1, whole=True)
    assert line == (
        "m.safetensors: nobody can say how good this model is on people it has not seen: the names do not tell who is "
        "in the pictures, so no one could be kept apart from those that it learnt from"
    )
    (own,) = own_models(workspace / "models")
    assert (own.card["protocol"], dict(own.card["metrics"])) == ("not evaluated", {})
    assert preparation_of(own.card).crop == "whole"


def test_a_folder_is_looked_at_by_its_names(picture_folder: Path, tmp_path: Path) -> None:
    assert look_at(picture_folder, "nobody").people == 0
    found = look_at(picture_folder, "underscore")
    assert (dict(found.emotions), found.people) == ({"happiness": 3, "neutral": 6, "surprise": 3}, 3)
    assert found.lines == ("3 people, kept apart in 3 groups",)
    for name in ("anger/anna/1.png", "anger/ben/1.png", "joy/anna/1.png", "joy/eve/2.png", "joy/stray.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    inside = look_at(tmp_path, "folder")
    assert (inside.people, inside.left_out) == (3, 1)
    assert inside.lines[0] == "1 picture whose name does not fit will be left out"
    assert "there is one person only" in look_at(tmp_path, "own", "(stray)").lines[-1]


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        pytest.param({"model": "vgg16"}, "models are mer-cnn1", id="another model"),
        pytest.param({"size": 47}, "sizes of mer-cnn1 48, 80", id="another size"),
        pytest.param({"epochs": 0}, "1 to 200 epochs, got 0", id="no epochs"),
        pytest.param({"who": "me"}, "got 'me'", id="who"),
        pytest.param({"who": "own"}, "the pattern is empty", id="no pattern"),
    ],
)
def test_what_cannot_be_fitted_is_one_line(asked: dict[str, object], line: str) -> None:
    with pytest.raises(BadInputError, match=line):
        Training("folder", "title", **asked)  # type: ignore[arg-type]

"""The user's own models in a workspace: files in models/, known by their names only."""

from __future__ import annotations

import re
from pathlib import Path

from micromask.core.errors import BadInputError, BadOutputError
from micromask.inference.own_models import ENDING, OwnModel, own_model, own_models
from micromask.studies.files import FILE_MODE, sync_folder

MOST_BYTES = 2 << 30
"""A weights file that is added may be so large."""

LONGEST_STEM = 60


def models_folder(workspace: Path) -> Path:
    """Where they lie."""
    return workspace / "models"


def model_named(workspace: Path, name: str) -> OwnModel:
    """The model with this file name.

    Raises
    ------
    BadInputError
        If there is none; a name is looked up and is never a path.
    """
    for one in own_models(models_folder(workspace)):
        if one.path.name == name:
            return one
    raise BadInputError(f"there is no model {name!r} in this workspace (any more): choose another")


def usable_model(workspace: Path, name: str) -> OwnModel | None:
    """The model of single frames with this file name; None for ''.

    Raises
    ------
    BadInputError
        If there is none, it cannot be used, or it reads motion or sequences.
    """
    if not name:
        return None
    found = model_named(workspace, name)
    if found.why:
        raise BadInputError(found.why)
    if found.reads != "frame":
        raise BadInputError(
            f"{name} reads {found.reads}, which a picture does not show: choose a model of single frames"
        )
    return found


def add_model(workspace: Path, title: str, part: Path) -> str:
    """Move an uploaded weights file in; the name that it got.

    Raises
    ------
    BadInputError
        If it is no weights file of ours; it is looked at before it is kept.
    BadOutputError
        If it cannot be moved.
    """
    try:
        own_model(part)
    except BadInputError as error:
        raise BadInputError(str(error).replace(str(part), Path(title).name)) from None
    place = free_place(workspace, Path(title).stem)
    try:
        part.chmod(FILE_MODE)
        part.replace(place)
        sync_folder(place.parent)
    except OSError as error:
        raise BadOutputError(f"{place.name} cannot be kept ({error.strerror or error})") from None
    return place.name


def free_place(workspace: Path, title: str) -> Path:
    """A file for a model of this name: plain letters, and a number where the name is taken.

    >>> free_place(Path("nowhere"), "My model, 2nd!").name
    'my-model-2nd.safetensors'
    """
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:LONGEST_STEM].strip("-") or "model"
    place, number = models_folder(workspace) / f"{stem}{ENDING}", 2
    while place.exists():
        place, number = place.with_name(f"{stem}-{number}{ENDING}"), number + 1
    return place


def remove_model(workspace: Path, name: str) -> None:
    """Remove a model's file.

    Raises
    ------
    BadInputError
        If there is none of that name.
    """
    model_named(workspace, name).path.unlink(missing_ok=True)

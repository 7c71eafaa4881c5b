"""Begin a study: a folder with a plan to change, its images and an empty database."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.whole_folder import whole_folder
from micromask.studies.design import Design
from micromask.studies.files import copy_private, make_private
from micromask.studies.read_design import IMAGES, read_design
from micromask.studies.store import create_store
from micromask.studies.yaml_lines import meant

TEMPLATES = {
    "blank": "one question, to begin with",
    "mmed-fst": "the design of doi:10.47852/bonviewJCCE52026148: five emotions, questions and images",
}
"""Plans that a study can begin with, and what each is."""


def new_study(folder: Path, template: str = "blank") -> Design:
    """Make the folder of a new study: its plan, its images and an empty database, for its owner's eyes only.

    Parameters
    ----------
    folder : Path
        Must not be there.
    template : str
        A name in ``TEMPLATES``.

    Returns
    -------
    Design
        As the new ``study.yaml`` has it.

    Raises
    ------
    BadInputError
        If there is no such template.
    BadOutputError
        If the folder is there or cannot be written; nothing of it stays.
    """
    if template not in TEMPLATES:
        raise BadInputError(f"no template {template!r}{meant(template, TEMPLATES)}")
    if folder.exists() or folder.is_symlink():
        raise BadOutputError(f"{folder} exists; a new study wants a folder of its own")
    with whole_folder(folder, ()) as fresh:
        make_private(fresh)
        (fresh / IMAGES).mkdir()
        with as_file(files("micromask.studies") / "templates" / template) as source:
            for path in sorted(each for each in source.rglob("*") if each.is_file()):
                with path.open("rb") as file:
                    copy_private(file, fresh / path.relative_to(source))
        create_store(fresh)
        make_private(fresh)
        read_design(fresh)
    return read_design(folder)

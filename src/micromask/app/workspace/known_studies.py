"""The studies of a workspace: those in its folder ``studies``, and those elsewhere that somebody added to the list."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from micromask.app.workspace.store import reading, writing
from micromask.core.errors import BadInputError
from micromask.studies.files import write_private
from micromask.studies.new import new_study
from micromask.studies.read_design import FILE
from micromask.studies.store import now

STUDIES = "studies"
LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class KnownStudy:
    """A study's folder and the key that stands for it in addresses; empty where the folder's name makes the key.

    ``outside`` is a folder elsewhere, which was added.
    """

    folder: Path
    key: str = ""
    outside: bool = False


def known_studies(workspace: Path) -> tuple[KnownStudy, ...]:
    """The workspace's own studies by name, then those that were added, the oldest first."""
    own = sorted(path.parent for path in (workspace / STUDIES).glob(f"*/{FILE}"))
    with reading(workspace) as store:
        added = store.execute("SELECT key, folder FROM study ORDER BY added, key").fetchall()
    return (*map(KnownStudy, own), *(KnownStudy(Path(row["folder"]), row["key"], True) for row in added))


def remember_study(workspace: Path, key: str, folder: Path) -> None:
    """Keep a study elsewhere on the list; its folder is not touched."""
    with writing(workspace) as store:
        store.execute("INSERT OR REPLACE INTO study VALUES (?, ?, ?)", (key, str(folder), now()))


def forget_study(workspace: Path, folder: Path) -> None:
    """Take a study elsewhere off the list; its folder is not touched.

    Raises
    ------
    BadInputError
        If it was not added to the list.
    """
    with writing(workspace) as store:
        if not store.execute("DELETE FROM study WHERE folder = ?", (str(folder),)).rowcount:
            raise BadInputError(f"{folder.name} is not on the list of added studies: nothing was changed")


def begin_study(workspace: Path, title: str, name: str, template: str) -> Path:
    """Make a study below the workspace's ``studies``.

    Parameters
    ----------
    workspace : Path
    title : str
        What it is called in its plan.
    name : str
        Of its folder; with a number where there is one of that name.
    template : str
        A name in `micromask.studies.new.TEMPLATES`.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    BadInputError
        If the title is empty or too long, or there is no such template.
    BadOutputError
        If it cannot be written.
    """
    title = " ".join(title.split())
    if not title or len(title) > LONGEST_TITLE:
        raise BadInputError(f"a study wants a title of 1 to {LONGEST_TITLE} letters")
    number, folder = 1, workspace / STUDIES / name
    while folder.exists() or folder.is_symlink():
        number += 1
        folder = workspace / STUDIES / f"{name}-{number}"
    new_study(folder, template)
    plan = (folder / FILE).read_text(encoding="utf-8")
    named = f"title: {json.dumps(title, ensure_ascii=False)}"  # a JSON text is one in YAML as well
    write_private(folder / FILE, re.sub(r"(?m)^title: .*$", lambda _: named, plan, count=1).encode())
    return folder

"""Who corrects: names, kept once each, so that the same person is the same author on every day."""

from __future__ import annotations

import re
from pathlib import Path

from micromask.app.workspace.store import reading, writing
from micromask.core.errors import BadInputError
from micromask.studies.store import now

_NAME = re.compile(r"\w(?:[\w .'-]{0,38}[\w.])?")


def authors(workspace: Path) -> tuple[str, ...]:
    """The names of all who ever corrected here, in the order of the alphabet."""
    with reading(workspace) as store:
        return tuple(sorted((row["name"] for row in store.execute("SELECT name FROM author")), key=str.casefold))


def author_named(workspace: Path, name: str) -> str:
    """The author of that name, added where there is none; capitals and blanks do not make another person.

    Raises
    ------
    BadInputError
        If it is no name of 1 to 40 letters, digits, blanks, dots, dashes and apostrophes.
    """
    plain = " ".join(name.split())
    if not _NAME.fullmatch(plain):
        raise BadInputError(f"a name has 1 to 40 letters, digits, blanks, dots, dashes and apostrophes, got {name!r}")
    with writing(workspace) as store:
        for row in store.execute("SELECT name FROM author"):
            if row["name"].casefold() == plain.casefold():
                known: str = row["name"]
                return known
        store.execute("INSERT INTO author (name, added) VALUES (?, ?)", (plain, now()))
    return plain

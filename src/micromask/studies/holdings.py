"""What a study holds of a participant: files by provenance, rows, and the words that would give them away."""

from __future__ import annotations

import html
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from micromask.studies.derived import files_below
from micromask.studies.files import noted_files
from micromask.studies.key_list import key_rows
from micromask.studies.store import FILE, SCHEMA, read_store

PERSONAL = {"films": "film", "frames": "frame", "maps": "map", "landmarks": "landmarks"}
"""Folders that hold a folder of each participant, and what lies in them."""

SHORTEST = 6
"""Bytes of a word that is worth a search: shorter ones are found everywhere."""

LONG_WORD = 12
"""Letters of a single word in small letters that is no everyday one."""

_ORDER = ("export", "cache", "map", "landmarks", "frame", "other", "film")


@dataclass(frozen=True, slots=True)
class Holdings:
    """Where the files of a participant lie.

    ``places`` are files and folders by kind, those that are made from others first; ``lost`` are noted exports that are
    not at their place; ``unsafe`` are noted folders that hold more than one participant's files and no export.
    """

    places: tuple[tuple[Path, str], ...]
    lost: tuple[str, ...]
    unsafe: tuple[str, ...]

    def files(self) -> dict[Path, str]:
        """Each file that is there, with its kind."""
        found: dict[Path, str] = {}
        for place, kind in self.places:
            for file in files_below(place):
                found.setdefault(file, kind)
        return found


@dataclass(frozen=True, slots=True)
class Words:
    """What would give a participant away: words to look for ``anywhere``, ``rows`` as the database's file holds them.

    ``common`` counts answers that are too short, or also stand where they tell nothing, to be looked for.
    """

    anywhere: tuple[bytes, ...]
    rows: tuple[bytes, ...]
    common: int


def holdings(study: Path, participant: str) -> Holdings:
    """The files of a participant: those that were noted, and those that lie in folders named after them."""
    study = study.resolve()
    with read_store(study) as store:
        noted = noted_files(store, participant)
        films = store.execute(
            "SELECT path FROM recording JOIN session ON session.id = session WHERE participant = ?", (participant,)
        ).fetchall()
    told = {each.path: str(each.kind) for each in noted} | {path: "film" for (path,) in films}
    told |= {f"{top}/{participant}": kind for top, kind in PERSONAL.items()}
    for folder in study.iterdir():
        if folder.is_dir() and (folder / participant).exists():
            told.setdefault(f"{folder.name}/{participant}", "other")
    places, lost, unsafe = [], [], []
    for path, kind in told.items():
        place = study / path
        if not (place.exists() or place.is_symlink()):
            lost += [path] if kind == "export" else []
        elif _holds_more(study, place, kind, participant):
            unsafe.append(path)
        else:
            places += [(place, kind)] + ([(place.resolve(), kind)] if place.is_symlink() else [])
    known = set(places)
    outer = [each for each in places if not any((above, each[1]) in known for above in each[0].parents)]
    outer.sort(key=lambda each: (_ORDER.index(each[1]), str(each[0])))
    return Holdings(tuple(outer), tuple(sorted(lost)), tuple(sorted(unsafe)))


def _holds_more(study: Path, place: Path, kind: str, participant: str) -> bool:
    """Whether a folder that was noted cannot be removed as a whole without taking what is not this participant's."""
    whole = place.resolve()
    if whole in (study, *study.parents, Path.home(), *Path.home().parents):
        return True
    if kind != "export" and place.is_dir() and not place.is_symlink():
        own = place.relative_to(study) if place.is_relative_to(study) else place
        return participant not in own.parts
    return whole.parent == study and whole.name in (FILE, "study.yaml", *PERSONAL, "exports", "receipts", "images")


def words_of(study: Path, participant: str, keys: Path | None) -> Words:
    """What to look for afterwards: free answers, notes of coders, and the cells of the key list."""
    with read_store(study) as store:
        mine, others = _texts(store, participant), _texts(store, participant, not_of=True)
        rows = _rows_as_stored(store, participant)
    listed = [cell for row in key_rows(keys, participant) for cell in row[1:]] if keys else []
    others += [cell for row in key_rows(keys, participant, others=True) for cell in row] if keys else []
    shared = {piece for text in others for piece in _pieces(text)}
    files = (study / "study.yaml", *study.glob("images/*.svg"))
    plan = "\n".join([SCHEMA, *(path.read_text("utf-8", "replace") for path in files if path.is_file())])
    pieces = [piece for text in (*mine, *listed) for piece in _pieces(text)]
    worth = [each for each in dict.fromkeys(pieces) if _telling(each) and each not in shared and each not in plan]
    forms = dict.fromkeys(form for piece in worth for form in _written(piece))
    return Words(tuple(form.encode() for form in forms), rows, len(set(pieces)) - len(worth))


def _pieces(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _telling(text: str) -> bool:
    """Whether a text is unlikely to stand somewhere by chance: no short one, and no short everyday word.

    >>> [_telling(each) for each in ("Bern", "student", "Quendel", "likes trains", "kindergartner")]
    [False, False, True, True, True]
    """
    everyday = text.isascii() and text.isalpha() and text.islower() and len(text) < LONG_WORD
    return len(text.encode()) >= SHORTEST and not everyday


def _written(text: str) -> Iterable[str]:
    """A text as tables, JSON and HTML hold it."""
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield text.replace('"', '""')
    yield html.escape(text)


def _texts(store: sqlite3.Connection, participant: str, *, not_of: bool = False) -> list[str]:
    """Answers of a participant and notes on them; or those of all others."""
    which = "!=" if not_of else "="
    answers = store.execute(f"SELECT fields FROM participant WHERE name {which} ?", (participant,)).fetchall()
    notes = store.execute(
        "SELECT note FROM label JOIN recording ON recording.id = recording JOIN session ON session.id = session"
        f" WHERE note != '' AND participant {which} ?",
        (participant,),
    ).fetchall()
    return [str(value) for (text,) in answers for value in json.loads(text).values()] + [note for (note,) in notes]


def _rows_as_stored(store: sqlite3.Connection, participant: str) -> tuple[bytes, ...]:
    """How rows lie in the file: SQLite puts the texts of a row one behind the other."""
    found = []
    first = (
        ("participant", "name", "fields"),
        ("consent", "participant", "given"),
        ("session", "participant", "begun"),
    )
    for table, name, after in first:
        rows = store.execute(f"SELECT {name}, {after} FROM {table} WHERE {name} = ?", (participant,)).fetchall()
        found += [f"{row[0]}{row[1]}".encode() for row in rows]
    found += [f"{top}/{participant}/".encode() for top in PERSONAL]
    return tuple(found)

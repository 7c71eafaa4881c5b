"""Look for what is left of a participant after everything of theirs was removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from micromask.datasets.cache import Cache, cache_info, entries_made_from, hash_file
from micromask.studies.derived import files_below
from micromask.studies.erase import tables_of
from micromask.studies.holdings import PERSONAL, Words
from micromask.studies.naming import Naming, names, naming_of
from micromask.studies.store import FILE, read_store

TEXTS = frozenset((".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".md", ".txt", ".html", ".xml", ".svg", ".eaf"))
"""Files in which a pseudonym is looked for as a word; in others three letters come about by chance."""

_PIECE = 4 << 20


@dataclass(slots=True)
class Searched:
    """What was searched, and each place where something was found, in words."""

    files: int = 0
    bytes: int = 0
    exports: int = 0
    cache_entries: int = 0
    rows: int = 0
    found: list[str] = field(default_factory=list)


def search(
    study: Path,
    participant: str,
    words: Words,
    fingerprints: Mapping[str, int],
    *,
    cache: Cache,
    skip: Path,
    keys: Path | None = None,
) -> Searched:
    """Search the study's folder, its exports, its database, the cache and the key list.

    Parameters
    ----------
    study : Path
    participant : str
    words : Words
        From `words_of`, before anything was removed.
    fingerprints : mapping
        Of each file that was removed: its fingerprint and its size, so that copies under other names are found.
    cache : Cache
    skip : Path
        The file that remembers all this until it is done.
    keys : Path, optional
    """
    study = study.resolve()
    seen = Searched()
    with read_store(study) as store:
        people = {row["name"] for row in store.execute("SELECT name FROM participant")}
        exports = {study / row["path"] for row in store.execute("SELECT path FROM file WHERE kind = 'export'")}
        naming = naming_of(study, store, participant)
        _rows(seen, store, naming)
    files = set(files_below(study)) - {skip}
    for place in sorted(exports):
        seen.exports += 1
        files |= set(files_below(place))
    sizes = set(fingerprints.values())
    for path in sorted(files):
        try:
            seen.files += 1
            seen.bytes += path.lstat().st_size
            why = _why(study, path, naming, words, people)
            if not why and path.is_file() and path.stat().st_size in sizes and hash_file(path).hex() in fingerprints:
                why = "is a copy of a file that was removed"
            seen.found += [f"{_told(study, path)} {why}"] if why else []
        except FileNotFoundError:
            continue  # such as SQLite's own, which come and go
    for folder in sorted(study.rglob("*")):
        if folder.is_dir() and naming.word.search(folder.name) and not files_below(folder):
            seen.found.append(f"{_told(study, folder)} is named after the participant")
    seen.cache_entries = sum(cache_info(cache).entries.values())
    made = entries_made_from(cache, fingerprints)
    seen.found += [f"{path} in the cache was made from a file of theirs" for path in made]
    if keys is not None and naming.word.search(keys.read_bytes().decode("latin-1")):
        seen.found.append(f"{keys} still names the participant")
    return seen


def _rows(seen: Searched, store: sqlite3.Connection, naming: Naming) -> None:
    """Every cell of every table, for the pseudonym as a word."""
    for table, columns in tables_of(store).items():
        for row in store.execute(f'SELECT * FROM "{table}"'):
            seen.rows += 1
            for column, value in zip(columns, row, strict=True):
                if isinstance(value, str) and names(naming, value):
                    seen.found.append(f"{FILE}: table {table}, column {column} names the participant")
    seen.found = list(dict.fromkeys(seen.found))


def _why(study: Path, path: Path, naming: Naming, words: Words, people: Collection[str]) -> str:
    """What a file has to do with the participant; empty where it has nothing."""
    told = _told(study, path)
    parts = Path(told).parts
    if naming.word.search(told):
        return "is named after the participant"
    if len(parts) > 1 and parts[0] in PERSONAL and parts[1] not in people:
        return "belongs to nobody in the study"
    if path.is_symlink():
        return ""
    database = path.parent == study and path.name.startswith(FILE)
    if _holds(path, (*words.anywhere, *words.rows) if database else words.anywhere):
        return "holds words of the participant"
    if path.suffix.lower() in TEXTS and names(naming, path.read_text("utf-8", "replace")):
        return "names the participant"
    return ""


def _holds(path: Path, needles: Iterable[bytes]) -> bool:
    """Whether a file holds one of some byte sequences; read in pieces that overlap."""
    wanted = tuple(needles)
    if not wanted:
        return False
    overlap = max(len(each) for each in wanted) - 1
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            piece = tail + piece
            if any(each in piece for each in wanted):
                return True
            tail = piece[len(piece) - overlap :] if overlap else b""
    return False


def _told(study: Path, path: Path) -> str:
    return path.relative_to(study).as_posix() if path.is_relative_to(study) else str(path)

"""The folder of an export: there whole or not at all, for its owner's eyes, and noted for each person in it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadOutputError
from micromask.core.whole_folder import whole_folder
from micromask.studies.card_text import card_text
from micromask.studies.files import FOLDER_MODE, make_private, note_file, place_of
from micromask.studies.selection import Selection, check_consents
from micromask.studies.store import open_store


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: people, pictures and labels; and pseudonyms of those who are not in it, by reason."""

    folder: Path
    people: int
    pictures: int
    labels: int
    left_out: Mapping[str, tuple[str, ...]]
    told: tuple[str, ...] = ()


def refuse_existing(folder: Path) -> None:
    """Refuse a place for an export where something is; BadOutputError."""
    if folder.exists() or folder.is_symlink():
        raise BadOutputError(f"{folder} exists; an export wants a folder of its own: choose another --out")


@contextmanager
def export_folder(study: Path, folder: Path, selection: Selection) -> Iterator[Path]:
    """A fresh folder to write an export to, put in place when the block ends well and everybody in it still consents.

    That it holds them is noted in the study before it is put there, so that `forget` finds it.

    Raises
    ------
    BadInputError
        If somebody withdrew consent in the meantime; nothing of the export stays.
    BadOutputError
        If it cannot be written.
    """
    with whole_folder(folder, ()) as fresh:
        fresh.chmod(FOLDER_MODE)
        yield fresh
        make_private(fresh)
        with open_store(study) as store:
            check_consents(store, selection.people)
            for name in selection.people:
                note_file(store, place_of(study, folder), name, "export", f"frames/{name}")
    inside = [each for each in folder.resolve().parents if each.is_relative_to(study.resolve())]
    for each in inside:
        each.chmod(FOLDER_MODE)


def write_card(folder: Path, document: Mapping[str, object]) -> None:
    """Write the card of a data set, for programs and for people."""
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8", newline="")
    (folder / "CARD.md").write_text(card_text(document), encoding="utf-8", newline="")


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a csv whose rows have just these columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def some(left_out: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The reasons that hold for anybody."""
    return {why: names for why, names in left_out.items() if names}

"""Evaluation runs that the app can show: those in the workspace, and those in folders that the user added."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from micromask.app.workspace.store import reading, writing
from micromask.core.errors import BadInputError, MicromaskError
from micromask.evaluation.run_files import FILES, read_document

DEEPEST = 3
"""A run is looked for in a folder itself and in folders below it, so many levels deep."""
MOST = 500
"""So many runs are listed, and so many folders looked into for each of them."""


@dataclass(frozen=True, slots=True)
class SeenRun:
    """A run: its number here, its folder, what it is called, and its figures; ``why`` where it cannot be read.

    ``found`` has model, dataset, protocol, selection, seeds, clips, subjects, people_apart, ``figures`` (uf1, uar,
    accuracy: value and 95 % ends or None), ``majority`` (UF1 of always naming the most frequent class, or None),
    ``by_clip`` (the figures of whole clips where samples are frames), ``leaks`` and ``cautions`` (code, title).
    """

    number: int
    folder: Path
    name: str
    made: str
    found: Mapping[str, Any] | None
    report: bool
    why: str = ""


def eval_runs(workspace: Path) -> tuple[SeenRun, ...]:
    """All runs, by folder; those that were never seen before get a number.

    An address names a run by its number, never by its folder.
    """
    there = list(dict.fromkeys(_places(workspace)))
    with reading(workspace) as store:
        known = {row["folder"]: row["id"] for row in store.execute("SELECT id, folder FROM run")}
    new = [str(place) for place in there if str(place) not in known]
    if new:
        with writing(workspace) as store:
            store.executemany("INSERT OR IGNORE INTO run (folder) VALUES (?)", [(folder,) for folder in new])
            known = {row["folder"]: row["id"] for row in store.execute("SELECT id, folder FROM run")}
    roots = [workspace / "runs", *(path for _, path in run_folders(workspace))]
    return tuple(_seen(known[str(place)], place, _name(place, roots)) for place in there)


def eval_run(workspace: Path, number: int) -> SeenRun:
    """One run.

    Raises
    ------
    BadInputError
        If there is none of this number, or it is in none of the folders (any more).
    """
    for one in eval_runs(workspace):
        if one.number == number:
            return one
    raise BadInputError(f"there is no run {number} here (any more)")


def run_folders(workspace: Path) -> tuple[tuple[int, Path], ...]:
    """The folders that were added, with their numbers."""
    with reading(workspace) as store:
        rows = store.execute("SELECT id, folder FROM run_folder ORDER BY folder").fetchall()
    return tuple((row["id"], Path(row["folder"])) for row in rows)


def add_run_folder(workspace: Path, folder: Path) -> int:
    """Also list the runs of a folder, which stays where it is; how many there are.

    Raises
    ------
    BadInputError
        If there is no run in it.
    """
    found = len(list(_runs_in(folder)))
    if not found:
        raise BadInputError(
            f"{folder}: no run of 'micromask evaluate' in it (no {FILES['document']} there or {DEEPEST} folders deeper)"
        )
    with writing(workspace) as store:
        store.execute("INSERT OR IGNORE INTO run_folder (folder) VALUES (?)", (str(folder),))
    return found


def leave_run_folder(workspace: Path, number: int) -> None:
    """List the runs of a folder no longer; nothing in it is touched. BadInputError if it was not added."""
    with writing(workspace) as store:
        if not store.execute("DELETE FROM run_folder WHERE id = ?", (number,)).rowcount:
            raise BadInputError("this folder is not in the list (any more)")


def _places(workspace: Path) -> Iterator[Path]:
    yield from _runs_in(workspace / "runs")
    for _, folder in run_folders(workspace):
        yield from _runs_in(folder)


def _runs_in(folder: Path) -> Iterator[Path]:
    """The folders of runs in a folder by name; a run holds no other runs."""
    waiting, looked, found = [(folder, 0)], 0, 0
    while waiting and looked < MOST * 4 and found < MOST:
        place, deep = waiting.pop(0)
        looked += 1
        try:
            if (place / FILES["document"]).is_file():
                found += 1
                yield place
                continue
            if deep < DEEPEST:
                with os.scandir(place) as entries:
                    names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
                waiting += [(place / name, deep + 1) for name in names if not name.startswith(".")]
        except OSError:
            continue


def _name(place: Path, roots: Iterable[Path]) -> str:
    for root in roots:
        if place != root and place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    return place.name


def _seen(number: int, place: Path, name: str) -> SeenRun:
    document = place / FILES["document"]
    report = (place / FILES["report"]).is_file()
    try:
        stamp = document.stat()
        made = datetime.fromtimestamp(stamp.st_mtime, UTC).isoformat(timespec="seconds")
        found = _figures(document, stamp.st_mtime_ns, stamp.st_size)
    except OSError as error:
        return SeenRun(number, place, name, "", None, report, f"cannot be read ({error.strerror or error})")
    except MicromaskError as error:
        return SeenRun(number, place, name, made, None, report, str(error).replace(f"{document}: ", ""))
    return SeenRun(number, place, name, made, found, report)


@lru_cache(maxsize=MOST)
def _figures(path: Path, _: int, __: int) -> dict[str, Any]:
    """What the list shows of a document as it was at one time."""
    document = read_document(path)
    try:
        metrics, by_clip, majority = document["metrics"], document.get("by_clip"), document.get("majority")
        findings = document["findings"]
        return {
            "model": document["model"]["name"],
            "dataset": document["dataset"]["name"],
            "protocol": document["protocol"]["name"],
            "people_apart": document["protocol"]["people_apart"],
            "selection": document["selection"],
            "seeds": len(document["seeds"]),
            "clips": document["clips"],
            "samples": document["samples"],
            "subjects": document["subjects"],
            "labels": document["labels"],
            "figures": _told(metrics),
            "by_clip": _told(by_clip) if by_clip else None,
            "majority": majority and majority.get("uf1"),
            "leaks": _codes(findings, "leak", "error"),
            "cautions": _codes(findings, "caution"),
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path}: has no {error}; evaluate again") from None


def _told(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        key: {"value": metrics[key], "interval": metrics["intervals"].get(key)} for key in ("uf1", "uar", "accuracy")
    }


def _codes(findings: Iterable[Mapping[str, Any]], *severities: str) -> list[tuple[str, str]]:
    return sorted({(each["code"], each["title"]) for each in findings if each["severity"] in severities})

"""Forget a participant: remove all that there is of them, and prove it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadOutputError
from micromask.datasets.cache import Cache, entries_made_from
from micromask.studies.derived import Removed, remove
from micromask.studies.erase import erase_rows
from micromask.studies.files import write_private
from micromask.studies.forget_plan import ForgetPlan, make_plan, plan_file
from micromask.studies.key_list import check_apart, remove_key
from micromask.studies.people import check_known, number_of, stop_recording
from micromask.studies.search import Searched, search
from micromask.studies.store import now, open_store, read_store

NOT_SEARCHED = (
    "copies made without this program: downloads, mails, other disks, backups, snapshots",
    "models and reports that were made from an export",
    "free space of the disk: files are removed, not overwritten",
)
"""What no search of this program can prove; stands in each receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done. ``path`` is the receipt's place, None where something is left and none was written.

    ``removed`` counts files by kind and ``rows`` rows by table. ``left`` names what could not be removed or was found
    afterwards; ``notes`` are for the researcher's eyes and stand in no file.
    """

    path: Path | None
    removed: dict[str, Removed]
    rows: dict[str, int]
    key_rows: int
    searched: Searched
    left: tuple[str, ...]
    notes: tuple[str, ...]


def forget(
    study: Path,
    participant: str,
    keys: Path | None = None,
    *,
    cache: Cache | None = None,
    progress: Callable[[str], None] | None = None,
) -> Receipt:
    """Remove all that a study holds of a participant, look for what may be left, and write a receipt.

    Films, frames, maps and all other files that were noted or lie in folders of their name; exports that hold them, as
    wholes; entries of the cache that were made from any of these; their rows, and the deleted bytes in the database's
    file; their row in the key list. Then everything is searched. Killed in the middle, it is to be called again and
    finishes. The pseudonym is never given out again.

    Parameters
    ----------
    study : Path
    participant : str
        The pseudonym.
    keys : Path, optional
        The key list, a table whose first column are pseudonyms.
    cache : Cache, optional
        By default the one of this user.
    progress : callable, optional
        Is told in words what is being done.

    Returns
    -------
    Receipt
        With ``left`` empty where all went and nothing was found.

    Raises
    ------
    BadInputError
        If there is no such participant, or the key list is missing or lies in the study's folder; nothing was changed.
    """
    study, cache = study.resolve(), cache or Cache()
    check_forgettable(study, participant, keys)
    tell = progress or (lambda words: None)
    tell("looking for what there is")
    plan = make_plan(study, participant, keys, cache)
    with open_store(study) as store:
        store.execute(
            "UPDATE consent SET withdrawn = ? WHERE participant = ? AND withdrawn IS NULL", (now(), participant)
        )
        stop_recording(store, participant, "stopped")
    tell("removing")
    left = _remove_all(study, participant, plan, keys, cache)
    tell("searching for what may be left")
    seen = search(
        study,
        participant,
        plan.searched_words(),
        plan.own_fingerprints(),
        cache=cache,
        skip=plan_file(study, participant),
        keys=keys,
    )
    left += seen.found
    removed = _sums(study, plan)
    path = None if left else _finish(study, participant, plan, removed, seen)
    return Receipt(path, removed, plan.rows, plan.key_rows, seen, tuple(left), _notes(plan, participant, keys))


def check_forgettable(study: Path, participant: str, keys: Path | None) -> None:
    """Refuse what cannot be begun: an unknown participant, or a key list that is missing or lies in the study.

    Raises
    ------
    BadInputError
        In those cases. One who is being forgotten, and whose rows are gone already, is known.
    """
    number_of(participant)
    if keys is not None:
        check_apart(study, keys)
    with read_store(study) as store:
        if not plan_file(study, participant).exists():
            check_known(store, participant)


def _remove_all(study: Path, participant: str, plan: ForgetPlan, keys: Path | None, cache: Cache) -> list[str]:
    """Remove what is planned, rows last; what could not be removed, in words."""
    left = [
        f"{path} was noted, but holds others' files too: look at it and remove what is theirs" for path in plan.unsafe
    ]
    cached = {*map(Path, plan.cached), *entries_made_from(cache, plan.fingerprints())}
    for place in [*sorted(cached), *map(Path, plan.places)]:
        try:
            remove(study / place)
        except BadOutputError as error:
            left.append(str(error))
    try:
        if keys is not None:
            remove_key(keys, participant)
        erase_rows(study, participant, plan.places)
    except BadOutputError as error:
        left.append(str(error))
    return left


def _sums(study: Path, plan: ForgetPlan) -> dict[str, Removed]:
    """Files that were there and are not any more, by kind."""
    found: dict[str, Removed] = {}
    gone = [(kind, size) for path, (kind, size, _) in plan.files.items() if not (study / path).exists()]
    gone += [("cache", size) for path, size in plan.cached.items() if not Path(path).exists()]
    for kind, size in gone:
        before = found.get(kind, Removed())
        found[kind] = Removed(before.files + 1, before.bytes + size)
    return found


def _finish(study: Path, participant: str, plan: ForgetPlan, removed: dict[str, Removed], seen: Searched) -> Path:
    """Write the receipt, and only then let go of the plan."""
    told = {
        "receipt": plan.id,
        "begun": plan.begun,
        "finished": now(),
        "removed": {kind: {"files": each.files, "bytes": each.bytes} for kind, each in removed.items()},
        "rows": plan.rows,
        "key_list_rows": plan.key_rows,
        "searched": {
            "files": seen.files,
            "bytes": seen.bytes,
            "exports_that_remain": seen.exports,
            "cache_entries": seen.cache_entries,
            "database_rows": seen.rows,
            "for": {
                "the pseudonym": "as a word in names, texts and cells of the database",
                "words of answers, notes and the key list": len({*plan.words}),
                "rows as the database's file held them": len(plan.rows_as_stored),
                "copies of removed files": len(plan.own_fingerprints()),
            },
            "not_searched_for": {"answers that are short or common": plan.common},
        },
        "exports_not_at_their_place": len(plan.lost),
        "found": 0,
        "verdict": "nothing of this participant was found",
        "not_searched": list(NOT_SEARCHED),
    }
    path = write_private(study / "receipts" / f"{plan.id}.json", (json.dumps(told, indent=2) + "\n").encode())
    remove(plan_file(study, participant))
    return path


def _notes(plan: ForgetPlan, participant: str, keys: Path | None) -> tuple[str, ...]:
    notes = [f"export {path} is not at its place: if it was moved or copied, remove it there" for path in plan.lost]
    if keys is None:
        notes.append(f"no key list was named: remove the row of {participant} from it yourself")
    elif not plan.key_rows:
        notes.append(f"{keys} had no row of {participant}")
    return tuple(notes)

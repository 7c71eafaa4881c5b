"""What is to be forgotten of a participant, kept in a file until it is done, so that a second run can finish it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.datasets.cache import Cache, entries_made_from, hash_file
from micromask.studies.erase import count_rows
from micromask.studies.files import place_of, write_private
from micromask.studies.holdings import PERSONAL, Words, holdings, words_of
from micromask.studies.key_list import key_rows
from micromask.studies.store import now, read_store


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """All that must be remembered until a participant is forgotten and it is proved.

    ``files`` and ``cached`` are counted by path, the former as kind, bytes and fingerprint; ``places`` are what is to
    be removed; ``lost`` and ``unsafe`` as in `Holdings`; ``words``, ``rows_as_stored`` and ``common`` as in `Words`.
    """

    id: str
    begun: str
    places: list[str]
    lost: list[str]
    unsafe: list[str]
    files: dict[str, tuple[str, int, str]]
    cached: dict[str, int]
    words: list[str]
    rows_as_stored: list[str]
    common: int
    rows: dict[str, int]
    key_rows: int

    def fingerprints(self) -> set[str]:
        """Of all files: what entries of the cache may have been made from."""
        return {fingerprint for _, _, fingerprint in self.files.values()}

    def own_fingerprints(self) -> dict[str, int]:
        """Of the files that are this participant's alone, with their sizes; empty files are all alike and left out."""
        own = (*PERSONAL.values(), "other")
        return {fingerprint: size for kind, size, fingerprint in self.files.values() if kind in own and size}

    def searched_words(self) -> Words:
        """The words to look for."""
        return Words(
            tuple(each.encode() for each in self.words),
            tuple(each.encode() for each in self.rows_as_stored),
            self.common,
        )


def plan_file(study: Path, participant: str) -> Path:
    """Where the plan is kept until all is done."""
    return study.resolve() / f"forgetting-{participant}.json"


def make_plan(study: Path, participant: str, keys: Path | None, cache: Cache) -> ForgetPlan:
    """Look for all that there is of a participant, add what an earlier run that was cut off had seen, and keep it.

    Raises
    ------
    BadInputError
        If a plan is there and cannot be read.
    """
    place = plan_file(study, participant)
    for part in place.parent.glob(f".{place.name}.*.part"):
        part.unlink(missing_ok=True)
    plan = _plan(study, participant, keys, cache)
    if place.exists():
        with read_store(study) as store:
            noted = {row["path"] for row in store.execute("SELECT path FROM file")}
        plan = _joined(_read(place), plan, noted)
    write_private(place, json.dumps(asdict(plan), ensure_ascii=False).encode())
    return plan


def _plan(study: Path, participant: str, keys: Path | None, cache: Cache) -> ForgetPlan:
    there = holdings(study, participant)
    files = {}
    for path, kind in there.files().items():
        if not path.is_symlink():
            files[place_of(study, path)] = (kind, path.stat().st_size, hash_file(path).hex())
    words = words_of(study, participant, keys)
    cached = entries_made_from(cache, {fingerprint for _, _, fingerprint in files.values()})
    return ForgetPlan(
        id=secrets.token_hex(8),
        begun=now(),
        places=[_lexical(study, place) for place, _ in there.places],
        lost=list(there.lost),
        unsafe=list(there.unsafe),
        files=files,
        cached={str(path): path.stat().st_size for path in cached},
        words=[each.decode() for each in words.anywhere],
        rows_as_stored=[each.decode() for each in words.rows],
        common=words.common,
        rows=count_rows(study, participant),
        key_rows=len(key_rows(keys, participant)) if keys else 0,
    )


def _lexical(study: Path, place: Path) -> str:
    """As `place_of`, without following a link: the link itself is to go."""
    study = study.resolve()
    return place.relative_to(study).as_posix() if place.is_relative_to(study) else str(place)


def _read(place: Path) -> ForgetPlan:
    try:
        told = json.loads(place.read_text("utf-8"))
        return ForgetPlan(**(told | {"files": {path: tuple(facts) for path, facts in told["files"].items()}}))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInputError(f"{place}: what was to be forgotten cannot be read ({error})") from None


def _joined(before: ForgetPlan, now_: ForgetPlan, noted: Collection[str]) -> ForgetPlan:
    """What was seen then or now. A place that is noted again, and not as this participant's, has been made anew."""
    places = [path for path in before.places if path not in noted]
    tables = [*before.rows, *(table for table in now_.rows if table not in before.rows)]
    return ForgetPlan(
        id=before.id,
        begun=before.begun,
        places=list(dict.fromkeys([*places, *now_.places])),
        lost=[path for path in dict.fromkeys([*before.lost, *now_.lost]) if path not in before.places],
        unsafe=now_.unsafe,
        files=before.files | now_.files,
        cached=before.cached | now_.cached,
        words=list(dict.fromkeys([*before.words, *now_.words])),
        rows_as_stored=list(dict.fromkeys([*before.rows_as_stored, *now_.rows_as_stored])),
        common=max(before.common, now_.common),
        rows={table: max(before.rows.get(table, 0), now_.rows.get(table, 0)) for table in tables},
        key_rows=max(before.key_rows, now_.key_rows),
    )

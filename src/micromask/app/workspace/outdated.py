"""Whether a cohort or an agreement still says what its recordings say: who is on them, what was found and corrected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from micromask.app.workspace.made import NUMBERS, Made, MadeKind, made_folder
from micromask.app.workspace.store import reading

READ_AT = "read_at"
"""In a document: when its recordings were read, UTC, ISO 8601."""

MOST_NAMED = 3
"""Of more recordings the others are counted."""


@dataclass(frozen=True, slots=True)
class Now:
    """What is known of every recording: what it is called, who it is, and when it was last analysed and corrected.

    Times are UTC, ISO 8601, and '' where it never was.
    """

    titles: Mapping[int, str]
    people: Mapping[int, tuple[str, str]]
    analysed: Mapping[int, str]
    corrected: Mapping[int, str]


def recordings_now(workspace: Path) -> Now:
    """What `outdated` holds documents against, read once for all of them."""
    with reading(workspace) as store:
        found = store.execute('SELECT id, title, participant, "group" FROM recording').fetchall()
        analysed = store.execute(
            "SELECT recording AS id, max(ended) AS at FROM job WHERE kind = 'analyze' AND state = 'done' "
            "AND recording IS NOT NULL GROUP BY recording"
        ).fetchall()
        corrected = store.execute(
            "SELECT recording AS id, max(made) AS at FROM correction GROUP BY recording"
        ).fetchall()
    return Now(
        {row["id"]: row["title"] for row in found},
        {row["id"]: (row["participant"], row["group"]) for row in found},
        {row["id"]: row["at"] for row in analysed},
        {row["id"]: row["at"] for row in corrected},
    )


def outdated(workspace: Path, kind: MadeKind, one: Made, now: Now) -> tuple[str, ...]:
    """What has changed since it was made, a sentence each; nothing where it holds, or where it is not ready.

    An agreement is about what was spotted, so what people corrected does not change it; nor does their group.
    """
    if one.state != "done" or not one.there:
        return ()
    path = made_folder(workspace, kind, one.number) / NUMBERS
    try:
        told, read_at = _told(path, path.stat().st_mtime_ns, kind)
    except (OSError, ValueError, KeyError):
        return ()
    people = [n for n, who in told if n in now.people and who != _who(kind, *now.people[n])]
    numbers = [int(number) for number in one.payload.get("recordings", ()) if number in now.titles]
    analysed = [number for number in numbers if now.analysed.get(number, "") >= read_at > ""]
    corrected = [number for number in numbers if kind == "cohort" and now.corrected.get(number, "") >= read_at > ""]
    words = {
        "participant or group has changed" if kind == "cohort" else "participant has changed": people,
        "analysed again": analysed,
        "corrected": corrected,
    }
    return tuple(f"{what}: {_named([now.titles[n] for n in found])}" for what, found in words.items() if found)


@lru_cache(maxsize=512)
def _told(path: Path, _: int, kind: MadeKind) -> tuple[tuple[tuple[int, int], ...], str]:
    """Who is on each recording as a document says, and when it was read. Names are not kept in memory, only hashes."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if kind == "cohort":
        rows = [(row["number"], row["participant"], row["group"]) for row in document["recordings"]]
    else:
        rows = [(row["recording"], row["participant"], "") for row in document["by_recording"]]
    return tuple((int(number), _who(kind, *who)) for number, *who in rows), str(document.get(READ_AT, ""))


def _who(kind: MadeKind, participant: str, group: str) -> int:
    return hash((participant, group if kind == "cohort" else ""))


def _named(titles: Sequence[str]) -> str:
    more = len(titles) - MOST_NAMED
    return ", ".join(titles[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")

"""`micromask study status`: how far a study is, and what to do next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from micromask.app.cli.talk import add_row, new_table, out, plain, show_table
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.studies.status import Status


def status_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Say how far a study is: people, consent, films, frames, labels, and what to do next. Also checks its plan."""
    from micromask.studies.read_design import read_design
    from micromask.studies.status import study_status

    status = study_status(study, read_design(study))
    if as_json:
        document = asdict(status)
        document["people"] = [{"name": each.name, "consent": each.consent} for each in status.people]
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    _show(status)


def _show(status: Status) -> None:
    console = out()
    consent = Counter(
        {"given": "agreed", "withdrawn": "withdrew", "none": "not asked"}[p.consent] for p in status.people
    )
    seconds = sum(film.seconds or 0 for film in status.films)
    films = count(len(status.films), "film") + (f", {seconds / 60:.1f} minutes" if seconds else "")
    kept = sum(film.frames or 0 for film in status.films)
    lines = {
        "study": status.title,
        "people": f"{len(status.people)}{_told(consent)}",
        "sessions": f"{sum(status.sessions.values())}{_told(status.sessions)}",
        "films": films,
        "frames": f"{kept}{_told(status.flags)}",
        "labels": "; ".join(f"{coder}: {_list(kinds)}" for coder, kinds in status.labels.items()) or "none",
        "settled": "; ".join(f"{kind}: {_list(ways)}" for kind, ways in status.settled.items()) or "none",
        "agreement": "; ".join(f"{kind}: {_alpha(value)}" for kind, value in status.alpha.items()) or "none",
        "exports": ", ".join(status.exports) or "none",
    }
    for name, told in lines.items():
        console.print(Text(f"{name:<9}  {plain(told)}"))
    if status.films:
        console.print()
        table = new_table("film", "who", "part", "state", "seconds", "frames", "")
        for film in status.films:
            length = "" if film.seconds is None else f"{film.seconds:.1f}"
            frames = "not made" if film.frames is None else str(film.frames)
            add_row(table, str(film.recording), film.participant, film.part, film.state, length, frames, film.why)
        show_table(table)
    console.print()
    for todo in status.next:
        console.print(Text(f"next  {plain(todo)}"))


def _told(counts: Mapping[str, int]) -> str:
    return f" ({_list(counts)})" if counts else ""


def _list(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())


def _alpha(value: float | str) -> str:
    return value if isinstance(value, str) else f"Krippendorff's alpha {value:.2f}"

"""`micromask study import`: a film that was made elsewhere, with the log of what was shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from micromask.app.cli.talk import out, plain, say
from micromask.core.errors import BadInputError


def import_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")],
    film: Annotated[Path, typer.Argument(metavar="FILM", help="It is copied; the film itself stays as it is.")],
    log: Annotated[
        Path, typer.Option("--log", metavar="LOG.csv", help="What was shown: time_s,item and perhaps end_s.")
    ],
    part: Annotated[str, typer.Option("--part", metavar="NAME", help="The part of the study that was filmed.")],
    participant: Annotated[
        str | None, typer.Option("--participant", metavar="P01", help="One who is there; else a new one is added.")
    ] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--field", metavar="NAME=VALUE", help="An answer of a new participant.")
    ] = None,
    consent_text: Annotated[
        Path | None, typer.Option("--consent-text", metavar="FILE", help="What was agreed to; else the study's text.")
    ] = None,
    consented_on: Annotated[
        str | None, typer.Option("--consented-on", metavar="DATE", help="When it was agreed to, such as 2026-03-31.")
    ] = None,
) -> None:
    """Take a film that was made elsewhere into a study, with its participant, their consent and what they saw."""
    from micromask.studies.import_film import PaperConsent, import_film
    from micromask.studies.read_design import read_design

    consent = None
    if consent_text is not None or consented_on is not None:
        consent = PaperConsent(None if consent_text is None else _text(consent_text), consented_on)
    done = import_film(
        study,
        read_design(study),
        film,
        log,
        part,
        participant=participant,
        fields=answers_of(fields or ()),
        consent=consent,
    )
    if done.damage:
        say(f"note: {film}: {done.damage}")
    console = out()
    console.print(Text(f"participant  {done.participant}"))
    console.print(
        Text(f"recording    {done.recording}  {plain(done.path)}  {done.seconds:.2f} s, {done.stimuli} shown")
    )


def answers_of(pairs: Sequence[str]) -> dict[str, str]:
    """Answers from NAME=VALUE pairs.

    >>> answers_of(["age=21", "about=likes a=b"])
    {'age': '21', 'about': 'likes a=b'}
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise BadInputError(f"--field wants NAME=VALUE, such as age=21, got {pair!r}")
        if name in found:
            raise BadInputError(f"--field {name} was given twice")
        found[name] = value
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadInputError(f"{path}: cannot be read as a text in UTF-8 ({why})") from None

"""`micromask study frames`: cut the films of a study into the frames that are coded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from micromask.app.cli.batch import finish
from micromask.app.cli.talk import add_row, new_table, out, progress_bar, say, say_error, show_table
from micromask.core.errors import BadInputError, MicromaskError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.studies.frame_rows import Made
    from micromask.studies.sessions import StudyRecording

FLAGS = ("no-face", "blurred", "eyes-closed")


def frames_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")],
    participant: Annotated[
        str | None, typer.Option(metavar="P01", help="Whose films; everybody's if not given.")
    ] = None,
    detector: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Face detector: haar, dlib, mtcnn or mediapipe.  [default: mtcnn]"),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Between two frames.  [default: frame_seconds of study.yaml]")
    ] = None,
    candidates: Annotated[
        bool, typer.Option("--candidates/--no-candidates", help="Also look for intervals with an expression.")
    ] = True,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one a core if not given.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Make frames anew that are there.")] = False,
) -> None:
    """Keep one frame of each film every half second: the face cut out upright, with what is wrong with it.

    Films of everybody whose consent stands; films that are being recorded are left out. What is there already stays.
    """
    from micromask.studies.film_clock import film_clock
    from micromask.studies.frame_jobs import make_all
    from micromask.studies.frames import Wish
    from micromask.studies.read_design import read_design

    wish = Wish(seconds, detector, candidates, again)
    design = read_design(study)
    films = _films(study, participant)
    total = 0
    lost: list[tuple[int, MicromaskError]] = []
    for film in films:
        try:
            total += len(film_clock(study, film.id).times) * (2 if candidates else 1)
        except MicromaskError as error:
            lost.append((film.id, error))
    alone = len(films) == 1
    if alone and lost:
        raise lost[0][1]
    left = [film.id for film in films if film.id not in dict(lost)]
    made: list[Made] = []
    with progress_bar(study.resolve().name, total, "writing them down") as done:
        for number, outcome in make_all(
            study, design, left, wish, jobs=min(jobs or os.cpu_count() or 1, len(left) or 1), progress=done
        ):
            if isinstance(outcome, MicromaskError):
                lost.append((number, outcome))
            else:
                made.append(outcome)
    if alone and lost:
        raise lost[0][1]
    _show(sorted(made, key=lambda each: (each.participant, each.recording)))
    for _, why in sorted(lost, key=lambda each: each[0]):
        say_error(str(why))
    finish(1 if lost else 0)


def _films(study: Path, participant: str | None) -> list[StudyRecording]:
    """The films that may be cut; of those left out, a line each.

    Raises
    ------
    BadInputError
        If there is none.
    """
    from micromask.studies.people import has_consent
    from micromask.studies.sessions import recordings_of

    found = recordings_of(study, participant)
    refused = [name for name in dict.fromkeys(film.participant for film in found) if not has_consent(study, name)]
    if participant in refused:
        raise BadInputError(f"{participant} has given no consent, or has withdrawn it: their films are not cut")
    for name in refused:
        say(f"{name} left out: no consent, or it was withdrawn")
    films = []
    for film in found:
        if film.participant in refused:
            continue
        if film.state == "open":
            say(f"recording {film.id} ({film.participant}, {film.part}) left out: it is being recorded")
        elif not film.bytes:
            say(f"recording {film.id} ({film.participant}, {film.part}) left out: nothing was recorded")
        else:
            films.append(film)
    if not films:
        whose = "" if participant is None else f" of {participant}"
        raise BadInputError(f"{study} has no film{whose} to cut: record with 'micromask study serve {study}'")
    return films


def _show(made: list[Made]) -> None:
    table = new_table("who", "recording", "part", "each", "frames", *FLAGS, "candidates", "")
    for each in made:
        flags = (str(each.flags.get(flag, 0)) for flag in FLAGS)
        found = "not looked for" if each.candidates is None else str(each.candidates)
        cells = (each.participant, str(each.recording), each.part, f"{each.seconds:g} s", str(each.frames))
        add_row(table, *cells, *flags, found, "" if each.fresh else "as it was")
    if made:
        show_table(table)
    for each in made:
        for line in each.told:
            say(f"recording {each.recording} ({each.participant}, {each.part}): {line}")
    total = sum(each.frames for each in made if each.fresh)
    out().print(Text(f"{count(total, 'frame')} written, {count(len(made), 'film')}"))

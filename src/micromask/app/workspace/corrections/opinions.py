"""What people made of the machine's intervals: accepted, rejected, corrected, added; each author beside the others.

Nothing that the machine measured is changed and nothing that a person said is lost. What stands follows from both by
one rule (`standing`), and every export holds what it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from micromask.app.workspace.corrections.said import Does, Said, log, steps, write_line
from micromask.app.workspace.corrections.standing import (
    SAME,
    Target,
    found_by,
    opinions_on,
    resolved,
    shared,
    standing,
    targets_of,
)
from micromask.app.workspace.playable import FilmClock, read_clock
from micromask.app.workspace.recordings import one_line, results_of
from micromask.app.workspace.recordings import recording as recorded
from micromask.app.workspace.shown import PLAYED
from micromask.app.workspace.store import reading, writing
from micromask.core.clips import ClipKind
from micromask.core.errors import BadInputError
from micromask.core.opinions import CorrectedInterval, MarkedInterval
from micromask.core.types import Analysis
from micromask.reports.document import read_document
from micromask.reports.folder import FILES

LONGEST_EMOTION, LONGEST_NOTE = 60, 2000


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says as it comes from the page.

    ``about`` is the key of an interval of `corrected`, None for one that is added. Frames, kind and emotion are needed
    to correct and to add, and to accept: there they are what the person saw.
    """

    does: Does
    about: str | None = None
    face: int = 0
    onset: int = 0
    apex: int = 0
    offset: int = 0
    kind: ClipKind = "micro"
    emotion: str = ""
    note: str = ""
    shown_emotion: str = ""
    felt_emotion: str = ""


def read_results(workspace: Path, recording: int) -> Analysis:
    """The analysis of a recording without timelines and pictures.

    Raises
    ------
    BadInputError
        If there is no such recording, or it has not been analysed.
    """
    one = recorded(workspace, recording)
    path = results_of(workspace, recording) / FILES["analysis"]
    if not path.is_file():
        raise BadInputError(f"{one.title} has no results yet: wait until it is analysed, or analyse it")
    return read_document(path)


def film_clock(workspace: Path, recording: int) -> FilmClock:
    """Which frames of a recording can be seen, and when; BadInputError if it has not been analysed."""
    return read_clock(recorded(workspace, recording).folder / PLAYED)


def corrected(workspace: Path, recording: int) -> tuple[CorrectedInterval, ...]:
    """All intervals of a recording, the machine's and those that people added, in the order of their times.

    Masked marks are among them, each beside the expression that it lies in: see `corrected_expressions`.

    An author has one opinion on an interval: the last. Opinions stay with their interval while the recording is
    analysed again: it is the one of the same face and layer with which it shares half of their union; where there is
    none it is kept and said to be gone. Intervals that several people added and that are the same by that measure are
    one, with their opinions beside each other. What stands: see `standing`.

    Raises
    ------
    BadInputError
        As `read_results`.
    """
    analysis = read_results(workspace, recording)
    return resolved(found_by(analysis), history(workspace, recording))


def corrected_expressions(workspace: Path, recording: int) -> tuple[CorrectedInterval, ...]:
    """The expressions among `corrected`: what may be counted by emotion.

    A masked mark lies within an expression that is counted already, and what it says is which parts of a face moved.

    Raises
    ------
    BadInputError
        As `read_results`.
    """
    return tuple(one for one in corrected(workspace, recording) if one.layer == "expressions")


def history(workspace: Path, recording: int) -> tuple[Said, ...]:
    """The whole log of a recording, oldest first."""
    with reading(workspace) as store:
        return log(store, recording)


def say(workspace: Path, recording: int, author: str, told: Told) -> None:
    """Add what somebody says of an interval to the log; it is on the disk when this returns.

    Raises
    ------
    BadInputError
        If the interval is not in the results (any more), what is accepted has changed since it was seen, frames do not
        follow one another or lie outside the film, the face, kind or emotion cannot be, there is nothing to withdraw,
        or what is added is there already.
    """
    analysis = read_results(workspace, recording)
    interval = None
    if told.does in ("correct", "add"):
        interval = _checked(film_clock(workspace, recording), analysis, told)
    if len(told.note) > LONGEST_NOTE:
        raise BadInputError(f"a note has at most {LONGEST_NOTE} letters, got {len(told.note)}")
    with writing(workspace) as store:
        targets = targets_of(found_by(analysis), log(store, recording))
        about, added = None, None
        if told.does == "add":
            _refuse_double(targets, interval, author)
        else:
            target = next((one for one in targets if one.key == told.about), None)
            if target is None:
                raise BadInputError("this interval is not in the results any more: load the page again")
            if told.does == "accept":
                interval = _as_seen(target, told)
            if interval is not None and told.does == "correct":
                if target.added is None and target.layer == "masked" and interval.layer != "masked":
                    raise BadInputError(f"{_name(target)} is of a masked expression: reject it if it is none")
                if target.added is not None or target.layer != interval.layer:
                    _refuse_double((one for one in targets if one is not target), interval, author)
            if told.does == "withdraw" and author not in opinions_on(target):
                raise BadInputError(f"{author} has said nothing about this interval")
            about, added = (target.marked, None) if target.added is None else (None, target.added)
        write_line(store, recording, author, told.does, about=about, added=added, interval=interval, note=told.note)


def undo(workspace: Path, recording: int, author: str) -> None:
    """Take back what an author said last about a recording; BadInputError if there is nothing."""
    _step(workspace, recording, author, "undo")


def redo(workspace: Path, recording: int, author: str) -> None:
    """Bring back what an author took back last; BadInputError if there is nothing."""
    _step(workspace, recording, author, "redo")


def _step(workspace: Path, recording: int, author: str, does: Does) -> None:
    with writing(workspace) as store:
        left = steps(log(store, recording), author)
        if not (left.undo if does == "undo" else left.redo):
            raise BadInputError(f"there is nothing to {does} for {author} in this recording")
        write_line(store, recording, author, does)


def _checked(clock: FilmClock, analysis: Analysis, told: Told) -> MarkedInterval:
    """What is told as an interval of this film; seconds are the film's own."""
    faces = sorted(face.face for face in analysis.faces) or [0]
    if told.face not in faces:
        raise BadInputError(f"there is no face {told.face} in this recording; its faces are {_joined(faces)}")
    if told.kind not in get_args(ClipKind):
        raise BadInputError(f"the kind is one of {_joined(get_args(ClipKind))}, got {told.kind!r}")
    emotions = tuple(map(_emotion, (told.emotion, told.shown_emotion, told.felt_emotion)))
    if told.kind != "masked" and any(emotions[1:]):
        raise BadInputError(f"only a masked expression has a shown and a felt emotion, got kind {told.kind}")
    frames = told.onset, told.apex, told.offset
    if not 0 <= told.onset <= told.apex <= told.offset:
        raise BadInputError(
            f"onset, apex and offset must follow one another, got the frames {told.onset}, {told.apex}, {told.offset}"
        )
    if told.offset > clock.frames[-1]:
        raise BadInputError(f"offset {told.offset} lies behind the film, whose last frame is {clock.frames[-1]}")
    at = np.searchsorted(clock.frames, frames)
    if (clock.frames[at] != frames).any():
        raise BadInputError(f"one of the frames {_joined(frames)} cannot be read in this film: mark another")
    onset_s, apex_s, offset_s = (round(float(time), 6) for time in clock.times[at])
    return MarkedInterval(told.face, *frames, onset_s, apex_s, offset_s, told.kind, *emotions)


def _emotion(text: str) -> str:
    emotion = one_line(text, LONGEST_EMOTION + 1)
    if len(emotion) > LONGEST_EMOTION:
        raise BadInputError(f"an emotion has at most {LONGEST_EMOTION} letters: put the rest into the note")
    if emotion and not emotion[0].isalnum():
        raise BadInputError(f"an emotion begins with a letter, got {emotion!r}")
    return emotion


def _as_seen(target: Target, seen: Told) -> MarkedInterval:
    """What is accepted: the machine's interval, or where there is none what stands; refused if it was another one."""
    one = target.marked if target.machine is not None else standing(target).stands
    names = ("face", "onset", "apex", "offset", "kind", "emotion", "shown_emotion", "felt_emotion")
    if any(getattr(one, name) != getattr(seen, name) for name in names):
        raise BadInputError("this interval was changed while you looked at it: look again, then accept it")
    return one


def _refuse_double(targets: Iterable[Target], interval: MarkedInterval | None, author: str) -> None:
    """Refuse an interval of one's own where the machine or oneself has nearly the same already."""
    assert interval is not None, "what is added or corrected is an interval"
    for target in targets:
        theirs = target.machine is not None or author in opinions_on(target)
        if theirs and target.layer == interval.layer and shared(target.marked, interval) >= SAME:
            what = "an interval of yours" if target.number is None else _name(target)
            raise BadInputError(
                f"{what}, frames {target.marked.onset} to {target.marked.offset}, is nearly the same: correct that one"
            )


def _name(target: Target) -> str:
    if target.number is None:
        return "this mark"
    return f"mark M{target.number}" if target.layer == "masked" else f"expression {target.number}"


def _joined(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))

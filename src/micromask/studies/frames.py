"""Kept frames: of each film one frame every so many seconds, with what was on the screen and what is wrong with it.

Frame number n lies at n times the study's interval on the film's clock: at half a second, 30 is the 15th second.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.faces.detect import detectors
from micromask.studies.candidates import Candidate, find_candidates, replace_candidates
from micromask.studies.design import Design
from micromask.studies.face_frames import Kept, cut_frames
from micromask.studies.film_clock import film_path
from micromask.studies.frame_rows import Made, StudyFrame, frames_of, made_of, replace_framed, replace_frames
from micromask.studies.fresh_folder import abandon, begin_folder, clear_up, put_in_place
from micromask.studies.people import consent_stands
from micromask.studies.sessions import StudyRecording, recordings_of
from micromask.studies.shown import item_at, shown_spans
from micromask.studies.store import open_store, read_store

__all__ = [
    "Cut",
    "Made",
    "StudyFrame",
    "Task",
    "Wish",
    "begin_frames",
    "cut_recording",
    "finish_frames",
    "frames_of",
    "frames_there",
    "make_frames",
]

SHORTEST, LONGEST = 0.01, 60.0
"""Seconds between two kept frames."""

DETECTOR = "mtcnn"


@dataclass(frozen=True, slots=True)
class Wish:
    """How frames are to be made.

    ``seconds`` and ``detector`` None stand for what a recording's frames were made with, and for the design's interval
    and mtcnn where there are none yet or they are made ``again``.
    """

    seconds: float | None = None
    detector: str | None = None
    candidates: bool = True
    again: bool = False

    def __post_init__(self) -> None:
        if self.detector is not None:
            _ = detectors[self.detector]
        if self.seconds is not None and not SHORTEST <= self.seconds <= LONGEST:
            raise BadInputError(f"--seconds is {SHORTEST:g} to {LONGEST:g}, got {self.seconds:g}")


@dataclass(frozen=True, slots=True)
class Task:
    """One recording to be cut: all that another process needs to know. ``folder`` is where the pictures go."""

    recording: int
    film: Path
    folder: Path
    seconds: float
    detector: str
    candidates: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cut out of one film, and what a person has to know of it."""

    frames: tuple[Kept, ...]
    candidates: tuple[Candidate, ...]
    told: tuple[str, ...] = ()


def make_frames(
    study: Path,
    design: Design,
    recording_id: int,
    wish: Wish = Wish(),
    *,
    progress: Callable[[int], None] | None = None,
) -> Made:
    """Make the kept frames of one recording: pictures and rows, both or none.

    Parameters
    ----------
    study : Path
    design : Design
    recording_id : int
    wish : Wish
        Without ``again``, frames that are there stay as they are.
    progress : callable, optional
        Called with the number of frames of the film that are done; twice as many where candidates are looked for.

    Raises
    ------
    BadInputError
        If there is no such recording, it is still open or empty, its film cannot be read at all, its participant's
        consent does not stand, or frames that have labels would be numbered anew.
    BadOutputError
        If something cannot be written.
    """
    task = begin_frames(study, design, recording_id, wish)
    if task is None:
        return frames_there(study, recording_id)
    try:
        cut = cut_recording(task, progress)
    except BaseException:
        abandon(study, task.folder)
        raise
    return finish_frames(study, task, cut)


def begin_frames(study: Path, design: Design, recording_id: int, wish: Wish) -> Task | None:
    """What is to be done for a recording, with a folder to work in; None where its frames are there already."""
    recording = _recording(study, recording_id)
    film = film_path(study, recording_id)
    if recording.state == "open":
        raise BadInputError(f"{_name(recording)} is still being recorded: end its session first")
    if not film.stat().st_size:
        raise BadInputError(f"{_name(recording)} is empty: nothing was recorded")
    with read_store(study) as store:
        _check_consent(store, recording)
        before = store.execute("SELECT * FROM framed WHERE recording = ?", (recording_id,)).fetchone()
        if before is None or wish.again:
            seconds, detector = wish.seconds or design.frame_seconds, wish.detector or DETECTOR
        else:
            seconds, detector = wish.seconds or before["seconds"], wish.detector or before["detector"]
        if before is not None:
            _check_change(store, recording, before, seconds, detector, wish.again)
            if not wish.again and (before["candidates"] or not wish.candidates):
                return None
    folder = begin_folder(study, _place(recording), recording.participant, recording.path)
    return Task(recording_id, film, folder, seconds, detector, wish.candidates)


def cut_recording(task: Task, progress: Callable[[int], None] | None = None) -> Cut:
    """Do the work for one recording; reads the film, writes into the task's folder, and knows of no database."""
    passed = 0

    def onward(done: int) -> None:
        nonlocal passed
        passed = done
        if progress is not None:
            progress(done)

    frames, told = cut_frames(task.film, task.folder, seconds=task.seconds, detector=task.detector, progress=onward)
    if not task.candidates:
        return Cut(frames, (), told)
    first = passed
    return Cut(frames, find_candidates(task.film, task.detector, lambda done: onward(first + done)), told)


def finish_frames(study: Path, task: Task, cut: Cut) -> Made:
    """Keep what was cut: the rows and the folder of pictures in one transaction.

    Raises
    ------
    BadInputError
        If meanwhile the recording went, consent was withdrawn, or a frame was labelled whose number now means another.
    """
    try:
        recording = _recording(study, task.recording)
        shown = shown_spans(study, task.recording)
        rows = [(each, item_at(shown, each.time_s)) for each in cut.frames]
        with open_store(study) as store:
            _check_consent(store, recording)
            _check_labelled(store, recording, {each.number: each.frame for each in cut.frames})
            replace_frames(store, task.recording, _place(recording), recording.participant, recording.path, rows)
            replace_candidates(store, task.recording, cut.candidates)
            replace_framed(store, task.recording, task.seconds, task.detector, task.candidates, cut.told)
            put_in_place(study, store, task.folder)
    except BaseException:
        abandon(study, task.folder)
        raise
    clear_up(task.folder)
    return made_of(study, recording, fresh=True)


def frames_there(study: Path, recording_id: int) -> Made:
    """What frames a recording has already; BadInputError where they were not made."""
    return made_of(study, _recording(study, recording_id), fresh=False)


def _recording(study: Path, recording_id: int) -> StudyRecording:
    for recording in recordings_of(study):
        if recording.id == recording_id:
            return recording
    raise BadInputError(f"no recording {recording_id} in {study}")


def _name(recording: StudyRecording) -> str:
    return f"recording {recording.id} ({recording.participant}, {recording.part})"


def _place(recording: StudyRecording) -> str:
    return f"frames/{recording.participant}/{recording.id}"


def _check_consent(store: sqlite3.Connection, recording: StudyRecording) -> None:
    if not consent_stands(store, recording.participant):
        raise BadInputError(
            f"{recording.participant} has given no consent, or has withdrawn it: {_name(recording)} gets no frames"
        )
    there = "SELECT 1 FROM recording JOIN session ON session.id = session WHERE recording.id = ? AND session.state != ?"
    if store.execute(there, (recording.id, "deleted")).fetchone() is None:
        raise BadInputError(f"{_name(recording)} was deleted meanwhile")


def _labelled(store: sqlite3.Connection, recording: int) -> set[int]:
    """Numbers of kept frames with a label or a settled one; also removed labels, which undo can bring back."""
    rows = store.execute(
        "SELECT number FROM label WHERE recording = ? AND number IS NOT NULL"
        " UNION SELECT number FROM settled WHERE recording = ?",
        (recording, recording),
    )
    return {row["number"] for row in rows}


def _check_change(
    store: sqlite3.Connection,
    recording: StudyRecording,
    before: sqlite3.Row,
    seconds: float,
    detector: str,
    again: bool,
) -> None:
    old = before["seconds"]
    have = f"{_name(recording)} has frames each {old:g} s"
    if not again and (seconds, detector) != (old, before["detector"]):
        raise BadInputError(
            f"{have}, found by {before['detector']}: with --again they are made anew, each {seconds:g} s by {detector}"
        )
    labelled = len(_labelled(store, recording.id))
    if labelled and seconds != old:
        raise BadInputError(
            f"{have} and labels on {labelled} of them: each {seconds:g} s they would be numbered anew and the labels "
            f"would mean other frames; give --seconds {old:g}"
        )


def _check_labelled(store: sqlite3.Connection, recording: StudyRecording, frames: Mapping[int, int]) -> None:
    rows = store.execute("SELECT number, frame FROM frame WHERE recording = ?", (recording.id,))
    before = {row["number"]: row["frame"] for row in rows}
    for number in sorted(_labelled(store, recording.id)):
        if number in before and frames.get(number) != before[number]:
            raise BadInputError(
                f"{_name(recording)}: frame {number} has a label and would mean frame {frames.get(number, 'none')} of "
                f"the film, not {before[number]}: the film changed or was cut; nothing was changed"
            )

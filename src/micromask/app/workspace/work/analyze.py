"""The kind of work "analyze": look at a recording, find its expressions, write its report, make it playable."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

from micromask.app.workspace.jobs import Job
from micromask.app.workspace.recordings import Recorded, recording, results_of
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.core.errors import BadInputError, MicromaskError
from micromask.core.types import Analysis, Recording

SETTINGS = ("detector", "flow", "face", "floor", "magnify", "masked", "recognise")
"""What of `micromask.inference.analyze.Settings` a payload may say; ``model`` too, as a file's name in models/."""

PLAY = "play.mp4"


@works.add("analyze")
def analyze_recording(workspace: Path, job: Job, tell: Tell) -> None:
    """Leave the results of a recording in `results_of`, and the film for the browser beside the film.

    Raises
    ------
    BadInputError
        If it is no film, is not there any more, or the settings do not fit.
    BadOutputError
        If there is no room.
    """
    if job.recording is None:
        raise BadInputError("nothing says which recording to analyse")
    recorded = recording(workspace, job.recording)
    tell(0, 0, "looking at the film")
    try:
        _analyze(workspace, job, recorded, tell)
    except MicromaskError as error:
        raise type(error)(_named(str(error), recorded)) from None


def _analyze(workspace: Path, job: Job, recorded: Recorded, tell: Tell) -> None:
    _one_thread()
    from micromask.app.workspace.playable import clock_path, make_playable
    from micromask.inference.analyze import analyze
    from micromask.recordings import probe
    from micromask.reports.folder import write_run
    from micromask.reports.tracks import TRACKS_FILE, write_tracks

    settings = _settings(workspace, job.payload)
    film = probe(recorded.film)
    frames, total = film.n_frames, 2 * film.n_frames

    def watched(done: int) -> None:
        last = done >= frames
        tell(min(done, frames), total, "recognising expressions" if last else "following the face")

    def shown(done: int) -> None:
        tell(frames + min(done, frames), total, "making it playable in the browser")

    place = scratch(workspace, job)
    analysis = _titled(analyze(film, settings, progress=watched), recorded)
    tell(frames, total, "writing the report")
    write_run(analysis, place / "results")
    write_tracks(analysis.tracks, place / "results" / TRACKS_FILE)
    play = place / PLAY
    make_playable(film, play, progress=shown)
    target = recorded.folder / PLAY
    keep(
        workspace,
        job,
        {
            place / "results": results_of(workspace, recorded.id),
            play: target,
            clock_path(play): clock_path(target),
        },
        note=lambda store: _note(store, recorded.id, film, analysis),
    )
    tell(total, total, _found(analysis))


def _settings(workspace: Path, payload: dict[str, Any]) -> Any:
    from micromask.inference.analyze import Settings

    model = payload.get("model")
    if model and Path(model).name != model:
        raise BadInputError(f"no model {model!r} in this workspace")
    given = {name: payload[name] for name in SETTINGS if name in payload}
    return Settings(**given, model=workspace / "models" / model if model else None)


def _titled(analysis: Analysis, recorded: Recorded) -> Analysis:
    """The same under the recording's title: the film's own name in the workspace says nothing to anybody."""
    named = replace(
        analysis.recording, id=Path(recorded.title).stem, path=analysis.recording.path.with_name(recorded.title)
    )
    tracks = tuple(replace(track, recording_id=named.id) for track in analysis.tracks)
    return replace(analysis, recording=named, tracks=tracks)


def _named(line: str, recorded: Recorded) -> str:
    """A line about the film in the words of the person who gave it."""
    if recorded.outside:
        return line
    names = "|".join(re.escape(name) for name in (str(recorded.film), recorded.film.name))
    return re.sub(names, lambda _: recorded.title, line)


def _note(store: sqlite3.Connection, number: int, film: Recording, analysis: Analysis) -> None:
    store.execute(
        "UPDATE recording SET seconds = ?, fps = ?, frames = ? WHERE id = ?",
        (analysis.seconds, film.fps, analysis.frames, number),
    )


def _found(analysis: Analysis) -> str:
    if not analysis.faces:
        return "no face was found"
    micro = sum(each.kind == "micro" for each in analysis.expressions)
    return f"{micro} micro- and {len(analysis.expressions) - micro} macro-expressions"


def _one_thread() -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)

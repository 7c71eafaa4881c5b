"""What is exported, as one zip: tables, ELAN, JSON, reports and clips of one or many recordings.

Nothing in it names a folder of this machine. Large files go to the disk one at a time and from there into the zip.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from micromask import __version__
from micromask.app.workspace.corrections.document import corrected_document, line_document
from micromask.app.workspace.corrections.opinions import film_clock, history, read_results
from micromask.app.workspace.corrections.standing import found_by, resolved
from micromask.app.workspace.exports.clips import Cut, write_clip
from micromask.app.workspace.exports.readme import readme
from micromask.app.workspace.exports.tables import (
    OPINION_COLUMNS,
    classes_of,
    csv_text,
    interval_columns,
    interval_row,
    opinion_rows,
)
from micromask.app.workspace.exports.wanted import Part, Wanted
from micromask.app.workspace.recordings import Recorded, recording, results_of
from micromask.core.errors import BadInputError, BadOutputError, MicromaskError
from micromask.core.opinions import CorrectedInterval
from micromask.core.types import Analysis
from micromask.recordings import probe
from micromask.reports.corrected import corrected_report, says_of
from micromask.reports.elan import write_elan
from micromask.reports.folder import FILES
from micromask.studies.files import FILE_MODE

FORMAT = "micromask-corrections/1"

Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Written:
    """A line for everything that had to be left out, as the zip's README.txt has them, and how many steps it took."""

    left_out: tuple[str, ...]
    steps: int


@dataclass(slots=True)
class _Taken:
    """One recording as it is exported."""

    recorded: Recorded
    analysis: Analysis
    intervals: tuple[CorrectedInterval, ...]
    log: list[dict[str, Any]]
    folder: str
    stamp: int
    clips: dict[str, str] = field(default_factory=dict)


def write_export(workspace: Path, wanted: Wanted, path: Path, scratch: Path, tell: Tell = lambda *_: None) -> Written:
    """Write a zip.

    Parameters
    ----------
    workspace : Path
    wanted : Wanted
    path : Path
        The zip; nothing may be there.
    scratch : Path
        A folder for the files that are made on the way; each is gone when it is in the zip.
    tell : callable, optional
        (done, total, line), as a job says how far it is.

    Returns
    -------
    Written

    Raises
    ------
    BadInputError
        If none of the recordings has results, or one was analysed anew in the meantime.
    BadOutputError
        If the disk is full or the place not writable.
    """
    left_out: list[str] = []
    taken = _taken(workspace, wanted, left_out)
    clips = sum(one.counts for each in taken for one in each.intervals) if "clips" in wanted.parts else 0
    total, done = clips + len(taken), 0
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE)
        with os.fdopen(descriptor, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in taken:
                tell(done, total, f"exporting {each.recorded.title}")
                if "clips" in wanted.parts:
                    done = _add_clips(archive, each, wanted.cut, scratch, left_out, (done, total), tell)
                _add_files(archive, workspace, each, wanted.parts, scratch, left_out)
                if _stamp(workspace, each.recorded.id) != each.stamp:
                    raise BadInputError(f"{each.recorded.title} was analysed anew while it was exported: export again")
                done += 1
            if "csv" in wanted.parts:
                _add_tables(archive, taken)
            archive.writestr("README.txt", readme([each.recorded.title for each in taken], wanted.parts, left_out))
            archive.close()
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise BadOutputError(f"the export cannot be written: {error.strerror or error}; make room") from None
    return Written(tuple(left_out), total)


def zip_name(workspace: Path, wanted: Wanted) -> str:
    """What a browser saves the zip as."""
    if len(wanted.recordings) > 1:
        return f"micromask-{len(wanted.recordings)}-recordings.zip"
    return f"{_file_name(Path(recording(workspace, wanted.recordings[0]).title).stem)}.zip"


def _taken(workspace: Path, wanted: Wanted, left_out: list[str]) -> list[_Taken]:
    taken = []
    for number in wanted.recordings:
        one = recording(workspace, number)
        try:
            stamp = _stamp(workspace, number)
            analysis = read_results(workspace, number)
        except BadInputError as error:
            left_out.append(str(error))
            continue
        lines = history(workspace, number)
        intervals = resolved(found_by(analysis), lines)
        folder = f"{one.id:03d} {_file_name(Path(one.title).stem)}"
        taken.append(_Taken(one, analysis, intervals, [line_document(line) for line in lines], folder, stamp))
    if not taken:
        raise BadInputError(left_out[0] if len(left_out) == 1 else "none of these recordings has results yet")
    return taken


def _stamp(workspace: Path, number: int) -> int:
    """Tells one analysis of a recording from another."""
    path = results_of(workspace, number) / FILES["analysis"]
    return path.stat().st_mtime_ns if path.is_file() else 0


def _add_clips(
    archive: zipfile.ZipFile,
    each: _Taken,
    cut: Cut,
    scratch: Path,
    left_out: list[str],
    progress: tuple[int, int],
    tell: Tell,
) -> int:
    """A film of each interval that counts; how far the whole export is then."""
    done, total = progress
    chosen = [one for one in each.intervals if one.counts]
    title = each.recorded.title
    try:
        film = replace(probe(each.recorded.film), id=title) if chosen else None
    except MicromaskError:
        left_out.append(f"clips of {title}: the film is not where it was, or cannot be read")
        return done + len(chosen)
    for position, one in enumerate(chosen, 1):
        assert film is not None, "there is a film where something is to be cut"
        tell(done, total, f"cutting clip {position} of {len(chosen)} of {title}")
        stands = one.stands
        says = says_of(one, stands)
        name = _file_name(f"{position:02d} {stands.kind} {says} {stands.onset}-{stands.offset}")
        words = f"{stands.kind}: {says} · {title}"
        path = scratch / "clip.mp4"
        try:
            clip = write_clip(film, stands, path, cut, words=words)
        except BadInputError as error:
            left_out.append(f"clip {position} of {title}: {str(error).partition(': ')[2] or error}")
        else:
            each.clips[one.key] = f"{each.folder}/clips/{name}.mp4"
            archive.write(path, each.clips[one.key], zipfile.ZIP_STORED)
            path.unlink()
            if clip.captions is not None:
                archive.write(clip.captions, f"{each.folder}/clips/{name}.srt")
                clip.captions.unlink()
        done += 1
    return done


def _add_files(
    archive: zipfile.ZipFile,
    workspace: Path,
    each: _Taken,
    parts: Sequence[Part],
    scratch: Path,
    left_out: list[str],
) -> None:
    results = results_of(workspace, each.recorded.id)
    if "json" in parts:
        archive.write(results / FILES["analysis"], f"{each.folder}/analysis.json")
        archive.writestr(f"{each.folder}/corrections.json", _json(each))
    if "elan" in parts:
        name = _file_name(each.recorded.title)
        path = scratch / f"{Path(name).stem}.eaf"
        write_elan(_timed(workspace, each), path, Path(name), by_name=True, corrected=each.intervals)
        archive.write(path, f"{each.folder}/{path.name}")
        path.unlink()
    if "report" in parts:
        try:
            html = corrected_report((results / FILES["report"]).read_text(encoding="utf-8"), each.intervals)
            archive.writestr(f"{each.folder}/report.html", html)
        except (BadInputError, FileNotFoundError) as error:
            why = error if isinstance(error, BadInputError) else "it is missing: analyse the recording again"
            left_out.append(f"the report of {each.recorded.title}: {why}")


def _add_tables(archive: zipfile.ZipFile, taken: Sequence[_Taken]) -> None:
    classes = classes_of(one for each in taken for one in each.intervals)
    rows = [interval_row(each.recorded, one, each.clips.get(one.key, "")) for each in taken for one in each.intervals]
    archive.writestr("intervals.csv", csv_text(interval_columns(classes), rows))
    said = [row for each in taken for one in each.intervals for row in opinion_rows(each.recorded, one)]
    archive.writestr("opinions.csv", csv_text(OPINION_COLUMNS, said))


def _json(each: _Taken) -> str:
    one, of = each.recorded, each.analysis.recording
    document = {
        "format": FORMAT,
        "version": __version__,
        "recording": {
            "id": one.id,
            "title": one.title,
            "participant": one.participant,
            "group": one.group,
            "fps": of.fps,
            "n_frames": of.n_frames,
        },
        "units": {
            "onset, apex, offset": "frame, counted from 0; offset is the last included",
            "onset_s, apex_s, offset_s": "s from the first frame, when that frame is first shown",
            "strength": "% of the distance between the eyes",
            "probabilities": "0 to 1",
            "score": "0.5 where the measures lie at their limits, 1 where nothing stands against the mark",
            "made": "UTC, ISO 8601",
        },
        "intervals": [
            corrected_document(interval) | {"clip": each.clips.get(interval.key)} for interval in each.intervals
        ],
        "log": each.log,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _timed(workspace: Path, each: _Taken) -> Analysis:
    """The analysis with the film's own times, where they are known."""
    try:
        clock = film_clock(workspace, each.recorded.id)
    except BadInputError:
        return each.analysis
    of = each.analysis.recording
    times = np.interp(np.arange(of.n_frames), clock.frames, clock.times)
    beyond = np.arange(of.n_frames) > clock.frames[-1]
    times[beyond] += (np.flatnonzero(beyond) - clock.frames[-1]) / of.fps
    return replace(each.analysis, recording=replace(of, times=times))


def _file_name(text: str) -> str:
    """A name that every system takes as a file's: letters, digits, blanks, dots and dashes, at most 80.

    >>> _file_name("../Zoë: \\"1\\" <b>.mp4"), _file_name("...")
    ('Zoë 1 b.mp4', 'recording')
    """
    composed = unicodedata.normalize("NFC", text)
    words = re.sub(r"[^\w .-]+", " ", composed).strip(" .")
    return re.sub(r" +", " ", re.sub(r" (?=\.)", "", words))[:80].strip(" .") or "recording"

"""The logs that MEGC 2019 and 2020 asked for: a prediction a clip by person, and an interval a line by film."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, get_args

from micromask.core.errors import BadInputError
from micromask.evaluation.spotting import IOU, Span, SpottedVideo, SpottingCounts, interval_overlap, match_video
from micromask.evaluation.text_file import read_whole, write_whole

Outcome = Literal["TP", "FP", "FN"]

SPOTTING_CORPORA = {"1": "SAMM-LV", "2": "CAS(ME)²"}
"""What the number that heads a part of a spotting log stands for."""


@dataclass(frozen=True, slots=True)
class LoggedPrediction:
    """One clip of a recognition log: whose it is, its file, its true class and the predicted one, as numbers."""

    dataset: str
    subject: str
    file: str
    truth: int
    predicted: int


@dataclass(frozen=True, slots=True)
class LoggedInterval:
    """One line of a spotting log: the true and the found interval, None where there is none, frames as in the log."""

    dataset: str
    video: str
    true: Span | None
    found: Span | None
    outcome: Outcome


def write_recognition_log(
    path: str | Path, predictions: Iterable[LoggedPrediction], *, overwrite: bool = False
) -> None:
    """Write a recognition log of MEGC 2019: ``casme2 sub91`` before the clips of that person, then ``EP91_01f 1 0``
    a clip: file, true class, predicted class (0 negative, 1 positive, 2 surprise).

    Raises
    ------
    ValueError
        If a name is empty or has a blank or comma in it, which the format cannot hold.
    BadOutputError
        If the file exists and may not be overwritten, or cannot be written.
    """
    lines = []
    for (dataset, subject), clips in groupby(predictions, key=lambda each: (each.dataset, each.subject)):
        lines.append(" ".join(_names(dataset, subject)))
        lines += [f"{_names(clip.file)[0]} {clip.truth} {clip.predicted}" for clip in clips]
    write_whole(path, "".join(f"{line}\n" for line in lines), "recognition log", overwrite=overwrite)


def read_recognition_log(
    path: str | Path, *, classes: int = 3, prediction_first: bool = False
) -> tuple[LoggedPrediction, ...]:
    """Read a recognition log of MEGC 2019, in its order; columns are parted by blanks, tabs or commas.

    Parameters
    ----------
    path : path
    classes : int
        Classes are 0 ... classes - 1.
    prediction_first : bool
        Some authors wrote the predicted class before the true one. Nothing in a log tells: compare with the truth.

    Raises
    ------
    BadInputError
        If the file cannot be read or is empty, or a row is neither ``DATASET SUBJECT`` nor ``FILE CLASS CLASS``, comes
        before any person, has another class or repeats a clip. The message names file and row, counted from 1.
    """
    place = Path(path)
    found: list[LoggedPrediction] = []
    person: tuple[str, str] | None = None
    rows: dict[tuple[str, str, str], int] = {}
    for number, cells in _rows(place, "recognition log"):
        where = f"{place.name}, row {number}"
        if len(cells) == 2:
            person = (cells[0], cells[1])
            continue
        if len(cells) != 3:
            raise BadInputError(f"{where}: wanted DATASET SUBJECT or FILE CLASS CLASS, got {' '.join(cells)!r}")
        if person is None:
            raise BadInputError(f"{where}: {cells[0]} comes before any line of DATASET SUBJECT")
        known = {str(label): label for label in range(classes)}
        if cells[1] not in known or cells[2] not in known:
            raise BadInputError(f"{where}: classes are 0 to {classes - 1}, got {cells[1]} and {cells[2]}")
        first = rows.setdefault((*person, cells[0]), number)
        if first != number:
            raise BadInputError(f"{where}: {cells[0]} of {' '.join(person)} stands in row {first} already")
        truth, predicted = (known[cells[place]] for place in ((2, 1) if prediction_first else (1, 2)))
        found.append(LoggedPrediction(*person, cells[0], truth, predicted))
    if not found:
        raise BadInputError(f"{place.name}: no clip in it; wanted lines of FILE CLASS CLASS below DATASET SUBJECT")
    return tuple(found)


def write_spotting_log(
    path: str | Path,
    corpora: Mapping[str, Sequence[SpottedVideo]],
    *,
    first_frame: int = 1,
    overwrite: bool = False,
) -> None:
    """Write a spotting log of MEGC 2020: ``1`` (SAMM-LV) or ``2`` (CAS(ME)²), then a line an interval: film, true onset
    and offset, found onset and offset, TP, FP or FN, ``-`` where there is no such interval.

    Lines of a film are in the order of the found onset, of the true one where nothing was found. The kinds are matched
    apart and then stand together: the format does not say which is which. A film without intervals has no line.

    Parameters
    ----------
    path : path
    corpora : mapping of str to SpottedVideos
        By ``1`` and ``2``.
    first_frame : int
        Number of a film's first frame in the log; the corpora's pictures are counted from 1.
    overwrite : bool

    Raises
    ------
    ValueError
        If a corpus is neither 1 nor 2, or a film's name is empty or has a blank or comma in it.
    BadOutputError
        If the file exists and may not be overwritten, or cannot be written.
    """
    lines = []
    for corpus, videos in corpora.items():
        if corpus not in SPOTTING_CORPORA:
            raise ValueError(f"a spotting log has corpora 1 and 2, got {corpus!r}")
        lines.append(corpus)
        for video in videos:
            name = _names(video.video)[0]
            for _, true, found, outcome in sorted(_outcomes(video), key=lambda each: each[0]):
                cells = [str(frame + first_frame) if frame is not None else "-" for frame in (*true, *found)]
                lines.append(" ".join([name, *cells, outcome]))
    write_whole(path, "".join(f"{line}\n" for line in lines), "spotting log", overwrite=overwrite)


def read_spotting_log(path: str | Path) -> tuple[LoggedInterval, ...]:
    """Read a spotting log of MEGC 2020, in its order, frames as they stand there.

    Raises
    ------
    BadInputError
        If the file cannot be read or holds no interval, or a row is neither 1, 2 nor an interval, comes before any
        corpus, or contradicts itself: a TP needs both intervals and IoU >= 0.5, an FP only a found, an FN only a true
        one. The message names file and row, counted from 1.
    """
    place = Path(path)
    corpus: str | None = None
    found: list[LoggedInterval] = []
    for number, cells in _rows(place, "spotting log"):
        where = f"{place.name}, row {number}"
        if len(cells) == 1 and cells[0] in SPOTTING_CORPORA:
            corpus = cells[0]
        elif len(cells) != 6:
            raise BadInputError(
                f"{where}: wanted 1, 2 or VIDEO ONSET OFFSET ONSET OFFSET TP|FP|FN, got {' '.join(cells)!r}"
            )
        elif corpus is None:
            raise BadInputError(f"{where}: {cells[0]} comes before the line that names the corpus, 1 or 2")
        else:
            found.append(_interval(where, corpus, cells))
    if not found:
        raise BadInputError(f"{place.name}: no interval in it")
    return tuple(found)


def count_spotting_log(intervals: Iterable[LoggedInterval]) -> SpottingCounts:
    """Counts of a spotting log: each true interval that is met counts once, however many found ones meet it.

    Found intervals that meet one that is met already are false, as in the organisers' figures of MEGC 2020.
    """
    met: set[tuple[str, str, Span | None]] = set()
    found = missed = 0
    for each in intervals:
        found += each.found is not None
        missed += each.outcome == "FN"
        if each.outcome == "TP":
            met.add((each.dataset, each.video, each.true))
    return SpottingCounts(tp=len(met), fp=max(found - len(met), 0), fn=missed)


_Frames = tuple[int, int] | tuple[None, None]


def _outcomes(video: SpottedVideo) -> Iterable[tuple[int, _Frames, _Frames, Outcome]]:
    """Onset to sort by, true and found frames, outcome; of both kinds."""
    nothing: _Frames = (None, None)
    for kind in ("micro", "macro"):
        found, true, matches = match_video(video, kind)
        for i, j, _ in matches.pairs:
            yield found[i].onset, (true[j].onset, true[j].offset), (found[i].onset, found[i].offset), "TP"
        for i in matches.false:
            yield found[i].onset, nothing, (found[i].onset, found[i].offset), "FP"
        for j in matches.missed:
            yield true[j].onset, (true[j].onset, true[j].offset), nothing, "FN"


def _interval(where: str, corpus: str, cells: Sequence[str]) -> LoggedInterval:
    true, found = _span(where, cells[1], cells[2]), _span(where, cells[3], cells[4])
    outcomes = {name: name for name in get_args(Outcome)}
    outcome: Outcome | None = outcomes.get(cells[5].upper())
    wanted = {"TP": (True, True), "FP": (False, True), "FN": (True, False)}
    if outcome is None or wanted[outcome] != (true is not None, found is not None):
        raise BadInputError(
            f"{where}: TP has a true and a found interval, FP a found, FN a true one, got {' '.join(cells[1:])!r}"
        )
    if true is not None and found is not None and interval_overlap(found, true) < IOU:
        raise BadInputError(
            f"{where}: called TP, but {found[0]}-{found[1]} and {true[0]}-{true[1]} share "
            f"{interval_overlap(found, true):.2f} and a TP needs {IOU:g}"
        )
    return LoggedInterval(corpus, cells[0], true, found, outcome)


def _span(where: str, onset: str, offset: str) -> Span | None:
    if (onset, offset) == ("-", "-"):
        return None
    try:
        first, last = int(onset), int(offset)
    except ValueError:
        raise BadInputError(f"{where}: frames are whole numbers or - twice, got {onset} and {offset}") from None
    if first > last:
        raise BadInputError(f"{where}: onset {first} is after offset {last}")
    return first, last


def _rows(place: Path, noun: str) -> Iterable[tuple[int, list[str]]]:
    """Number and cells of every row that is not blank."""
    for number, line in enumerate(read_whole(place, noun).splitlines(), 1):
        cells = [cell for cell in re.split(r"[\s,]+", line) if cell]
        if cells:
            yield number, cells


def _names(*names: str) -> tuple[str, ...]:
    for name in names:
        if not name or re.search(r"[\s,]", name):
            raise ValueError(f"the log parts its columns by blanks: {name!r} cannot stand in it")
    return names

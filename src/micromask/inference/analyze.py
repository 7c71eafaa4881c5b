"""The main job: a recording in, its micro- and macro-expressions out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.types import (
    Analysis,
    Event,
    Evidence,
    Expression,
    FaceSummary,
    FaceTrack,
    MaskedInterval,
    Pictures,
    Recording,
)
from micromask.inference.film import Watched, watch
from micromask.inference.fitted import Fitted, interval_probabilities, load_fitted
from micromask.inference.masked import find_masked
from micromask.inference.pictures import take_pictures
from micromask.inference.segments import FLOOR, SHORTEST_SEGMENT, MotionTrace
from micromask.inference.spot import Interval, Spotted, spot
from micromask.recordings import probe

SLOW_FILM = 25.0
"""Below this rate (frames/s) a micro-expression may fall between two frames."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be asked of an analysis.

    ``face`` is ``largest``, ``all`` or a face's number; ``floor`` the weakest strength in per cent of the distance
    between the eyes; ``magnify`` makes movements this many times larger before they are measured (0: as they are);
    ``recognise`` False gives intervals only; ``masked`` also looks for smiles in which the upper face has no part.
    ``model`` is a weights file of one's own that names the intervals, in place of the recogniser that is shipped.
    """

    detector: str = "mtcnn"
    flow: str = "dis"
    map_flow: str = "tvl1"
    face: str = "largest"
    floor: float = FLOOR
    magnify: float = 0.0
    recognise: bool = True
    masked: bool = False
    model: Path | None = None

    def __post_init__(self) -> None:
        if self.face not in ("largest", "all") and not self.face.isdecimal():
            raise BadInputError(f"--face is 'largest', 'all' or a face's number, got {self.face!r}")
        if not 0 < self.floor < float("inf"):
            raise BadInputError(
                f"the weakest strength must be positive (per cent of the eyes' distance), got {self.floor}"
            )


def analyze(
    source: str | Path | Recording,
    settings: Settings = Settings(),
    *,
    progress: Callable[[int], None] | None = None,
) -> Analysis:
    """Find the micro- and macro-expressions of a recording.

    Parameters
    ----------
    source : path or Recording
        A film, a folder of images or an animated GIF.
    settings : Settings
        What to look for and how.
    progress : callable, optional
        Called with the number of frames done, now and then.

    Returns
    -------
    Analysis
        Everything found, with the pictures that a report needs.

    Raises
    ------
    BadInputError
        If the recording cannot be read, the face asked for is not in it, or the model's file cannot be used.
    """
    fitted = load_fitted(settings.model) if settings.recognise else None
    recording = source if isinstance(source, Recording) else probe(source)
    watched = watch(
        recording, detector=settings.detector, method=settings.flow, magnify=settings.magnify, progress=progress
    )
    tracks = _chosen(watched, settings.face, recording)
    started = perf_counter()
    traces = {trace.face: trace for trace in watched.traces}
    spotted = [spot(traces[track.face_id], floor=settings.floor) for track in tracks]
    timed = {**watched.stage_seconds, "spot": perf_counter() - started}
    started = perf_counter()
    expressions, pictures = _expressions(recording, tracks, spotted, settings.map_flow, fitted)
    timed["recognise"] = perf_counter() - started
    seconds = watched.last_time + 1 / recording.fps
    return Analysis(
        recording=recording,
        frames=watched.frames,
        seconds=seconds,
        faces=tuple(_summary(track, watched.frames) for track in tracks),
        expressions=expressions,
        events=tuple(sorted(_events(spotted, tracks, recording, watched), key=lambda event: event.onset)),
        timelines=tuple(found.timeline for found in spotted),
        detector=settings.detector,
        recognizer=fitted.describe if fitted else "none: intervals only",
        settings=asdict(settings),
        cautions=tuple(_cautions(recording, watched, tracks, spotted, settings.face)),
        broke_at=watched.broke_at,
        pictures=pictures,
        stage_seconds=timed,
        masked=_masked(traces, spotted) if settings.masked else None,
        tracks=tuple(tracks),
    )


def _masked(traces: Mapping[int, MotionTrace], spotted: list[Spotted]) -> tuple[MaskedInterval, ...]:
    marks = [mark for found in spotted for mark in find_masked(traces[found.timeline.face], found)]
    return tuple(sorted(marks, key=lambda mark: (mark.onset, mark.face)))


def _chosen(watched: Watched, face: str, recording: Recording) -> list[FaceTrack]:
    tracks = list(watched.tracks)
    if face == "all" or not tracks:
        return tracks
    if face == "largest":
        return [max(tracks, key=lambda track: float((track.boxes[:, 2] - track.boxes[:, 0]).sum()))]
    for track in tracks:
        if track.face_id == int(face):
            return [track]
    ids = ", ".join(str(track.face_id) for track in tracks)
    raise BadInputError(f"{recording.path.name}: no face {face}; its faces are {ids}")


def _expressions(
    recording: Recording, tracks: list[FaceTrack], spotted: list[Spotted], map_flow: str, fitted: Fitted | None
) -> tuple[tuple[Expression, ...], tuple[Pictures, ...]]:
    of_face = {track.face_id: track for track in tracks}
    intervals = sorted((one for found in spotted for one in found.intervals), key=lambda one: (one.onset, one.face))
    with ThreadPoolExecutor(max_workers=2) as pool:
        taken = list(pool.map(lambda one: take_pictures(recording, of_face[one.face], one, method=map_flow), intervals))
    chances: list[dict[str, float]] = [{} for _ in intervals]
    if fitted is not None:
        maps = [each[2] for each in taken]
        rows = interval_probabilities(fitted, recording, tracks, intervals, maps=maps)
        # a model of one's own may be unable to read an interval; then it says nothing of it
        chances = [{} if np.isnan(row).any() else dict(zip(fitted.classes, row.tolist(), strict=True)) for row in rows]
    expressions = tuple(
        _expression(one, evidence, chance)
        for one, (_, evidence, _), chance in zip(intervals, taken, chances, strict=True)
    )
    return expressions, tuple(picture for picture, _, _ in taken)


def _expression(interval: Interval, evidence: Evidence, probabilities: dict[str, float]) -> Expression:
    return Expression(
        face=interval.face,
        onset=interval.onset,
        apex=interval.apex,
        offset=interval.offset,
        onset_s=interval.onset_s,
        apex_s=interval.apex_s,
        offset_s=interval.offset_s,
        kind=interval.kind,
        strength=interval.strength,
        regions=interval.regions,
        evidence=evidence,
        probabilities=probabilities,
    )


def _summary(track: FaceTrack, frames: int) -> FaceSummary:
    width = float(np.median(track.boxes[:, 2] - track.boxes[:, 0]))
    return FaceSummary(
        track.face_id, int(track.frames[0]), int(track.frames[-1]), min(1.0, len(track.frames) / max(frames, 1)), width
    )


def _events(spotted: list[Spotted], tracks: list[FaceTrack], recording: Recording, watched: Watched) -> list[Event]:
    """Blinks and head moves of every face, the stretches in which it was out of sight, and cuts while it was there."""
    events = [event for found in spotted for event in found.events]

    def at(frame: int) -> float:
        return float(recording.times[frame]) if recording.times is not None else frame / recording.fps

    for track in tracks:
        seen = np.concatenate([[-1], track.frames, [watched.frames]])
        for index in np.flatnonzero(np.diff(seen) > 1):
            first, last = int(seen[index]) + 1, int(seen[index + 1]) - 1
            events.append(Event(track.face_id, "gap", first, last, at(first), at(last)))
        there = set(track.frames.tolist())
        events += [Event(track.face_id, "cut", cut, cut, at(cut), at(cut)) for cut in watched.cuts if cut - 1 in there]
    return events


def _cautions(
    recording: Recording, watched: Watched, tracks: list[FaceTrack], spotted: list[Spotted], face: str
) -> list[str]:
    cautions = []
    if watched.broke_at is not None:
        wanted = recording.declared_frames or recording.n_frames
        cautions.append(
            f"the film breaks off at frame {watched.broke_at} of {wanted} ({watched.last_time:.2f} s): "
            f"{watched.broke_because}; what comes before was analysed"
        )
    if not tracks:
        cautions.append(
            "no face was found in any frame; faces of at least 40 px, roughly frontal and lit, are needed: "
            "try another detector or a closer view"
        )
    elif not any(np.isfinite(found.timeline.strength).any() for found in spotted):
        cautions.append(
            f"no face was in sight for {SHORTEST_SEGMENT:g} s on end, so no movement could be measured: "
            "a longer film, or a steadier view of the face, is needed"
        )
    if face == "largest" and len(watched.tracks) > 1:
        cautions.append(
            f"{len(watched.tracks)} faces were followed and only the largest, face {tracks[0].face_id}, was measured: "
            "analyse all faces to see the others"
        )
    if recording.fps < SLOW_FILM - 0.5:
        cautions.append(
            f"{recording.fps:.3g} frames/s is slow: a micro-expression (at most 0.5 s) may fall between two frames; "
            f"use 25 frames/s at least, 100 to 200 are usual"
        )
    return cautions

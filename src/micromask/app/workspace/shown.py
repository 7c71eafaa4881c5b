"""What the page of a recording shows of its analysis: words and numbers as the report has them, and plain arrays."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from micromask.app.workspace.recordings import Recorded, results_of
from micromask.core.errors import BadInputError
from micromask.core.types import Analysis, Event, Expression, FaceTrack, FloatArray, MaskedInterval, Timeline
from micromask.faces.align import ALIGNED_SIZE, apply, invert
from micromask.faces.regions import region_masks
from micromask.reports.clock import interval_value, lasts
from micromask.reports.document import read_document
from micromask.reports.folder import FILES
from micromask.reports.masked import PAIRS, UPPER_WORDS, measures_words
from micromask.reports.tables import read_timeline_parquet
from micromask.reports.words import EVENT_WORDS, emotion_words, region_words

PLAYED = "play.mp4"
"""The film that the browser plays, in the recording's own folder; its clock lies beside it."""

OUTLINE_SCALE = 4
"""Outlines of regions are traced this many times larger than the aligned face, so that they are smooth."""


def is_shown(workspace: Path, one: Recorded) -> bool:
    """Whether there are results and a film to show them with; they stay while the recording is analysed again."""
    results = results_of(workspace, one.id)
    return (one.folder / PLAYED).is_file() and all(
        (results / FILES[name]).is_file() for name in ("analysis", "timeline")
    )


def read_shown(workspace: Path, one: Recorded) -> Analysis:
    """The analysis of a recording, without timelines.

    Raises
    ------
    BadInputError
        If it is not there.
    """
    return read_document(results_of(workspace, one.id) / FILES["analysis"])


def timelines_of(workspace: Path, one: Recorded) -> tuple[Timeline, ...]:
    """The timelines of all faces.

    Raises
    ------
    BadInputError
        If they are not there.
    """
    return read_timeline_parquet(results_of(workspace, one.id) / FILES["timeline"])


def shown_document(one: Recorded, analysis: Analysis) -> dict[str, Any]:
    """What the page is told at first: plain values, None for what is not known. Curves and tracks come by themselves.

    Frames are counted from 0; seconds are from the first frame; ``strength``, ``head_motion`` and measures are per cent
    of the distance between the eyes.
    """
    height, width = analysis.recording.picture_size
    return {
        "id": one.id,
        "title": one.title,
        "width": width,
        "height": height,
        "fps": analysis.recording.fps,
        "frames": analysis.frames,
        "seconds": analysis.seconds,
        "recognizer": analysis.recognizer,
        "faces": [
            {
                "face": face.face,
                "first": face.first_frame,
                "last": face.last_frame,
                "share": face.share,
                "width_px": _finite(face.width_px),
            }
            for face in analysis.faces
        ],
        "intervals": [_interval(number, found) for number, found in enumerate(analysis.expressions, 1)],
        "events": [_event(event) for event in analysis.events],
        "masked": [_masked(number, mark) for number, mark in enumerate(analysis.masked or (), 1)],
    }


def curves(timeline: Timeline) -> tuple[dict[str, Any], bytes]:
    """A face's curves: what they are, and their values as 4-byte floats, one curve after another, NaN where not seen.

    The first two are ``frame`` and ``strength``, then ``eyes``, ``head`` and the regions.
    """
    told = {"frame": timeline.frames, "strength": timeline.strength, "eyes": timeline.eyes, "head": timeline.head}
    values = np.stack([np.asarray(one, dtype="<f4") for one in (*told.values(), *timeline.regions.values())])
    about = {
        "rows": len(timeline.frames),
        "names": [*told, *timeline.regions],
        "words": ["frame", "strength", "eyelids", "head", *map(region_words, timeline.regions)],
        "regions": len(timeline.regions),
        "threshold": _finite(timeline.threshold),
    }
    return about, values.tobytes()


def packed_track(track: FaceTrack) -> bytes:
    """A track as 4-byte floats, a row per frame: frame, box (4), the transform from the aligned face to the picture (6,
    by rows), landmarks (2 L)."""
    if not len(track.frames):
        return b""
    to_picture = np.stack([invert(one.astype(np.float64)) for one in track.to_aligned])
    rows = (
        track.frames[:, None],
        track.boxes,
        to_picture.reshape(len(track.frames), 6),
        track.landmarks.reshape(len(track.frames), -1),
    )
    return np.concatenate(rows, axis=1).astype("<f4").tobytes()


def region_outlines(track: FaceTrack) -> list[dict[str, Any]]:
    """Where the regions lie in the aligned face of a track: outlines in its px, for this face's own landmarks.

    Raises
    ------
    BadInputError
        If the track has no frame.
    """
    import cv2

    if not len(track.frames):
        raise BadInputError(f"face {track.face_id} is not seen there")
    points: FloatArray = np.median(
        [apply(to.astype(np.float64), at) for to, at in zip(track.to_aligned, track.landmarks, strict=True)], axis=0
    )
    outlines = []
    for name, mask in region_masks(points * OUTLINE_SCALE, ALIGNED_SIZE * OUTLINE_SCALE).items():
        found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if found:
            line = cv2.approxPolyDP(max(found, key=cv2.contourArea), 1.0, True)[:, 0] / OUTLINE_SCALE
            outlines.append({"name": name, "words": region_words(name), "line": line.round(2).tolist()})
    return outlines


def _interval(number: int, found: Expression) -> dict[str, Any]:
    evidence = found.evidence
    return interval_value(found) | {
        "number": number,
        "kind": found.kind,
        "lasts_s": lasts(found),
        "strength": _finite(found.strength),
        "regions": [region_words(name) for name in found.regions],
        "emotion": found.emotion,
        "emotion_words": emotion_words(found),
        "probabilities": sorted(found.probabilities.items(), key=lambda one: -one[1]),
        "evidence": {
            "face_px": _finite(evidence.face_px),
            "fps": _finite(evidence.fps),
            "blur": _finite(evidence.blur),
            "head_motion": _finite(evidence.head_motion),
            "cautions": list(evidence.cautions),
        },
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "face": event.face,
        "name": event.name,
        "words": EVENT_WORDS[event.name],
        "onset": event.onset,
        "offset": event.offset,
        "onset_s": event.onset_s,
        "offset_s": event.offset_s,
    }


def _masked(number: int, mark: MaskedInterval) -> dict[str, Any]:
    return interval_value(mark) | {
        "number": number,
        "kind": "masked",
        "lasts_s": mark.offset_s - mark.onset_s,
        "words": UPPER_WORDS[mark.upper],
        "score": mark.score,
        "measures": measures_words(mark),
        "pair": PAIRS.get(mark.upper),
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

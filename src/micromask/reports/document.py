"""An analysis as analysis.json, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence, Set
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from micromask import __version__
from micromask.core.errors import BadInputError
from micromask.core.types import Analysis, Event, Evidence, Expression, FaceSummary, Recording, SubjectId, Timeline
from micromask.reports.clock import broke_at_s, interval_value
from micromask.reports.masked import masked_value, read_masked_value

FORMAT = "micromask-analysis/1"
UNITS = {
    "onset, apex, offset, first_frame, last_frame, broke_at": "frame, counted from 0; offset is the last included",
    "onset_s, apex_s, offset_s": "s from the first frame, when that frame is first shown",
    "strength, head_motion": "% of the distance between the eyes",
    "probabilities, share": "0 to 1",
    "face_px, width_px": "px of the recording",
    "fps": "frames/s",
    "blur": "variance of the Laplacian of the aligned face at the apex (grey levels squared); higher is sharper",
}


def analysis_document(analysis: Analysis) -> dict[str, Any]:
    """An analysis in the form of analysis.json: plain values only, without pictures and timelines.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    dict
        Ready for ``json.dumps(..., allow_nan=False)``: what is not a finite number is None. The recording is named by
        its id and its file's name; folders of the machine are left out. ``units`` says what each number means.
    """
    recording = analysis.recording
    document = {
        "format": FORMAT,
        "version": __version__,
        "recording": {
            "id": recording.id,
            "file": recording.path.name or recording.id,
            "subject": recording.subject and {"dataset": recording.subject.dataset, "name": recording.subject.name},
            "width": recording.picture_size[1],
            "height": recording.picture_size[0],
            "fps": recording.fps,
            "n_frames": recording.n_frames,
            "declared_frames": recording.declared_frames,
            "clock": "uniform" if recording.times is None else "variable",
            "licence": recording.licence,
        },
        "fps": recording.fps,
        "frames": analysis.frames,
        "seconds": analysis.seconds,
        "broke_at": analysis.broke_at,
        "broke_at_s": broke_at_s(analysis),
        "cautions": analysis.cautions,
        "faces": [
            {
                "face": face.face,
                "first_frame": face.first_frame,
                "last_frame": face.last_frame,
                "share": face.share,
                "width_px": face.width_px,
            }
            for face in analysis.faces
        ],
        "expressions": [_expression(expression) for expression in analysis.expressions],
        "events": [
            {
                "face": event.face,
                "name": event.name,
                "onset": event.onset,
                "offset": event.offset,
                "onset_s": event.onset_s,
                "offset_s": event.offset_s,
            }
            for event in analysis.events
        ],
        "detector": analysis.detector,
        "recognizer": analysis.recognizer,
        "settings": analysis.settings,
        "units": UNITS,
    }
    if analysis.masked is not None:
        document["masked"] = [masked_value(mark) for mark in analysis.masked]
    plain: dict[str, Any] = _plain(document)
    return plain


def write_document(analysis: Analysis, path: Path) -> None:
    """Write :func:`analysis_document` as indented UTF-8 JSON."""
    text = json.dumps(analysis_document(analysis), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_document(path: Path, timelines: Sequence[Timeline] = ()) -> Analysis:
    """The analysis that was written to an analysis.json, without pictures.

    Parameters
    ----------
    path : Path
    timelines : sequence of Timeline
        Those of the timeline.parquet beside it, where wanted.

    Raises
    ------
    BadInputError
        If the file is missing, is no JSON or is no analysis.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadInputError(f"{path}: is not JSON ({error}); give the analysis.json of a run") from error
    return analysis_from_document(document, timelines, source=str(path))


def analysis_from_document(
    document: Mapping[str, Any], timelines: Sequence[Timeline] = (), *, source: str = "document"
) -> Analysis:
    """The analysis that :func:`analysis_document` was made of, as far as it holds it: no pictures, no frame times.

    Raises
    ------
    BadInputError
        If the document is of another format or something in it is missing or impossible.
    """
    found = document.get("format") if isinstance(document, Mapping) else None
    if found != FORMAT:
        raise BadInputError(f"{source}: format {found!r}, wanted {FORMAT!r}; analyse the recording again")
    try:
        return _analysis(document, timelines)
    except KeyError as error:
        raise BadInputError(f"{source}: has no {error}; analyse the recording again") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInputError(f"{source}: {error}; analyse the recording again") from error


def _analysis(document: Mapping[str, Any], timelines: Sequence[Timeline]) -> Analysis:
    of = document["recording"]
    subject = of["subject"]
    return Analysis(
        recording=Recording(
            id=of["id"],
            path=Path(of["file"]),
            fps=of["fps"],
            n_frames=of["n_frames"],
            size=(of["height"], of["width"]),
            subject=SubjectId(**subject) if subject else None,
            declared_frames=of["declared_frames"],
            licence=of["licence"],
        ),
        frames=document["frames"],
        seconds=document["seconds"],
        faces=tuple(FaceSummary(**{**face, "width_px": _number(face["width_px"])}) for face in document["faces"]),
        expressions=tuple(_read_expression(expression) for expression in document["expressions"]),
        events=tuple(Event(**event) for event in document["events"]),
        timelines=tuple(timelines),
        detector=document["detector"],
        recognizer=document["recognizer"],
        settings=document["settings"],
        cautions=tuple(document["cautions"]),
        broke_at=document["broke_at"],
        masked=tuple(map(read_masked_value, document["masked"])) if "masked" in document else None,
    )


def _expression(expression: Expression) -> dict[str, Any]:
    evidence = expression.evidence
    return interval_value(expression) | {
        "kind": expression.kind,
        "emotion": expression.emotion,
        "probabilities": expression.probabilities,
        "strength": expression.strength,
        "regions": expression.regions,
        "evidence": {
            "face_px": evidence.face_px,
            "fps": evidence.fps,
            "blur": evidence.blur,
            "head_motion": evidence.head_motion,
            "cautions": evidence.cautions,
        },
    }


def _read_expression(of: Mapping[str, Any]) -> Expression:
    evidence = of["evidence"]
    numbers = {name: _number(evidence[name]) for name in ("face_px", "fps", "blur", "head_motion")}
    plain = {name: of[name] for name in ("face", "onset", "apex", "offset", "onset_s", "apex_s", "offset_s", "kind")}
    return Expression(
        **plain,
        strength=_number(of["strength"]),
        regions=tuple(of["regions"]),
        evidence=Evidence(**numbers, cautions=tuple(evidence["cautions"])),
        probabilities=of["probabilities"],
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _plain(value: Any) -> Any:
    """The same value out of dicts, lists, strings, ints, finite floats, bools and None."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, PurePath):
        return value.name
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Set):
        return sorted((_plain(one) for one in value), key=str)
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    return str(value)

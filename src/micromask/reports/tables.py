"""The expressions as CSV, the timelines as Parquet."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from micromask import __version__
from micromask.core.errors import BadInputError
from micromask.core.types import Analysis, Expression, FloatArray, Timeline
from micromask.reports.clock import lasts


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a table means, and its unit ('' where it has none)."""

    meaning: str
    unit: str = ""


def plain_cell(text: object) -> str:
    """A cell of words that no spreadsheet takes for a formula: those begin with an apostrophe here.

    >>> plain_cell("=1+1.jpg"), plain_cell("P07")
    ("'=1+1.jpg", 'P07')
    """
    cell = str(text)
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


EYES = "% of the distance between the eyes"

COLUMNS: dict[str, Column] = {
    "number": Column("number of the expression in the report and in analysis.json, counted from 1"),
    "recording": Column("id of the recording"),
    "face": Column("id of the face, as in --face"),
    "kind": Column("micro (at most 0.5 s) or macro (longer)"),
    "onset": Column("first frame of the movement", "frame, counted from 0"),
    "apex": Column("frame of the strongest movement", "frame, counted from 0"),
    "offset": Column("last frame of the movement, included", "frame, counted from 0"),
    "onset_s": Column("when the onset frame is first shown", "s from the first frame"),
    "apex_s": Column("when the apex frame is first shown", "s from the first frame"),
    "offset_s": Column("when the offset frame is first shown", "s from the first frame"),
    "duration_s": Column("from the onset frame's moment to the offset frame's; at most 0.5 is micro", "s"),
    "strength": Column("displacement of the strongest region at the apex", EYES),
    "regions": Column("regions that moved, strongest first, joined by '; '; left is the person's left"),
    "emotion": Column("most probable emotion; empty where no recogniser was run"),
    "p_<class>": Column("probability of one emotion; one column per class, together 1", "0 to 1"),
    "face_px": Column("width of the face", "px of the recording"),
    "fps": Column("frame rate over the interval", "frames/s"),
    "blur": Column("variance of the Laplacian of the aligned face at the apex; higher is sharper", "grey levels^2"),
    "head_motion": Column("farthest that the head moved over the interval", EYES),
    "cautions": Column("why the evidence may be weak, joined by '; '"),
}
"""The columns of expressions.csv in their order."""

TIMELINE_COLUMNS: dict[str, Column] = {
    "face": Column("id of the face"),
    "frame": Column("frame of the recording", "frame, counted from 0"),
    "time_s": Column("when the frame is first shown", "s from the first frame"),
    "strength": Column("displacement of the strongest region from rest; null where the face was not seen", EYES),
    "eyes": Column("motion of the eyelids", EYES),
    "head": Column("motion of the head", EYES),
    "in_expression": Column("whether the frame lies between an onset and its offset, both included"),
    "region_<name>": Column("displacement of one region from rest; left is the person's left", EYES),
}
"""The columns of timeline.parquet in their order."""


def emotion_classes(analysis: Analysis) -> tuple[str, ...]:
    """The recogniser's classes, in its own order; empty where none was run or nothing was found."""
    return tuple(dict.fromkeys(name for one in analysis.expressions for name in one.probabilities))


def expression_row(analysis: Analysis, expression: Expression) -> dict[str, Any]:
    """One row of expressions.csv: a value per column of :data:`COLUMNS`, in their order.

    ``p_<class>`` is spread into one column per class of the analysis. Seconds are rounded to the microsecond, other
    measures to four decimals; what is not a finite number, or not known, is the empty string.

    Raises
    ------
    ValueError
        If the expression is not one of the analysis.
    """
    evidence = expression.evidence
    number = next((n for n, one in enumerate(analysis.expressions, 1) if one is expression), None)
    if number is None:
        raise ValueError(f"the expression at frame {expression.onset} is not one of {analysis.recording.id}'s")
    return {
        "number": number,
        "recording": analysis.recording.id,
        "face": expression.face,
        "kind": expression.kind,
        "onset": expression.onset,
        "apex": expression.apex,
        "offset": expression.offset,
        "onset_s": _rounded(expression.onset_s, 6),
        "apex_s": _rounded(expression.apex_s, 6),
        "offset_s": _rounded(expression.offset_s, 6),
        "duration_s": _rounded(lasts(expression), 6),
        "strength": _rounded(expression.strength),
        "regions": "; ".join(expression.regions),
        "emotion": expression.emotion or "",
        **{f"p_{name}": _rounded(expression.probabilities.get(name)) for name in emotion_classes(analysis)},
        "face_px": _rounded(evidence.face_px),
        "fps": _rounded(evidence.fps),
        "blur": _rounded(evidence.blur),
        "head_motion": _rounded(evidence.head_motion),
        "cautions": "; ".join(evidence.cautions),
    }


def _rounded(value: float | None, digits: int = 4) -> float | str:
    return "" if value is None or not math.isfinite(value) else round(float(value), digits)


def csv_header(classes: Sequence[str] = ()) -> list[str]:
    """The header of expressions.csv for a recogniser's classes.

    >>> csv_header(["negative", "positive"])[13:16]
    ['emotion', 'p_negative', 'p_positive']
    """
    header: list[str] = []
    for name in COLUMNS:
        header.extend([f"p_{one}" for one in classes] if name == "p_<class>" else [name])
    return header


def write_expressions_csv(analysis: Analysis, path: Path) -> None:
    """Write the expressions, one a row: comma separated, UTF-8, lines and quotes as in RFC 4180.

    A film without expressions gives the header alone. :data:`COLUMNS` says what each column means.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, csv_header(emotion_classes(analysis)), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(expression_row(analysis, expression) for expression in analysis.expressions)


def write_timeline_parquet(analysis: Analysis, path: Path) -> None:
    """Write the timelines, one row per face and frame, every frame kept; null where the face was not seen.

    Each column says its meaning and unit in its metadata, and the schema holds the recording's id, its frame rate and
    each face's threshold (:data:`TIMELINE_COLUMNS`).
    """
    regions = tuple(dict.fromkeys(name for one in analysis.timelines for name in one.regions))
    schema = _schema(analysis, regions)
    tables = [_timeline_table(analysis, timeline, regions, schema) for timeline in analysis.timelines]
    pq.write_table(pa.concat_tables(tables) if tables else schema.empty_table(), path, compression="zstd")


def _schema(analysis: Analysis, regions: Sequence[str]) -> pa.Schema:
    types = {"face": pa.int32(), "frame": pa.int64(), "time_s": pa.float64(), "in_expression": pa.bool_()}
    fields: list[pa.Field] = []
    for name, column in TIMELINE_COLUMNS.items():
        about = {"meaning": column.meaning, "unit": column.unit}
        spread = [f"region_{region}" for region in regions] if name == "region_<name>" else [name]
        fields.extend(pa.field(one, types.get(name, pa.float32()), metadata=about) for one in spread)
    return pa.schema(
        fields,
        metadata={
            "micromask_version": __version__,
            "recording": analysis.recording.id,
            "fps": repr(float(analysis.recording.fps)),
            "threshold": json.dumps({str(one.face): _finite(one.threshold) for one in analysis.timelines}),
            "threshold_unit": EYES,
        },
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _timeline_table(analysis: Analysis, timeline: Timeline, regions: Sequence[str], schema: pa.Schema) -> pa.Table:
    frames = np.asarray(timeline.frames)
    inside = np.zeros(len(frames), dtype=bool)
    for one in analysis.expressions:
        if one.face == timeline.face:
            inside |= (frames >= one.onset) & (frames <= one.offset)
    unseen = np.full(len(frames), np.nan, dtype=np.float32)
    columns: dict[str, Any] = {
        "face": np.full(len(frames), timeline.face, dtype=np.int32),
        "frame": frames.astype(np.int64),
        "time_s": np.asarray(timeline.times, dtype=np.float64),
        "strength": timeline.strength,
        "eyes": timeline.eyes,
        "head": timeline.head,
        "in_expression": inside,
        **{f"region_{name}": timeline.regions.get(name, unseen) for name in regions},
    }
    arrays = []
    for field in schema:
        values = columns[field.name]
        if field.type == pa.float32():
            values = np.asarray(values, dtype=np.float32)
            values = pa.array(values, type=field.type, mask=~np.isfinite(values))
        arrays.append(pa.array(values, type=field.type) if not isinstance(values, pa.Array) else values)
    return pa.Table.from_arrays(arrays, schema=schema)


def read_timeline_parquet(path: Path) -> tuple[Timeline, ...]:
    """The timelines of a timeline.parquet, float32, NaN where the face was not seen.

    Raises
    ------
    BadInputError
        If the file is missing or is no timeline.
    """
    try:
        table = pq.read_table(path)
        thresholds = json.loads((table.schema.metadata or {})[b"threshold"])
        faces = table["face"].to_numpy()
        columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    except (OSError, pa.ArrowInvalid, KeyError) as error:
        raise BadInputError(f"{path}: is not a timeline.parquet of a run ({error})") from error

    def one(face: int) -> Timeline:
        rows = faces == face
        taken: dict[str, FloatArray] = {name: values[rows] for name, values in columns.items()}
        threshold = thresholds[str(face)]
        return Timeline(
            face=int(face),
            frames=taken["frame"].astype(np.int64),
            times=taken["time_s"],
            strength=taken["strength"],
            regions={n.removeprefix("region_"): v for n, v in taken.items() if n.startswith("region_")},
            eyes=taken["eyes"],
            head=taken["head"],
            threshold=math.nan if threshold is None else threshold,
        )

    return tuple(one(face) for face in dict.fromkeys(faces.tolist()))

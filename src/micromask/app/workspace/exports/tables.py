"""The tables of an export: one row an interval with machine and people side by side, and one row an opinion."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from micromask.app.workspace.corrections.document import long_for_micro
from micromask.app.workspace.recordings import Recorded
from micromask.core.opinions import CorrectedInterval, MarkedInterval
from micromask.core.types import Expression, MaskedInterval
from micromask.reports.corrected import VERDICT_WORDS
from micromask.reports.tables import plain_cell

OPINION_COLUMNS = (
    "recording_id", "recording", "layer", "number", "key", "author", "said", "face",
    "kind", "emotion", "shown_emotion", "felt_emotion",
    "onset", "apex", "offset", "onset_s", "apex_s", "offset_s", "note", "made",
)  # fmt: skip

_WHAT = ("kind", "emotion", "shown_emotion", "felt_emotion")
_FRAMES = ("onset", "apex", "offset", "onset_s", "apex_s", "offset_s")


def interval_columns(classes: Sequence[str]) -> list[str]:
    """The header of intervals.csv for a recogniser's classes."""
    about = ["recording_id", "recording", "participant", "group", "layer", "number", "key", "face"]
    machine = [f"machine_{name}" for name in ("kind", "emotion", *_FRAMES, "strength", "upper", "score")]
    people = ["people_said", *(f"people_{name}" for name in (*_WHAT, *_FRAMES))]
    stands = ["counts", *_WHAT, *_FRAMES, "duration_s", "says", "clip"]
    return [*about, *machine, *(f"p_{name}" for name in classes), *people, "by", "disputed", "gone", *stands]


def classes_of(intervals: Iterable[CorrectedInterval]) -> list[str]:
    """The recogniser's classes, in its own order."""
    found = [one.machine for one in intervals]
    return list(dict.fromkeys(name for one in found if isinstance(one, Expression) for name in one.probabilities))


def interval_row(recorded: Recorded, one: CorrectedInterval, clip: str = "") -> dict[str, Any]:
    """One row of intervals.csv; what is not there is left empty.

    ``machine_`` is what was measured, ``people_`` what stands of what was said, the columns without a prefix what
    counts: what people say, or else the machine.
    """
    row: dict[str, Any] = {
        "recording_id": recorded.id,
        "recording": plain_cell(recorded.title),
        "participant": plain_cell(recorded.participant),
        "group": plain_cell(recorded.group),
        "layer": one.layer,
        "number": "" if one.number is None else one.number,
        "key": one.key,
        "face": one.face,
        "by": "; ".join(one.by),
        "people_said": "; ".join(VERDICT_WORDS[opinion.verdict] for opinion in one.opinions),
        "disputed": _yes(one.disputed),
        "gone": _yes(one.gone),
        "counts": _yes(one.counts),
        "duration_s": round(one.stands.lasts_s, 6),
        "says": long_for_micro(one.stands),
        "clip": clip,
        **_interval("", one.stands),
    }
    if one.machine is not None:
        row |= {"machine_kind": one.seen.kind, "machine_emotion": one.seen.emotion} | _frames("machine_", one.seen)
    if isinstance(one.machine, MaskedInterval):
        row |= {"machine_upper": one.machine.upper, "machine_score": round(float(one.machine.score), 4)}
    elif one.machine is not None:
        row["machine_strength"] = round(float(one.machine.strength), 4)
        row |= {f"p_{name}": round(float(chance), 4) for name, chance in one.machine.probabilities.items()}
    if any(opinion.interval is not None for opinion in one.opinions):
        row |= _interval("people_", one.stands)
    return row


def opinion_rows(recorded: Recorded, one: CorrectedInterval) -> Iterable[dict[str, Any]]:
    """Rows of opinions.csv: what each author said last of an interval; a rejection has the face alone."""
    for opinion in one.opinions:
        said = {} if opinion.interval is None else _interval("", opinion.interval)
        yield {
            "recording_id": recorded.id,
            "recording": plain_cell(recorded.title),
            "layer": one.layer,
            "number": "" if one.number is None else one.number,
            "key": one.key,
            "author": opinion.author,
            "said": VERDICT_WORDS[opinion.verdict],
            "face": one.face,
            "note": plain_cell(opinion.note),
            "made": opinion.made,
            **said,
        }


def csv_text(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """A table: comma separated, lines and quotes as in RFC 4180; a value that a row lacks is empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _interval(prefix: str, one: MarkedInterval) -> dict[str, Any]:
    return {f"{prefix}{name}": getattr(one, name) for name in _WHAT} | _frames(prefix, one)


def _frames(prefix: str, one: MarkedInterval) -> dict[str, Any]:
    seconds = {f"{prefix}{name}": round(getattr(one, name), 6) for name in _FRAMES[3:]}
    return {f"{prefix}{name}": getattr(one, name) for name in _FRAMES[:3]} | seconds


def _yes(value: bool) -> str:
    return "yes" if value else "no"

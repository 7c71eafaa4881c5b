"""The tables of an export: one row an interval with machine and people side by side, and one row an opinion."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from micromask.app.workspace.corrections.document import long_for_micro
from micromask.app.workspace.recordings import Recorded
from micromask.core.opinions import CorrectedInterval, MarkedInterval
from micromask.reports.corrected import VERDICT_WORDS

OPINION_COLUMNS = (
    "recording_id", "recording", "number", "key", "author", "said", "face", "kind", "emotion",
    "onset", "apex", "offset", "onset_s", "apex_s", "offset_s", "note", "made",
)  # fmt: skip

_FRAMES = ("onset", "apex", "offset", "onset_s", "apex_s", "offset_s")

_FORMULA = ("=", "+", "-", "@", "\t")


def interval_columns(classes: Sequence[str]) -> list[str]:
    """The header of intervals.csv for a recogniser's classes."""
    about = ["recording_id", "recording", "participant", "group", "number", "key", "face"]
    machine = ["machine_kind", "machine_emotion", *(f"machine_{name}" for name in _FRAMES), "machine_strength"]
    people = ["people_said", "people_kind", "people_emotion", *(f"people_{name}" for name in _FRAMES)]
    stands = ["counts", "kind", "emotion", *_FRAMES, "duration_s", "says", "clip"]
    return [*about, *machine, *(f"p_{name}" for name in classes), *people, "by", "disputed", "gone", *stands]


def classes_of(intervals: Iterable[CorrectedInterval]) -> list[str]:
    """The recogniser's classes, in its own order."""
    return list(dict.fromkeys(name for one in intervals if one.machine for name in one.machine.probabilities))


def interval_row(recorded: Recorded, one: CorrectedInterval, clip: str = "") -> dict[str, Any]:
    """One row of intervals.csv; what is not there is left empty.

    ``machine_`` is what was measured, ``people_`` what stands of what was said, the columns without a prefix what
    counts: what people say, or else the machine.
    """
    row: dict[str, Any] = {
        "recording_id": recorded.id,
        "recording": plain(recorded.title),
        "participant": plain(recorded.participant),
        "group": plain(recorded.group),
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
        row |= _interval("machine_", one.seen) | {"machine_strength": round(float(one.machine.strength), 4)}
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
            "recording": plain(recorded.title),
            "number": "" if one.number is None else one.number,
            "key": one.key,
            "author": opinion.author,
            "said": VERDICT_WORDS[opinion.verdict],
            "face": one.face,
            "note": plain(opinion.note),
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


def plain(text: str) -> str:
    """Text that a person typed, so that no spreadsheet takes it for a formula: those begin with an apostrophe here.

    >>> plain("=1+1"), plain("P07")
    ("'=1+1", 'P07')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _interval(prefix: str, one: MarkedInterval) -> dict[str, Any]:
    seconds = {f"{prefix}{name}": round(getattr(one, name), 6) for name in _FRAMES[3:]}
    frames = {f"{prefix}{name}": getattr(one, name) for name in _FRAMES[:3]}
    return {f"{prefix}kind": one.kind, f"{prefix}emotion": one.emotion, **frames, **seconds}


def _yes(value: bool) -> str:
    return "yes" if value else "no"

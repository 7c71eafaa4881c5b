"""What two models said of every interval, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any

from micromask.reports.tables import Column, plain_cell

AGREEMENT_COLUMNS: dict[str, Column] = {
    "recording": Column("what it is called"),
    "participant": Column("who it is; empty where it is not told"),
    "number": Column("number of the interval in its recording, counted from 1"),
    "face": Column("id of the face"),
    "kind": Column("micro (at most 0.5 s) or macro (longer)"),
    "onset": Column("first frame", "frame, counted from 0"),
    "apex": Column("frame of the strongest movement", "frame, counted from 0"),
    "offset": Column("last frame, included", "frame, counted from 0"),
    "onset_s": Column("when the onset frame is first shown", "s from the first frame"),
    "offset_s": Column("when the offset frame is first shown", "s from the first frame"),
    "first": Column("what the first model names; empty where it could not read the interval"),
    "first_probability": Column("how probable it finds that", "0 to 1"),
    "second": Column("what the second model names; empty where it could not read the interval"),
    "second_probability": Column("how probable it finds that", "0 to 1"),
    "same": Column("yes or no; empty where the interval is not compared"),
    "why": Column("why it is not compared"),
}
"""The columns of intervals.csv in their order."""


def agreement_csv(document: Mapping[str, Any]) -> str:
    """The text of intervals.csv: comma separated, lines and quotes as in RFC 4180.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = StringIO(newline="")
    writer = csv.DictWriter(out, list(AGREEMENT_COLUMNS), lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    for row in document["intervals"]:
        told = {side: row[side] or {"emotion": "", "probability": ""} for side in ("first", "second")}
        writer.writerow(
            row
            | {
                "recording": plain_cell(row["title"]),
                "participant": plain_cell(row["participant"]),
                "onset_s": round(row["onset_s"], 6),
                "offset_s": round(row["offset_s"], 6),
                **{side: plain_cell(said["emotion"]) for side, said in told.items()},
                **{f"{side}_probability": _rounded(said["probability"]) for side, said in told.items()},
                "same": "" if row["same"] is None else "yes" if row["same"] else "no",
            }
        )
    return out.getvalue()


def _rounded(value: float | str) -> float | str:
    return round(value, 4) if isinstance(value, float) else value

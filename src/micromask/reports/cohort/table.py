"""A cohort as CSV: a row for every recording, participant or group, and emotion."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any

from micromask.reports.tables import Column, plain_cell

COHORT_COLUMNS: dict[str, Column] = {
    "of": Column("recording, participant, group, or difference (first group less second)"),
    "name": Column("of the recording, participant or group; of a difference both groups"),
    "participant": Column("who it is; empty where it is not told, and for groups"),
    "group": Column("what they belong to; empty where it is not told"),
    "emotion": Column("the emotion; 'all' for all of them together"),
    "count": Column("expressions", "expressions"),
    "minutes": Column("time in which a face was seen", "min"),
    "per_minute": Column("expressions in a minute of it", "1/min"),
    "low": Column("lower end of the interval of 95 %", "1/min"),
    "high": Column("upper end of the interval of 95 %", "1/min"),
    "way": Column("exact (Poisson) or bootstrap (over participants)"),
    "p": Column("of a difference, corrected for all differences"),
    "why": Column("why there is no value or no interval"),
}
"""The columns of cohort.csv in their order."""


def cohort_csv(document: Mapping[str, Any]) -> str:
    """The text of cohort.csv: comma separated, lines and quotes as in RFC 4180.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = StringIO(newline="")
    writer = csv.DictWriter(out, list(COHORT_COLUMNS), lineterminator="\r\n", restval="")
    writer.writeheader()
    for kind in ("recording", "participant", "group"):
        for row in document[f"{kind}s"]:
            own = {"of": kind, "name": row[kind], "participant": row.get("participant", ""), "group": row["group"]}
            if kind == "group":
                own["participant"] = ""
            writer.writerows(_safe(own | _figures(each)) for each in row["rates"])
    for row in document["differences"]:
        own = {"of": "difference", "name": f"{row['first']} less {row['second']}"}
        writer.writerow(_safe(own | _figures(row) | {"p": _number(row["p_holm"])}))
    return out.getvalue()


def _figures(rate: Mapping[str, Any]) -> dict[str, Any]:
    low, high = rate["interval"] or (None, None)
    return {
        "emotion": rate["emotion"] or "all",
        "count": rate.get("count", ""),
        "minutes": _number(rate.get("minutes")),
        "per_minute": _number(rate["value"]),
        "low": _number(low),
        "high": _number(high),
        "way": rate.get("way") or "",
        "why": rate["why"],
    }


def _number(value: float | None) -> float | str:
    return "" if value is None else round(value, 6)


def _safe(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain_cell(value) if isinstance(value, str) else value for key, value in row.items()}

"""The page of a cohort: how often each emotion was shown, by group, participant and recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from micromask.reports.comparison.forest import Axis, Strip, axis_over, strip
from micromask.reports.fill import fill_template
from micromask.reports.words import count

ALL = "all emotions together"
COUNTED = {"all": "micro and macro", "micro": "only micro", "macro": "only macro"}
MOST_STRIPS = 40
"""Of more recordings without a participant none is drawn; the table has them all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot: whose it is, its rate, where it lies and what is said beside it."""

    name: str
    rate: Mapping[str, Any]
    strip: Strip
    people: str


@dataclass(frozen=True, slots=True)
class Plot:
    """The lines of one emotion on an axis."""

    emotion: str
    axis: Axis
    lines: tuple[Line, ...]


def render(document: Mapping[str, Any], links: Mapping[str, str] | None = None) -> str:
    """A cohort as one HTML page that loads nothing from anywhere.

    Parameters
    ----------
    document : mapping
        From `evaluation.cohort.cohort`, or cohort.json.
    links : mapping, optional
        From a recording's name to the address of its own report, relative to where this page will lie.

    Returns
    -------
    str
        HTML with its style inside and no script. Names are escaped.
    """
    apart, differences = apart_of(document)
    total = document["recordings"]
    return fill_template(
        "cohort.html.j2",
        filters={"rate": _rate, "signed": _signed, "p": _p, "ends": _ends},
        document=document,
        links=links or {},
        count=count,
        all=ALL,
        counted=COUNTED[document["which"]],
        minutes=sum(row["rates"][0]["minutes"] for row in total),
        found=sum(row["rates"][0]["count"] for row in total),
        plots=plots_of(document),
        apart=apart,
        differences=differences,
        untold=untold_of(document),
        group_name=group_name,
        lone=len(document["groups"]) == 1,
    )


def apart_of(document: Mapping[str, Any]) -> tuple[Axis | None, list[tuple[Mapping[str, Any], Strip]]]:
    """The differences that have an interval, each with where it lies, on one axis; None and nothing where none has."""
    told = [row for row in document["differences"] if row["interval"] is not None]
    if not told:
        return None, []
    axis = axis_over([end for row in told for end in (row["value"], *row["interval"])], signed=True)
    return axis, [(row, strip(axis, row["value"], row["interval"])) for row in told]


def untold_of(document: Mapping[str, Any]) -> list[str]:
    """Why two groups are not compared, a sentence for every two of them."""
    rows = (row for row in document["differences"] if row["interval"] is None)
    return list(dict.fromkeys(f"{row['first']} and {row['second']} are not compared: {row['why']}" for row in rows))


def group_name(name: str, *, alone: bool = False) -> str:
    """What a group is called: 'everyone' where nobody is in a group, 'no group' for the rest of those who are."""
    return name or ("everyone" if alone else "no group")


def plots_of(document: Mapping[str, Any]) -> list[Plot]:
    """A plot an emotion: its groups with their participants as dots, or the recordings where nobody is named.

    The emotions share one axis, so that they can be compared; all together have their own.
    """
    groups, people = document["groups"], document["participants"]
    alone = len(groups) == 1
    rows = groups or document["recordings"]
    if len(rows) > MOST_STRIPS:
        return []
    plots: list[Plot] = []
    emotions = document["emotions"]
    for column, emotion in enumerate(emotions):
        shared = [column] if emotion is None else range(1, len(emotions))
        axis = _axis(rows, people if groups else (), shared)
        if axis is None:
            return []
        lines = []
        for row in rows:
            rate = row["rates"][column]
            if rate["value"] is None:
                continue
            own = [one["rates"][column]["value"] for one in people if groups and one["group"] == row["group"]]
            dots = [value for value in own if value is not None]
            name = group_name(row["group"], alone=alone) if groups else row["recording"]
            said = count(row["participants"], "participant") if groups else ""
            lines.append(Line(name, rate, strip(axis, rate["value"], rate["interval"], dots), said))
        plots.append(Plot(emotion or ALL, axis, tuple(lines)))
    return plots


def _axis(
    rows: Sequence[Mapping[str, Any]], people: Sequence[Mapping[str, Any]], columns: Sequence[int] | range
) -> Axis | None:
    """From nothing to the highest end or dot of some columns; None where there is no rate at all."""
    rates = [row["rates"][column] for row in (*rows, *people) for column in columns]
    shown = [row["rates"][column]["interval"] for row in rows for column in columns]
    values = [rate["value"] for rate in rates if rate["value"] is not None]
    if not values:
        return None
    return axis_over([0.0, max(values) or 1.0, *(ends[1] for ends in shown if ends)])


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}".replace("-", "−")


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _ends(interval: Sequence[float] | None) -> str:
    return "no interval" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}"

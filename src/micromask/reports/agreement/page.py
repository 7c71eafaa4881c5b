"""The page of two models' agreement: how far beyond chance, on which emotions, and where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from micromask.reports.comparison.forest import Axis, Strip, axis_over, place, strip
from micromask.reports.fill import fill_template
from micromask.reports.words import count

READS = {
    "motion": "how the skin moved from onset to apex",
    "frame": "single frames",
    "frames": "sequences of frames",
}
MOST_SHOWN = 200
"""Of more intervals in which the models differ the page shows the surest ones; intervals.csv has all."""


def render(document: Mapping[str, Any], links: Mapping[str, str] | None = None) -> str:
    """An agreement as one HTML page that loads nothing from anywhere.

    Parameters
    ----------
    document : mapping
        From `evaluation.model_agreement.model_agreement`, or agreement.json.
    links : mapping, optional
        From a recording (its key, not its title) to the address of its own page or report.

    Returns
    -------
    str
        HTML with its style inside and no script. Names are escaped.
    """
    axis, rows = lines_of(document)
    differ = differing(document)
    table = document["table"]
    return fill_template(
        "agreement.html.j2",
        filters={"figure": _figure, "share": _share, "ends": _ends},
        document=document,
        links=links or {},
        count=count,
        reads=READS,
        axis=axis,
        rows=rows,
        zero=place(axis, 0.0),
        differ=differ[:MOST_SHOWN],
        more=max(0, len(differ) - MOST_SHOWN),
        apart=[row for row in document["intervals"] if row["same"] is None],
        most=max((number for row in table["counts"] for number in row), default=0) or 1,
        totals=[sum(column) for column in zip(*table["counts"], strict=True)],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One kappa of the plot: of all shared emotions, or of one (``emotion``) against everything else."""

    name: str
    kappa: Mapping[str, Any]
    emotion: Mapping[str, Any] | None
    strip: Strip | None


def lines_of(document: Mapping[str, Any]) -> tuple[Axis, list[Line]]:
    """Every kappa and where it lies on an axis; the first is that of all shared emotions together."""
    told: list[tuple[str, Mapping[str, Any], Mapping[str, Any] | None]]
    told = [("all shared emotions", document["kappa"], None)]
    told += [(each["emotion"], each["kappa"], each) for each in document["emotions"]]
    ends = [end for _, kappa, _ in told for end in (kappa["value"], *(kappa["interval"] or ())) if end is not None]
    axis = axis_over([0.0, 1.0, *ends])
    lines = []
    for name, kappa, emotion in told:
        there = kappa["value"] is not None
        lines.append(Line(name, kappa, emotion, strip(axis, kappa["value"], kappa["interval"]) if there else None))
    return axis, lines


def differing(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The intervals in which the models differ, those first in which both are sure."""
    return sorted((row for row in document["intervals"] if row["same"] is False), key=_sureness, reverse=True)


def _sureness(row: Mapping[str, Any]) -> float:
    """How sure the less sure of the two is: where both are sure and differ, one of them is badly wrong."""
    return min(float(row[side]["probability"]) for side in ("first", "second"))


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _ends(interval: Sequence[float] | None) -> str:
    return "no interval" if interval is None else f"{interval[0]:.2f} to {interval[1]:.2f}".replace("-", "−")

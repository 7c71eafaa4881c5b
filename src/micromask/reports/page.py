"""The report: one HTML file that holds all it needs and works offline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from micromask import __version__
from micromask.core.types import Analysis, Expression, Pictures, Timeline
from micromask.reports.axes import KIND_COLOURS
from micromask.reports.clock import broke_at_s, lasts
from micromask.reports.embed import plotly_script, script_json
from micromask.reports.figures import LINE_POINTS, is_thinned, timeline_figure
from micromask.reports.fill import fill_template
from micromask.reports.masked_cards import masked_cards
from micromask.reports.pictures import (
    Arrow,
    arrows,
    colour_wheel,
    data_uri,
    flow_over_face,
    flow_scale,
    png_uri,
)
from micromask.reports.sparkline import Sparkline, sparkline
from micromask.reports.words import count, emotion_words, measured, region_words, slow_film, verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """The pictures of a card: addresses of the faces and of the flow, its arrows and its scale."""

    onset: str
    apex: str
    flow: str
    size: tuple[int, int]
    arrows: list[Arrow]
    times: int
    scale: float


@dataclass(frozen=True, slots=True)
class Card:
    """One expression as the page shows it."""

    number: int
    expression: Expression
    emotion: str
    lasts_s: float
    n_frames: int
    regions: list[str]
    probabilities: list[tuple[str, float]]
    line: Sparkline | None
    pictures: Shown | None


@dataclass(frozen=True, slots=True)
class Chart:
    """One face's timeline as the page shows it: the figure as JSON, and what it shows in words."""

    face: int
    figure: Markup
    height: int
    said: str
    thinned_from: int | None


def report_html(analysis: Analysis) -> str:
    """The report of one recording as a page that loads nothing from anywhere.

    Parameters
    ----------
    analysis : Analysis
        Drawn as it is; without pictures the cards have none.

    Returns
    -------
    str
        HTML with its style, its script (plotly.js, once, where there is a timeline) and its pictures inside. What comes
        from the recording is escaped.
    """
    charts = [_chart(analysis, timeline) for timeline in analysis.timelines if len(timeline.frames)]
    cards = [_card(analysis, number, one) for number, one in enumerate(analysis.expressions, 1)]
    return fill_template(
        "report.html.j2",
        filters={"seconds": _seconds, "measure": _measure, "rate": _rate},
        analysis=analysis,
        recording=analysis.recording,
        name=analysis.recording.path.name or analysis.recording.id,
        version=__version__,
        verdict=verdict(analysis),
        notes=_notes(analysis),
        measured=measured(analysis.timelines),
        asked=[(str(key).replace("_", " "), _said(value)) for key, value in analysis.settings.items()],
        charts=charts,
        cards=cards,
        masked=masked_cards(analysis),
        count=count,
        line_points=LINE_POINTS,
        kind_colours=KIND_COLOURS,
        wheel=png_uri(colour_wheel()) if analysis.pictures else "",
        plotly=plotly_script() if charts else "",
    )


def write_report(analysis: Analysis, path: Path) -> None:
    """Write :func:`report_html` as UTF-8."""
    path.write_text(report_html(analysis), encoding="utf-8")


def _notes(analysis: Analysis) -> list[str]:
    """What a reader must know before the results: the break first, then the analysis' own cautions."""
    notes = []
    broke, broke_s = analysis.broke_at, broke_at_s(analysis)
    if broke is not None and not any(f"frame {broke}" in caution for caution in analysis.cautions):
        notes.append(f"The film broke off at frame {broke} ({broke_s:.2f} s); what comes before was analysed.")
    notes.extend(_sentence(caution) for caution in analysis.cautions)
    slow = slow_film(analysis.recording.fps)
    return [*notes, slow] if slow else notes


def _sentence(text: str) -> str:
    """A line as a sentence: a capital where it starts with a plain word, a full stop where it has no end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _chart(analysis: Analysis, timeline: Timeline) -> Chart:
    figure = timeline_figure(analysis, timeline)
    found = sum(one.face == timeline.face for one in analysis.expressions)
    moved = sum(one.face == timeline.face for one in analysis.events)
    said = (
        f"Timeline of motion strength of face {timeline.face} over {analysis.seconds:.1f} seconds with "
        f"{count(found, 'expression')} and {count(moved, 'other event')} marked; the table below has them too."
    )
    points = len(timeline.frames) if is_thinned(timeline) else None
    return Chart(timeline.face, script_json(figure), figure["layout"]["height"], said, points)


def _card(analysis: Analysis, number: int, expression: Expression) -> Card:
    timeline = next((one for one in analysis.timelines if one.face == expression.face), None)
    return Card(
        number=number,
        expression=expression,
        emotion=emotion_words(expression),
        lasts_s=lasts(expression),
        n_frames=expression.offset - expression.onset + 1,
        regions=[region_words(name) for name in expression.regions],
        probabilities=sorted(expression.probabilities.items(), key=lambda one: -one[1]),
        line=sparkline(timeline, expression, lasts(expression)) if timeline else None,
        pictures=_shown(analysis.pictures[number - 1]) if analysis.pictures else None,
    )


def _shown(pictures: Pictures) -> Shown:
    flow = pictures.motion.flow
    scale = flow_scale(flow)
    drawn, times = arrows(flow, scale)
    return Shown(
        onset=data_uri(pictures.onset),
        apex=data_uri(pictures.apex),
        flow=data_uri(flow_over_face(pictures, scale)),
        size=(flow.shape[2], flow.shape[1]),
        arrows=drawn,
        times=times,
        scale=scale,
    )


def _said(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return "none" if value is None else value.name if isinstance(value, Path) else str(value)


def _seconds(value: float) -> str:
    return f"{value:.3f}"


def _measure(value: float, digits: int = 1) -> str:
    return f"{value:,.{digits}f}" if math.isfinite(value) else "not known"


def _rate(fps: float) -> str:
    """Frames a second as short as they are exact to the hundredth."""
    return f"{fps:.2f}".rstrip("0").rstrip(".")

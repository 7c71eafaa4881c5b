"""The rows, axes and shades of a timeline: all of a plotly figure but its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from micromask.core.types import Analysis, Event, Expression
from micromask.reports.clock import frame_end
from micromask.reports.words import EVENT_WORDS

KIND_COLOURS = {"micro": "#c2410c", "macro": "#1d4ed8"}
INK, MUTED, GRID = "#1f2933", "#52606d", "#e4e7eb"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
MARGIN = {"l": 96, "r": 48, "t": 46, "b": 52}
STRENGTH_PX, EVENT_PX, REGION_PX, GAP_PX = 240, 22, 17, 14


class Rows:
    """Where the rows of a figure lie: strength, a line per sort of event, a line per region.

    Each is (bottom, top) in shares of the plot's height from below, or None where there is nothing to show.
    """

    def __init__(self, n_events: int, n_regions: int) -> None:
        events = n_events * EVENT_PX + GAP_PX if n_events else 0
        regions = n_regions * REGION_PX + GAP_PX if n_regions else 0
        inner = STRENGTH_PX + events + regions
        self.height = inner + MARGIN["t"] + MARGIN["b"]
        self.regions = (0.0, (regions - GAP_PX) / inner) if n_regions else None
        self.events = (regions / inner, (regions + events - GAP_PX) / inner) if n_events else None
        self.strength = ((regions + events) / inner, 1.0)


def event_names(events: Sequence[Event]) -> list[str]:
    """The sorts of events in words, each once, in the order in which a figure lists them."""
    there = {event.name for event in events}
    return [words for name, words in EVENT_WORDS.items() if name in there]


def layout(
    analysis: Analysis, expressions: Sequence[Expression], events: Sequence[Event], rows: Rows, top: float
) -> dict[str, Any]:
    """The layout of plotly.js for one face.

    Parameters
    ----------
    analysis : Analysis
    expressions, events : sequences
        Those of the face.
    rows : Rows
    top : float
        The highest strength to show, per cent.
    """
    lowest = "y3" if rows.regions else "y2" if rows.events else "y"
    axis = {"gridcolor": GRID, "zeroline": False, "fixedrange": True, "tickfont": {"size": 12}}
    drawn: dict[str, Any] = {
        "height": rows.height,
        "margin": dict(MARGIN),
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hovermode": "x",
        "hoverdistance": 6,
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": "#9aa5b1",
            "font": {"family": FONT, "color": INK},
            "align": "left",
        },
        "dragmode": "zoom",
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": {"size": 12}},
        "modebar": {"orientation": "v", "bgcolor": "rgba(255,255,255,0.85)", "color": MUTED, "activecolor": INK},
        "xaxis": {
            **axis,
            "fixedrange": False,
            "range": [0, analysis.seconds],
            "anchor": lowest,
            "title": {"text": "seconds", "standoff": 6},
            "showspikes": True,
            "spikemode": "across",
            "spikethickness": 1,
            "spikedash": "dot",
            "spikecolor": MUTED,
            "hoverformat": ".3f",
        },
        "yaxis": {
            **axis,
            "domain": list(rows.strength),
            "range": [0, round(1.16 * top, 4)],
            "title": {"text": "strength, %", "standoff": 8},
        },
        "shapes": [*_bands(analysis, expressions, rows), *_blanks(analysis, events)],
    }
    if rows.events:
        names = event_names(events)
        drawn["yaxis2"] = {
            **axis,
            "domain": list(rows.events),
            "type": "category",
            "categoryarray": names[::-1],
            "categoryorder": "array",
            "range": [-0.5, len(names) - 0.5],
            "dtick": 1,
            "showgrid": False,
        }
    if rows.regions:
        drawn["yaxis3"] = {
            **axis,
            "domain": list(rows.regions),
            "autorange": "reversed",
            "dtick": 1,
            "ticks": "",
            "showgrid": False,
        }
    return drawn


def _bands(analysis: Analysis, expressions: Sequence[Expression], rows: Rows) -> list[dict[str, Any]]:
    """Each interval as a shade behind the rows, and as an outline over the regions."""
    bands = []
    for one in expressions:
        colour = KIND_COLOURS[one.kind]
        shade = _rectangle("paper", one.onset_s, frame_end(analysis.recording, one.offset, one.offset_s))
        bands.append({**shade, "fillcolor": colour, "opacity": 0.14, "layer": "below", "line": {"width": 0}})
        if rows.regions:
            outline = {**shade, "y0": rows.regions[0], "y1": rows.regions[1], "fillcolor": "rgba(0,0,0,0)"}
            bands.append({**outline, "opacity": 0.55, "layer": "above", "line": {"width": 1, "color": colour}})
    return bands


def _blanks(analysis: Analysis, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Where the face was not seen, grey."""
    return [
        {
            **_rectangle("y domain", event.onset_s, frame_end(analysis.recording, event.offset, event.offset_s)),
            "fillcolor": GRID,
            "layer": "below",
            "line": {"width": 0},
        }
        for event in events
        if event.name == "gap"
    ]


def _rectangle(yref: str, from_s: float, to_s: float) -> dict[str, Any]:
    across = {"x0": round(from_s, 4), "x1": round(to_s, 4), "xref": "x"}
    return {"type": "rect", **across, "yref": yref, "y0": 0, "y1": 1}

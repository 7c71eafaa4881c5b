"""The timeline of one face as a plotly figure, written as plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from micromask.core.types import Analysis, Event, Expression, FloatArray, IntArray, Timeline
from micromask.reports.axes import INK, KIND_COLOURS, MUTED, Rows, event_names, layout
from micromask.reports.clock import frame_end
from micromask.reports.thin import envelope, peaks
from micromask.reports.words import EVENT_WORDS, emotion_words, region_words

LINE_POINTS = 4000
"""The most points that one line of the timeline is drawn with."""
EVENT_POINTS = 200
"""Points along an event as long as the film."""
MAP_COLUMNS = 1000
"""The most columns that the map of the regions is drawn with."""
EVENT_COLOURS = {"blink": "#7b8794", "head-move": "#3e4c59", "gap": "#b8c2cc", "cut": "#111827"}
SEEN_SCALE = [
    [0.0, "#fbfaf7"],
    [0.15, "#f3e3c3"],
    [0.4, "#e6a95c"],
    [0.7, "#b4511f"],
    [1.0, "#4a1206"],
]


def is_thinned(timeline: Timeline) -> bool:
    """Whether the timeline has more points than are drawn."""
    return len(timeline.frames) > LINE_POINTS


def timeline_figure(analysis: Analysis, timeline: Timeline) -> dict[str, Any]:
    """What plotly draws of one face: strength with its intervals, events, and the regions as a map.

    Parameters
    ----------
    analysis : Analysis
    timeline : Timeline
        One of the analysis. Longer ones than :data:`LINE_POINTS` are drawn by their lowest and highest points.

    Returns
    -------
    dict
        ``data`` and ``layout`` of plotly.js, of lists, strings and finite numbers (None where the face was not seen).
        x is in seconds; the frame's number is in the hover text.
    """
    numbered = [(n, one) for n, one in enumerate(analysis.expressions, 1) if one.face == timeline.face]
    events = [one for one in analysis.events if one.face == timeline.face]
    rows = Rows(len(event_names(events)), len(timeline.regions))
    data = [
        *_lines(timeline),
        *_threshold(timeline, analysis.seconds),
        *_intervals(analysis, timeline, numbered),
        *_apexes(timeline, numbered),
        *_event_marks(analysis, events, rows),
        *_region_map(timeline, rows),
    ]
    found = [one for _, one in numbered]
    return {"data": data, "layout": layout(analysis, found, events, rows, _top(timeline, found))}


def _top(timeline: Timeline, expressions: Sequence[Expression]) -> float:
    seen = timeline.strength[np.isfinite(timeline.strength)]
    heights = [_height(timeline, one) for one in expressions]
    return max([_or_zero(timeline.threshold), float(seen.max(initial=0.0)), *heights, 1e-3])


def _or_zero(value: float) -> float:
    return float(value) if math.isfinite(value) else 0.0


def _lines(timeline: Timeline) -> list[dict[str, Any]]:
    lines = [
        ("strength", timeline.strength, {"color": INK, "width": 1.4}, True),
        ("eyelids", timeline.eyes, {"color": "#8a6d3b", "width": 1}, "legendonly"),
        ("head", timeline.head, {"color": "#6b7280", "width": 1, "dash": "dot"}, "legendonly"),
    ]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "visible": shown,
            "line": line,
            "connectgaps": False,
            **_points(timeline, values, envelope(values, LINE_POINTS)),
            "hovertemplate": f"{name} %{{y:.2f}} % · frame %{{customdata}}<extra></extra>",
        }
        for name, values, line, shown in lines
        if np.isfinite(values).any()
    ]


def _points(timeline: Timeline, values: FloatArray, at: IntArray) -> dict[str, Any]:
    """x, y and frames of the chosen points, broken where rows are missing between two of them."""
    x, y = numbers(timeline.times[at], 4), numbers(values[at], 3)
    frames: list[int | None] = [int(frame) for frame in timeline.frames[at]]
    steps = np.diff(timeline.frames)
    if len(steps) and steps.max() > 2 * np.median(steps):
        missing = np.flatnonzero(steps > 2 * np.median(steps))
        for row in sorted(set(np.searchsorted(at, missing, side="right").tolist()), reverse=True):
            if 0 < row < len(x):
                x.insert(row, x[row])
                y.insert(row, None)
                frames.insert(row, None)
    return {"x": x, "y": y, "customdata": frames}


def _threshold(timeline: Timeline, seconds: float) -> list[dict[str, Any]]:
    if not math.isfinite(timeline.threshold):
        return []
    level = round(float(timeline.threshold), 4)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": f"threshold ({level:.2g} %)",
            "x": [0, seconds],
            "y": [level, level],
            "line": {"color": MUTED, "width": 1, "dash": "dash"},
            "hoverinfo": "skip",
        }
    ]


def describe(number: int, expression: Expression) -> str:
    """One expression as lines of a hover text."""
    return "<br>".join(
        [
            f"<b>{number} · {expression.kind} · {escape(emotion_words(expression))}</b>",
            f"onset {expression.onset_s:.3f} s (frame {expression.onset})",
            f"apex {expression.apex_s:.3f} s (frame {expression.apex})",
            f"offset {expression.offset_s:.3f} s (frame {expression.offset})",
        ]
    )


def escape(text: str) -> str:
    """Text in which plotly sees no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _intervals(
    analysis: Analysis, timeline: Timeline, numbered: Sequence[tuple[int, Expression]]
) -> list[dict[str, Any]]:
    """The strength inside each interval once more, in the colour of its kind."""
    lines = []
    limit = max(24, LINE_POINTS // max(1, len(numbered)))
    for number, one in numbered:
        inside = np.flatnonzero((timeline.frames >= one.onset) & (timeline.frames <= one.offset))
        if not len(inside):
            continue
        at = inside[envelope(timeline.strength[inside], limit)]
        lines.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{one.kind} {number}",
                "showlegend": False,
                "line": {"color": KIND_COLOURS[one.kind], "width": 2.6},
                **_points(timeline, timeline.strength, at),
                "meta": number,
                "hovertemplate": describe(number, one) + "<extra></extra>",
            }
        )
    return lines


def _apexes(timeline: Timeline, numbered: Sequence[tuple[int, Expression]]) -> list[dict[str, Any]]:
    marks = []
    for kind, colour in KIND_COLOURS.items():
        chosen = [(number, one) for number, one in numbered if one.kind == kind]
        if chosen:
            marks.append(
                {
                    "type": "scatter",
                    "mode": "markers+text",
                    "name": f"{kind}-expression",
                    "x": numbers([one.apex_s for _, one in chosen], 4),
                    "y": numbers([_height(timeline, one) for _, one in chosen], 3),
                    "text": [str(number) for number, _ in chosen],
                    "textposition": "top center",
                    "textfont": {"color": colour, "size": 12},
                    "cliponaxis": False,
                    "marker": {"color": colour, "size": 9, "symbol": "diamond", "line": {"color": "#fff", "width": 1}},
                    "customdata": [number for number, _ in chosen],
                    "hoverinfo": "skip",
                }
            )
    return marks


def _height(timeline: Timeline, expression: Expression) -> float:
    """The line's height at an apex, or the expression's own strength where the line has none there."""
    row = int(np.searchsorted(timeline.frames, expression.apex))
    if row < len(timeline.frames) and timeline.frames[row] == expression.apex and np.isfinite(timeline.strength[row]):
        return float(timeline.strength[row])
    return expression.strength


def _event_marks(analysis: Analysis, events: Sequence[Event], rows: Rows) -> list[dict[str, Any]]:
    """Each event as a thick stroke in a row of its own, by name."""
    if rows.events is None:
        return []
    marks = []
    for name in dict.fromkeys(event.name for event in events):
        x: list[float | None] = []
        text: list[str | None] = []
        for event in (one for one in events if one.name == name):
            end = frame_end(analysis.recording, event.offset, event.offset_s)
            line = f"{EVENT_WORDS[name]}<br>{event.onset_s:.3f} to {end:.3f} s (frames {event.onset} to {event.offset})"
            # Enough points along the stroke for its text to be found wherever it is pointed at.
            n_points = 2 + round(EVENT_POINTS * (end - event.onset_s) / max(analysis.seconds, end))
            x.extend([*numbers(np.linspace(event.onset_s, end, n_points), 4), None])
            text.extend([*([line] * n_points), None])
        marks.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": EVENT_WORDS[name],
                "showlegend": False,
                "x": x,
                "y": [None if at is None else EVENT_WORDS[name] for at in x],
                "text": text,
                "line": {"color": EVENT_COLOURS.get(name, MUTED), "width": 7},
                "yaxis": "y2",
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    return marks


def _region_map(timeline: Timeline, rows: Rows) -> list[dict[str, Any]]:
    if rows.regions is None:
        return []
    columns = [peaks(values, MAP_COLUMNS)[0] for values in timeline.regions.values()]
    starts = peaks(timeline.strength, MAP_COLUMNS)[1]
    highest = max((float(np.nanmax(one)) for one in columns if np.isfinite(one).any()), default=0.0)
    return [
        {
            "type": "heatmap",
            "x": numbers(timeline.times[starts], 4),
            "y": [region_words(name) for name in timeline.regions],
            "z": [numbers(one, 2) for one in columns],
            "zmin": 0,
            "zmax": round(max(highest, 1.5 * _or_zero(timeline.threshold), 1e-3), 3),
            "colorscale": SEEN_SCALE,
            "yaxis": "y3",
            "hoverongaps": False,
            "colorbar": {
                "title": {"text": "%", "side": "top"},
                "thickness": 8,
                "len": rows.regions[1] - rows.regions[0],
                "y": sum(rows.regions) / 2,
                "x": 1.005,
                "xpad": 4,
                "ticks": "",
                "outlinewidth": 0,
                "tickfont": {"size": 11},
                "nticks": 4,
            },
            "hovertemplate": "%{y} %{z:.2f} % at %{x:.3f} s<extra></extra>",
        }
    ]


def numbers(values: FloatArray | Sequence[float], digits: int) -> list[float | None]:
    """Rounded values for a page; None where there is none.

    >>> numbers([1.23456, float("nan")], 2)
    [1.23, None]
    """
    return [round(float(value), digits) if math.isfinite(value) else None for value in values]

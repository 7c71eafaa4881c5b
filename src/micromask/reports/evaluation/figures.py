"""The figures of an evaluation as plain values for plotly.js: training, ROC, reliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from micromask.reports.axes import FONT, GRID, INK, MUTED
from micromask.reports.evaluation.words import number
from micromask.reports.figures import escape

CLASS_COLOURS = (
    "#1d4ed8",
    "#c2410c",
    "#047857",
    "#7c3aed",
    "#a16207",
    "#0e7490",
    "#be185d",
    "#4d7c0f",
    "#475569",
    "#9f1239",
)
"""A colour a class, each dark enough on white; a ROC figure draws at most as many classes."""
SIDES = {
    "train": ("training side", "#475569", "dot"),
    "validation": ("validation side", "#c2410c", "solid"),
    "test": ("test side, which chose the epoch", "#9f1239", "dash"),
}
"""Name, colour and dash of the lines of training; the test side has one only where it leaks."""
HEIGHT = 320
MOST_INSIDE = 4
"""Classes whose names have room inside a ROC figure."""


def learning_figure(curves: Sequence[Mapping[str, Any]], what: str) -> dict[str, Any]:
    """Loss or accuracy by epoch: the mean over all fits, and as a band what eight of ten are within.

    Parameters
    ----------
    curves : sequence of mapping
        ``curves`` of a document.
    what : {"loss", "accuracy"}
    """
    data: list[dict[str, Any]] = []
    for side, (name, colour, dash) in SIDES.items():
        rows = [row for row in curves if f"{side}_{what}" in row]
        if not rows:
            continue
        epochs = [row["epoch"] for row in rows]
        low, mean, high = ([row[f"{side}_{what}"][name] for row in rows] for name in ("low", "mean", "high"))
        band = {"x": epochs + epochs[::-1], "y": high + low[::-1], "fill": "toself", "fillcolor": _pale(colour, 0.16)}
        data.append({"type": "scatter", "mode": "lines", "line": {"width": 0}, **band, **_SILENT})
        line = {"color": colour, "width": 2.2, "dash": dash}
        data.append(
            {
                "type": "scatter",
                "mode": "lines" if len(rows) > 1 else "markers",
                "name": name,
                "x": epochs,
                "y": mean,
                "line": line,
                "marker": {"color": colour},
                "customdata": [row["fits"] for row in rows],
                "hovertemplate": f"{name} %{{y:.3f}} · epoch %{{x}} · %{{customdata}} fits<extra></extra>",
            }
        )
    top = {"range": [0, 1.02]} if what == "accuracy" else {"rangemode": "tozero"}
    return {"data": data, "layout": _layout("epoch", what, yaxis=top)}


def roc_figure(ranking: Mapping[str, Any], supports: Sequence[int]) -> dict[str, Any]:
    """A ROC curve of each class and seed; with more classes than colours, those of the most samples."""
    most = sorted(range(len(supports)), key=lambda at: (-supports[at], at))[: len(CLASS_COLOURS)]
    data: list[dict[str, Any]] = [_diagonal()]
    for place, at in enumerate(sorted(most)):
        each = ranking["classes"][at]
        if each["auc"] is None:
            continue
        label = escape(each["label"])
        several = len(each["curves"]) > 1
        for seed, curve in enumerate(each["curves"]):
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": f"{label} · {number(each['auc'])}",
                    "legendgroup": str(at),
                    "showlegend": seed == 0,
                    "opacity": 0.6 if several else 1,
                    "x": curve["false_positive_rate"],
                    "y": curve["true_positive_rate"],
                    "line": {"color": CLASS_COLOURS[place], "width": 1.4 if several else 2.2},
                    "hovertemplate": f"{label}, seed {curve['seed']}: %{{y:.2f}} found, %{{x:.2f}} false alarms"
                    "<extra></extra>",
                }
            )
    shares = {"range": [-0.01, 1.01]}
    layout = _layout("share of the others taken for it", "share found", shares, shares)
    layout["margin"] = {**layout["margin"], "t": 12}
    where: dict[str, Any] = {"x": 0.98, "xanchor": "right", "y": 0.04, "yanchor": "bottom"}
    where["bgcolor"] = "rgba(255,255,255,0.85)"
    if len(most) > MOST_INSIDE:  # so many would cover the curves: two a row below them
        below = 20 * -(-len(most) // 2) + 16
        where = {"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top", "tracegroupgap": 0}
        where |= {"entrywidth": 0.46, "entrywidthmode": "fraction"}
        layout["margin"]["b"] += below
        layout["height"] += below
    layout["legend"] = {"font": {"size": 12}, **where}
    return {"data": data, "layout": layout}


def reliability_figure(calibration: Mapping[str, Any]) -> dict[str, Any]:
    """How often predictions are right by how sure they are; the larger a dot, the more of them."""
    bins = [each for each in calibration["bins"] if each["count"]]
    total = sum(each["count"] for each in bins)
    dots = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "predictions",
        "showlegend": False,
        "x": [each["confidence"] for each in bins],
        "y": [each["accuracy"] for each in bins],
        "line": {"color": CLASS_COLOURS[0], "width": 1.6},
        "marker": {
            "color": CLASS_COLOURS[0],
            "size": [round(7 + 22 * (each["count"] / total) ** 0.5, 1) for each in bins],
            "opacity": 0.85,
            "line": {"color": "#ffffff", "width": 1},
        },
        "customdata": [each["count"] for each in bins],
        "hovertemplate": "%{customdata:,} predictions: %{x:.2f} sure, %{y:.2f} right<extra></extra>",
        "cliponaxis": False,
    }
    shares = {"range": [-0.02, 1.04]}
    layout = _layout("how sure", "share right", shares, shares)
    layout["margin"] = {**layout["margin"], "t": 12}
    return {"data": [_diagonal(), dots], "layout": layout}


_SILENT = {"hoverinfo": "skip", "showlegend": False}


def _diagonal() -> dict[str, Any]:
    line = {"color": MUTED, "width": 1, "dash": "dash"}
    return {"type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1], "line": line, **_SILENT}


def _pale(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _layout(
    x: str, y: str, xaxis: Mapping[str, Any] | None = None, yaxis: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    axis = {"gridcolor": GRID, "zeroline": False, "tickfont": {"size": 12}, "linecolor": GRID, "showline": True}
    return {
        "height": HEIGHT,
        "margin": {"l": 58, "r": 40, "t": 40, "b": 48},
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": "#9aa5b1", "font": {"family": FONT, "color": INK}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "modebar": {"orientation": "v", "bgcolor": "rgba(255,255,255,0.85)", "color": MUTED, "activecolor": INK},
        "xaxis": {**axis, "title": {"text": x, "standoff": 6, "font": {"size": 13}}, **(xaxis or {})},
        "yaxis": {**axis, "title": {"text": y, "standoff": 8, "font": {"size": 13}}, **(yaxis or {})},
    }

"""The pictures of a reproduction as SVG: pairs on one scale, curves of training, ROC curves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

PUBLISHED, APART, IDENTITY = "#c2410c", "#1d4ed8", "#6b7280"
CLASS_COLOURS = ("#1d4ed8", "#c2410c", "#15803d", "#7c3aed", "#b45309", "#0e7490", "#be185d", "#4d7c0f", "#475569")
"""Of the classes of a ROC plot, in turn; with more classes than these all are drawn alike."""

AXIS_PX, ROW_PX, TOP_PX = 620, 34, 26
LETTER_PX = 7.6
"""About as wide as a letter of the labels is."""


def pair_chart(rows: Sequence[Mapping[str, Any]], several: bool) -> Markup:
    """All rows of a reproduction on one scale of 0 to 100 %.

    A dot for the figure as published, a square for the one with people apart, whiskers for their 95 % intervals, a line
    between them; a diamond for identity, a dashed bar for the paper's figure (two for the ends of several) and a short
    grey one for the majority class.
    """
    names = [f"{row['subset']}: {row['title']}" if several else str(row["title"]) for row in rows]
    left = max(230, 30 + LETTER_PX * max(map(len, names), default=0))
    height = TOP_PX + ROW_PX * len(rows) + 8
    parts = [
        f'<svg class="pairs" viewBox="0 0 {left + AXIS_PX + 30:.0f} {height}" role="img" '
        'aria-label="Accuracy as published and with people apart, row by row; the table below has the figures.">'
    ]

    def at(share: float) -> float:
        return round(left + AXIS_PX * share, 1)

    for share in range(0, 101, 20):
        x = at(share / 100)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{TOP_PX - 6}" y2="{height - 8}" class="grid"/>')
        parts.append(f'<text x="{x}" y="{TOP_PX - 11}" class="tick" text-anchor="middle">{share} %</text>')
    for place, (name, row) in enumerate(zip(names, rows, strict=True)):
        y = TOP_PX + ROW_PX * place + ROW_PX / 2
        parts.append(f'<text x="{at(0) - 14}" y="{y + 4.5}" text-anchor="end" class="name">{escape(name)}</text>')
        parts += _pair(row, y, at)
    parts.append("</svg>")
    return Markup("".join(parts))


def _pair(row: Mapping[str, Any], y: float, at: Callable[[float], float]) -> Iterable[str]:
    cells = row["ways"]
    published, apart, who = (cells.get(way, {}) for way in ("as-published", "subject-independent", "identity"))
    there = [cell["accuracy"] for cell in (published, apart) if cell.get("run")]
    if not there:
        why = escape(_short(next((cell["why_not"] for cell in cells.values() if cell["why_not"]), "not run")))
        yield f'<text x="{at(0) + 6}" y="{y + 4.5}" class="why">not run: {why}</text>'
        return
    if len(there) == 2:
        yield f'<line x1="{at(there[0])}" x2="{at(there[1])}" y1="{y}" y2="{y}" class="fall"/>'
    if apart.get("run"):
        x = at(apart["majority"])
        yield f'<line x1="{x}" x2="{x}" y1="{y - 8}" y2="{y + 8}" class="majority"/>'
    for share in sorted({row["claim"]["low"], row["claim"]["high"]}) if row["claim"] else ():
        x = at(share / 100)
        yield f'<line x1="{x}" x2="{x}" y1="{y - 13}" y2="{y + 13}" class="claim"/>'
    for cell, colour, lift in ((published, PUBLISHED, -3), (apart, APART, 3)):
        if cell.get("run") and cell["interval"]:
            low, high = (at(end) for end in cell["interval"])
            yield f'<line x1="{low}" x2="{high}" y1="{y + lift}" y2="{y + lift}" stroke="{colour}" class="whisker"/>'
    if who.get("run"):
        x = at(who["accuracy"])
        yield f'<path d="M{x} {y - 7}l7 7l-7 7l-7 -7z" fill="#fff" stroke="{IDENTITY}" stroke-width="2"/>'
    if published.get("run"):
        yield f'<circle cx="{at(published["accuracy"])}" cy="{y}" r="6.5" fill="{PUBLISHED}"/>'
    if apart.get("run"):
        yield f'<rect x="{at(apart["accuracy"]) - 6}" y="{y - 6}" width="12" height="12" fill="{APART}"/>'


def _short(text: str, most: int = 88) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + " …"


def curves_chart(curves: Sequence[Mapping[str, Any]], what: str) -> Markup:
    """Accuracy or loss by epoch: training, and validation or test where it was measured; empty without epochs."""
    lines = []
    for name, colour, title in (
        (f"train_{what}", "#52606d", "training"),
        (f"validation_{what}", APART, "validation"),
        (f"test_{what}", PUBLISHED, "test"),
    ):
        points = [(row["epoch"], row[name]["mean"]) for row in curves if name in row and row[name]["mean"] is not None]
        if points:
            lines.append((points, colour, title))
    if not lines:
        return Markup("")
    width, height, left, bottom = 300, 170, 40, 26
    last = max(epoch for points, _, _ in lines for epoch, _ in points)
    top = 1.0 if what == "accuracy" else max(value for points, _, _ in lines for _, value in points) * 1.05 or 1.0

    def at(epoch: float, value: float) -> tuple[float, float]:
        x = left + (width - left - 8) * ((epoch - 1) / max(last - 1, 1))
        return round(x, 1), round((height - bottom) - (height - bottom - 8) * min(value / top, 1), 1)

    parts = [
        f'<svg class="curves" viewBox="0 0 {width} {height}" role="img" aria-label="{what} by epoch">',
        f'<text x="{width / 2}" y="{height - 4}" class="tick" text-anchor="middle">epoch (last: {last})</text>',
    ]
    for value in (0, top / 2, top):
        y = at(1, value)[1]
        told = f"{100 * value:.0f} %" if what == "accuracy" else f"{value:.2f}"
        parts.append(f'<line x1="{left}" x2="{width - 8}" y1="{y}" y2="{y}" class="grid"/>')
        parts.append(f'<text x="{left - 4}" y="{y + 4}" class="tick" text-anchor="end">{told}</text>')
    for points, colour, title in lines:
        path = " ".join(f"{x},{y}" for x, y in (at(*point) for point in points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"><title>{title}</title>')
        parts.append("</polyline>")
    parts.append("</svg>")
    keys = " ".join(f'<span><i style="background:{colour}"></i>{title}</span>' for _, colour, title in lines)
    return Markup(f'<figure>{"".join(parts)}<figcaption class="keys">{what}: {keys}</figcaption></figure>')


def roc_chart(classes: Sequence[Mapping[str, Any]], macro: float | None) -> Markup:
    """ROC curves of each class against the rest, of the first seed, with the area under each (mean over seeds)."""
    side, left, low = 210, 30, 24
    size = side - left - 8
    drawn = [each for each in classes if each["auc"] is not None and each["curves"]]
    if not drawn:
        return Markup("")
    parts = [
        f'<svg class="roc" viewBox="0 0 {side} {side}" role="img" aria-label="ROC curves, a class against the rest">'
    ]
    zero, top = side - low, side - low - size
    parts.append(f'<path d="M{left} {top}V{zero}H{left + size}" class="axis"/>')
    parts.append(f'<line x1="{left}" y1="{zero}" x2="{left + size}" y2="{top}" class="diagonal"/>')
    parts.append(f'<text x="{left + size / 2}" y="{side - 6}" class="tick" text-anchor="middle">false positives</text>')
    parts.append(
        f'<text x="12" y="{top + size / 2}" class="tick" text-anchor="middle" '
        f'transform="rotate(-90 12 {top + size / 2})">true positives</text>'
    )
    many = len(drawn) > len(CLASS_COLOURS)
    for place, each in enumerate(drawn):
        colour = CLASS_COLOURS[0] if many else CLASS_COLOURS[place]
        curve = each["curves"][0]
        pairs = zip(curve["false_positive_rate"], curve["true_positive_rate"], strict=True)
        points = " ".join(f"{left + size * x:.1f},{zero - size * y:.1f}" for x, y in pairs)
        faint = ' opacity=".45"' if many else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"{faint}/>')
    parts.append("</svg>")
    keys = [
        f'<li>{"" if many else f"""<i style="background:{CLASS_COLOURS[place]}"></i>"""}{escape(each["label"])} '
        f"<b>{each['auc']:.2f}</b></li>"
        for place, each in enumerate(drawn)
    ]
    mean = "" if macro is None else f"AUC, mean <b>{macro:.2f}</b>"
    return Markup(
        f'<figure class="with-roc">{"".join(parts)}<figcaption>{mean}<ul class="areas">{"".join(keys)}</ul>'
        "</figcaption></figure>"
    )

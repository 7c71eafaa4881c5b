"""The page of an evaluation: one HTML file, drawn from results.json alone, that works offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import UndefinedError
from markupsafe import Markup

from micromask import __version__
from micromask.core.errors import BadInputError
from micromask.reports.embed import plotly_script, script_json
from micromask.reports.evaluation import words
from micromask.reports.evaluation.figures import (
    CLASS_COLOURS,
    HEIGHT,
    SIDES,
    learning_figure,
    reliability_figure,
    roc_figure,
)
from micromask.reports.evaluation.pictures import Picture, heat_uri, plain_uri
from micromask.reports.evaluation.tables import (
    code_meanings,
    confusion_rows,
    findings,
    fold_means,
    folds_are_people,
    recipe_rows,
    tiles,
)
from micromask.reports.fill import fill_template
from micromask.reports.words import count

FORMAT = "micromask-evaluation/1"
FILTERS = ("number", "short", "percent", "interval", "duration", "setting")
"""Names in `words`, and in the template."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure of the page: its name, its values as JSON, and what it shows in words."""

    id: str
    figure: Markup
    said: str
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Shown:
    """A clip with its pictures: the row of the document, the addresses of picture and heat, what the caller says."""

    row: Mapping[str, Any]
    plain: str | None
    heat: str | None
    caption: str


def render(document: Mapping[str, Any], pictures: Mapping[str, Picture] | None = None) -> str:
    """The page of a run.

    Parameters
    ----------
    document : mapping
        The contents of a results.json.
    pictures : mapping, optional
        From a clip's id to its picture, of clips in ``hardest`` and ``surest``; `read_pictures` has those of a run that
        was explained. Pictures are not in the document: they are shown only where they are handed in, which is for the
        caller to do where the licence allows it.

    Returns
    -------
    str
        HTML with its style, script (plotly.js, once) and pictures inside. It loads nothing from anywhere. Names of
        samples, labels and people are escaped.

    Raises
    ------
    BadInputError
        If it is no document of an evaluation, or something in it is missing or impossible.
    """
    found = document.get("format") if isinstance(document, Mapping) else None
    if found != FORMAT:
        raise BadInputError(f"format {found!r}, wanted {FORMAT!r}; give the results.json of micromask evaluate")
    try:
        return _page(document, pictures or {})
    except (KeyError, IndexError, UndefinedError, TypeError, ValueError, AttributeError) as error:
        what = f"has no {error}" if isinstance(error, KeyError) else str(error)
        raise BadInputError(f"results.json: {what}; evaluate again") from error


def _page(document: Mapping[str, Any], pictures: Mapping[str, Picture]) -> str:
    leaks = words.leak_codes(document)
    return fill_template(
        "evaluation.html.j2",
        filters={name: getattr(words, name) for name in FILTERS},
        d=document,
        version=__version__,
        headline=words.headline(document),
        leaks=leaks,
        tiles=tiles(document),
        findings=findings(document),
        protocol=words.protocol_words(document["protocol"]),
        selection=words.selection_words(document),
        codes=code_meanings(document),
        cautions=sum(each["severity"] == "caution" for each in document["findings"]),
        learning=_learning(document),
        roc=_roc(document),
        reliability=_reliability(document),
        confusion=confusion_rows(document),
        fold_means=fold_means(document["metrics"]),
        people_are_folds=folds_are_people(document),
        wrong=_shown(document["hardest"], pictures),
        right=_shown(document["surest"], pictures),
        shows_people=any(picture.image is not None for picture in pictures.values()),
        recipe=recipe_rows(document["settings"]),
        count=count,
        most_classes=len(CLASS_COLOURS),
        plotly=plotly_script(),
    )


def _learning(document: Mapping[str, Any]) -> list[Chart]:
    curves = document["curves"]
    if not curves:
        return []
    last = curves[-1]
    charts = []
    for what in ("loss", "accuracy"):
        ends = [f"{side} {last[f'{side}_{what}']['mean']:.3f}" for side in SIDES if f"{side}_{what}" in last]
        fits = count(curves[0]["fits"], "fit")
        said = f"Mean {what} by epoch over {fits}; after epoch {last['epoch']}: {', '.join(ends)}"
        charts.append(Chart(what, script_json(learning_figure(curves, what)), said))
    return charts


def _roc(document: Mapping[str, Any]) -> Chart:
    ranking = document["ranking"]
    supports = [each["support"] for each in document["report"]["classes"]]
    areas = ", ".join(f"{each['label']} {words.number(each['auc'])}" for each in ranking["classes"])
    said = f"ROC curves of each class against the rest; area under the curve: {areas}"
    figure = roc_figure(ranking, supports)
    return Chart("roc", script_json(figure), said, figure["layout"]["height"])


def _reliability(document: Mapping[str, Any]) -> Chart:
    bins = [each for each in document["calibration"]["bins"] if each["count"]]
    told = ", ".join(
        f"{words.number(each['confidence'], 2)} sure, {words.number(each['accuracy'], 2)} right" for each in bins
    )
    said = f"How often predictions are right by how sure they are: {told}"
    return Chart("reliability", script_json(reliability_figure(document["calibration"])), said)


def _shown(rows: list[Mapping[str, Any]], pictures: Mapping[str, Picture]) -> list[Shown]:
    found = []
    for row in rows:
        picture = pictures.get(row["clip"])
        if picture is not None:
            found.append(Shown(row, plain_uri(picture), heat_uri(picture), picture.caption))
    return found

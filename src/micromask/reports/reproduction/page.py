"""The page of a reproduction: drawn from its document and nothing else, one HTML file that works offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from micromask.reports.fill import fill_template
from micromask.reports.reproduction.drawings import APART, IDENTITY, PUBLISHED, curves_chart, pair_chart, roc_chart
from micromask.reports.words import count

TITLES = {
    "as-published": "As published",
    "subject-independent": "On new people",
    "identity": "Asked who it is",
}
"""What the three ways are called on the page."""

MOST_CLASSES = 12
"""Confusion matrices of more classes are left to the files: nobody reads 26 x 26 cells on a page."""


def reproduction_html(document: Mapping[str, Any]) -> str:
    """The report of a reproduction as a page that loads nothing from anywhere.

    Parameters
    ----------
    document : mapping
        As ``results.json`` of a reproduction holds it.

    Returns
    -------
    str
        HTML with its style and drawings inside; whatever comes from data is escaped.
    """
    rows = document["rows"]
    several = len({row["subset"] for row in rows}) > 1
    return fill_template(
        "reproduction.html.j2",
        filters={
            "percent": percent,
            "span": span,
            "points": points,
            "duration": duration,
            "claimed": claimed,
        },
        document=document,
        paper=document["paper"],
        rows=rows,
        several=several,
        headline=headline_row(rows),
        verdict=verdict(document),
        titles=TITLES,
        colours={"published": PUBLISHED, "apart": APART, "identity": IDENTITY},
        chart=pair_chart(rows, several),
        own_tables=list(_own_tables(document)),
        details=[detail for row in rows if (detail := _detail(row, document["runs"])) is not None],
        not_run=[(row, _reasons(row)) for row in rows if _reasons(row)],
        count=count,
    )


def percent(share: float | None, digits: int = 1) -> str:
    """A share in per cent; a dash where there is none.

    >>> percent(0.2916), percent(None)
    ('29.2 %', '–')
    """
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def span(interval: Sequence[float] | None) -> str:
    """A 95 % interval in per cent.

    >>> span([0.254, 0.31]), span(None)
    ('25–31', 'no interval')
    """
    return "no interval" if interval is None else f"{100 * interval[0]:.0f}–{100 * interval[1]:.0f}"


def claimed(claim: Mapping[str, Any] | None) -> str:
    """The paper's accuracy, or the lowest and highest on other data.

    >>> claimed({"accuracy": 80.0, "low": 80.0, "high": 80.0}), claimed({"accuracy": None, "low": 97.5, "high": 99.1})
    ('80.0 %', '97.5–99.1 %')
    """
    if claim is None:
        return "–"
    return f"{claim['low']} %" if claim["low"] == claim["high"] else f"{claim['low']}–{claim['high']} %"


def points(value: float | None) -> str:
    """A difference of shares in percentage points, with its sign.

    >>> points(-0.694), points(0.05)
    ('−69.4', '+5.0')
    """
    if value is None:
        return "–"
    return f"{'−' if value < 0 else '+'}{abs(100 * value):.1f}"


def duration(seconds: float) -> str:
    """Seconds as a person says them.

    >>> duration(4.21), duration(75), duration(7300)
    ('4.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"


def headline_row(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The row that the page opens with: the paper's first model on the first subset of which both figures are there.

    Where no row has both, the first that has one; None where nothing was run.
    """
    for wanted in (2, 1):
        for row in rows:
            ran = sum(bool(row["ways"].get(way, {}).get("run")) for way in ("as-published", "subject-independent"))
            if ran >= wanted and not row["baseline"]:
                return row
    return None


def verdict(document: Mapping[str, Any]) -> str:
    """What came of it, in one line."""
    row = headline_row(document["rows"])
    if row is None:
        return "Nothing could be run"
    told = {way: cell["accuracy"] for way, cell in row["ways"].items() if cell["run"]}
    published, apart = told.get("as-published"), told.get("subject-independent")
    if published is None:
        return f"{percent(apart, 0)} on new people; as published it was not run"
    if apart is None:
        return f"{percent(published, 0)} as published; nobody knows how much of it holds on new people"
    return f"{percent(published, 0)} as published, {percent(apart, 0)} on new people"


def _own_tables(document: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """What the paper reports, table by table: a row a model, its columns subset and figure.

    A table that lists other people's methods is told whole: theirs, the paper's own figure, then both of ours.
    """
    paper = document["paper"]
    lists: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for printed in paper["printed"]:
        lists.setdefault((printed["source"], printed["subset"]), []).append(printed)
    for (source, subset), others in lists.items():
        yield _list_of_methods(document, source, subset, others)
    sources: dict[str, list[Mapping[str, Any]]] = {}
    for claim in paper["claims"]:
        if (claim["source"], claim["subset"]) not in lists:
            sources.setdefault(claim["source"], []).append(claim)
    for source, claims in sources.items():
        subsets = list(dict.fromkeys(claim["subset"] for claim in claims))
        figures = list(dict.fromkeys(name for claim in claims for name in claim["figures"]))
        models = list(dict.fromkeys(claim["model"] for claim in claims))
        known = {(claim["model"], claim["subset"]): claim["figures"] for claim in claims}
        columns = [(subset, name) for subset in subsets for name in figures]
        yield {
            "title": f"{source}: {subsets[0]}" if len(subsets) == 1 else source,
            "noun": "Model",
            "head": [(subset if len(subsets) > 1 else "", name.replace("_", " ")) for subset, name in columns],
            "rows": [
                (paper["titles"].get(model, model), [known.get((model, of), {}).get(name) for of, name in columns])
                for model in models
            ],
        }


def _list_of_methods(
    document: Mapping[str, Any], source: str, subset: str, others: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    paper = document["paper"]
    rows = [(each["method"], [each["accuracy"]]) for each in others]
    for claim in paper["claims"]:
        if (claim["source"], claim["subset"]) == (source, subset):
            name = paper["titles"].get(claim["model"], claim["model"])
            rows.append((f"{name}, the paper", [claim["figures"]["accuracy"]]))
    for row in document["rows"]:
        for way in ("as-published", "subject-independent"):
            cell = row["ways"].get(way, {})
            if row["subset"] == subset and cell.get("run") and not row["baseline"]:
                name = f"{row['title']}, ours {TITLES[way].lower()}"
                rows.append((name, [round(100 * cell["accuracy"], 2)]))
    return {"title": f"{source}: {subset}", "noun": "Method", "head": [("", "accuracy")], "rows": rows}


def _detail(row: Mapping[str, Any], runs: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is behind one row: for each way that ran its curves, matrix, ROC, report and findings."""
    ways = []
    for way, cell in row["ways"].items():
        if not cell["run"]:
            continue
        run = runs[cell["run"]]
        ways.append(
            {
                "way": way,
                "title": TITLES[way],
                "run": run,
                "cell": cell,
                "curves": [
                    chart for what in ("accuracy", "loss") if (chart := curves_chart(run["curves"], what)) != Markup("")
                ],
                "roc": roc_chart(run["ranking"]["classes"], run["ranking"]["macro_auc"]),
                "labels": (labels := short_labels(run["labels"])),
                "classes": list(zip(labels, run["report"]["classes"], strict=True))[:MOST_CLASSES],
                "matrix": _matrix(run),
            }
        )
    return {"row": row, "ways": ways} if ways else None


def _matrix(run: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, float]]]] | None:
    """Rows of the mean confusion matrix: the true class, and for each said one its count and share of the row."""
    if len(run["labels"]) > MOST_CLASSES:
        return None
    found = []
    for label, counts in zip(short_labels(run["labels"]), run["confusion"]["mean"], strict=True):
        total = sum(counts) or 1
        found.append(
            (label, [(f"{value:.0f}" if value == int(value) else f"{value:.1f}", value / total) for value in counts])
        )
    return found


def short_labels(labels: Sequence[str]) -> list[str]:
    """Labels without the data set before the slash, where all are people of one.

    >>> short_labels(["samm/006", "samm/007"]), short_labels(["anger", "joy"])
    (['006', '007'], ['anger', 'joy'])
    """
    before = {label.partition("/")[0] for label in labels if "/" in label}
    if len(before) == 1 and all("/" in label for label in labels):
        return [label.partition("/")[2] for label in labels]
    return list(labels)


def _reasons(row: Mapping[str, Any]) -> list[str]:
    """Why parts of a row were not run; one sentence for ways that share it."""
    told: dict[str, list[str]] = {}
    for way, cell in row["ways"].items():
        if cell["why_not"]:
            told.setdefault(cell["why_not"], []).append(TITLES[way].lower())
    return [f"{', '.join(ways)}: {why}" for why, ways in told.items()]

"""The tables and headline figures of an evaluation's page, from its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from micromask.reports.evaluation.words import CODES, number

NAMES = {"uf1": "UF1", "uar": "UAR", "accuracy": "Accuracy"}
MEANS = {
    "uf1": "mean over classes of F1",
    "uar": "mean over classes of recall",
    "accuracy": "share that is right",
}

STRONGEST = 0.6
"""How much colour a full cell has: dark text stays readable on it (contrast of 4.5 and more)."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline figure: its name and meaning, value, interval and the majority class's, all in [0, 1]."""

    name: str
    means: str
    value: float
    interval: tuple[float, float] | None
    majority: float | None
    gain: tuple[float, float, float] | None
    seeds: tuple[float, float] | None


def tiles(document: Mapping[str, Any]) -> list[Tile]:
    """UF1, UAR and accuracy with what stands beside them."""
    metrics, majority = document["metrics"], document["majority"]
    found = []
    for key, name in NAMES.items():
        pair, spread = metrics["intervals"][key], metrics["spread"][key]
        gain = majority["gain"][key] if majority and majority["gain"] else None
        found.append(
            Tile(
                name,
                MEANS[key],
                metrics[key],
                tuple(pair) if pair else None,
                majority[key] if majority else None,
                tuple(gain) if gain else None,
                (spread["low"], spread["high"]) if spread["seeds"] > 1 else None,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a confusion table: count, share of its row, and a shade on which dark text can be read."""

    count: float
    share: float | None
    shade: str


def confusion_rows(document: Mapping[str, Any]) -> list[tuple[str, float, list[Cell]]]:
    """The true class, how many samples are of it, and a cell for each class that was said."""
    labels, counts = document["labels"], document["confusion"]["mean"]
    rows = []
    for at, (label, row) in enumerate(zip(labels, counts, strict=True)):
        total = sum(row)
        cells = [_cell(count, count / total if total else None, at == place) for place, count in enumerate(row)]
        rows.append((label, total, cells))
    return rows


def _cell(count: float, share: float | None, right: bool) -> Cell:
    """Blue where it is right, orange where it is wrong; the more of its row, the stronger."""
    strong = STRONGEST * (share or 0.0)
    red, green, blue = (29, 78, 216) if right else (194, 65, 12)
    mixed = [round(255 + (channel - 255) * strong) for channel in (red, green, blue)]
    return Cell(count, share, f"rgb({mixed[0]},{mixed[1]},{mixed[2]})")


def findings(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings with what their codes mean, and the leaks that the protocol has by construction, found or not."""
    told = [{**each, "means": CODES.get(each["code"], "")} for each in document["findings"]]
    missing = set(document["protocol"]["leaks"]) - {each["code"] for each in told}
    construction = [
        {
            "code": code,
            "title": f"by construction of protocol {document['protocol']['name']}, though no name shows it",
            "severity": "leak",
            "evidence": [],
            "means": CODES.get(code, ""),
        }
        for code in sorted(missing)
    ]
    order = ("leak", "error", "caution", "note")
    return sorted([*told, *construction], key=lambda each: (order.index(each["severity"]), each["code"]))


def code_meanings(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each code that the page names and what it means, in the order of the codes."""
    titles = {each["code"]: each["title"] for each in document["findings"]}
    named = {*titles, *document["protocol"]["leaks"], *document["not_looked_at"]}
    return [(code, CODES.get(code, titles.get(code, ""))) for code in sorted(named, key=_leaks_first)]


def _leaks_first(code: str) -> tuple[bool, str]:
    return not code.startswith("LK"), code


def recipe_rows(settings: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Every setting that a reader may want, name and value, nested ones by both names.

    Where the data lay on the machine that made the run is not for the readers of its page.
    """
    rows: list[tuple[str, Any]] = []
    for name, value in settings.items():
        if name == "data":
            continue
        if isinstance(value, Mapping):
            rows.extend((f"{name}: {key}".replace("_", " "), each) for key, each in value.items())
        else:
            rows.append((name.replace("_", " "), value))
    return rows


def fold_means(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The means over folds under names that say so."""
    absent = {"left out": "left out", "zero": "counted as 0", "one": "counted as 1"}
    rows = [
        (f"fold_mean_f1, absent classes {absent.get(name, name)}", number(value))
        for name, value in metrics["fold_mean_f1"].items()
    ]
    rows.append(("fold_mean_recall, absent classes left out", number(metrics["fold_mean_recall"])))
    return [*rows, ("fold_mean_accuracy", number(metrics["fold_mean_accuracy"]))]


def folds_are_people(document: Mapping[str, Any]) -> bool:
    """Whether each fold tests one person, so that a table of folds would repeat that of the people."""
    folds: Sequence[Mapping[str, Any]] = document["by_fold"]
    return len(folds) == document["subjects"] and all(fold["subjects"] == 1 for fold in folds)

"""The page of a comparison: figures with intervals, who can be told from whom, and the audit's marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from micromask.reports.comparison.forest import Strip, axis_over, place, strip
from micromask.reports.fill import fill_template
from micromask.reports.words import count

FIGURES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}
SELECTIONS = {
    "inner": "people of the training side",
    "last": "nothing: the last epoch",
    "as-published": "the test side",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One code of the audit: its title, whether it is a leak, and what was found in each run (None: nothing)."""

    code: str
    title: str
    leak: bool
    evidence: tuple[tuple[str, ...] | None, ...]


def render(document: Mapping[str, Any], links: Mapping[str, str] | None = None) -> str:
    """A comparison as one HTML page that loads nothing from anywhere.

    Parameters
    ----------
    document : mapping
        From `evaluation.compare.compare`, or comparison.json.
    links : mapping, optional
        From a run's name to the address of its own report, relative to where this page will lie.

    Returns
    -------
    str
        HTML with its style inside and no script. Names and evidence are escaped.
    """
    runs, majority, pairs = document["runs"], document["majority"], document["pairs"]
    figures = [each for row in (*runs, majority) for each in (row["uf1"], *(row["intervals"]["uf1"] or ()))]
    axis = axis_over([*figures, *(seed["uf1"] for row in runs for seed in row["seeds"])])
    strips = [_strip(axis, row) for row in runs]
    ends = [pair["uf1"][key] for pair in pairs for key in ("difference", "low", "high")]
    apart = axis_over(ends, signed=True)
    return fill_template(
        "comparison.html.j2",
        filters={"figure": _figure, "signed": _signed, "p": _p},
        document=document,
        links=links or {},
        count=count,
        figures=FIGURES,
        selections=SELECTIONS,
        axis=axis,
        rows=list(zip(runs, strips, strict=True)),
        constant=place(axis, majority["uf1"]),
        apart=apart,
        pairs=[(pair, _pair_strip(apart, pair)) for pair in pairs],
        cells=_cells(runs, pairs),
        marks=marks_of(runs),
    )


def _strip(axis: Any, row: Mapping[str, Any]) -> Strip:
    seeds = [seed["uf1"] for seed in row["seeds"]]
    return strip(axis, row["uf1"], row["intervals"]["uf1"], seeds if len(seeds) > 1 else ())


def _pair_strip(axis: Any, pair: Mapping[str, Any]) -> Strip:
    uf1 = pair["uf1"]
    return strip(axis, uf1["difference"], (uf1["low"], uf1["high"]))


def _cells(runs: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any] | None]]:
    """Row less column for every two runs: the difference of UF1, its corrected p, and whether it is told."""
    known = {(pair["first"], pair["second"]): (pair, 1) for pair in pairs}
    known |= {(pair["second"], pair["first"]): (pair, -1) for pair in pairs}
    table: list[list[dict[str, Any] | None]] = []
    for row in runs:
        table.append([])
        for column in runs:
            pair, sign = known.get((row["name"], column["name"]), (None, 1))
            if pair is None:
                table[-1].append(None)
                continue
            told = {None: "level", row["name"]: "ahead", column["name"]: "behind"}[pair["ahead"]]
            shown = {"difference": sign * pair["uf1"]["difference"], "p": pair["uf1"]["p_holm"], "told": told}
            table[-1].append({**shown, "leaks": bool(pair["leaks"])})
    return table


def marks_of(runs: Sequence[Mapping[str, Any]]) -> list[Mark]:
    """What the audit found, a row a code, leaks first: in which runs, with the evidence of each."""
    kinds = {"leak": True, "error": True, "caution": False}
    found: dict[tuple[bool, str], str] = {}
    where: dict[tuple[str, int], tuple[str, ...]] = {}
    for number, row in enumerate(runs):
        for each in row["findings"]:
            if each["severity"] in kinds:
                found.setdefault((not kinds[each["severity"]], each["code"]), each["title"])
                where[each["code"], number] = (*where.get((each["code"], number), ()), *each["evidence"])
    return [
        Mark(code, title, not caution, tuple(where.get((code, number)) for number in range(len(runs))))
        for (caution, code), title in sorted(found.items())
    ]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}".replace("-", "−")


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"

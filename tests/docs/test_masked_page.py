"""The tables of the page on masked expressions hold what the benchmark measured."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "concepts" / "masked.md").read_text("utf-8")


def record(kind: str) -> dict:
    (name,) = re.findall(rf"`(benchmarks/results/{kind}-[\d-]+\.json)`", PAGE)
    return json.loads((ROOT / name).read_text("utf-8"))


def rows(first: str) -> dict[str, list[str]]:
    """The rows of the table whose heading begins with a word, by their first cell."""
    table = PAGE.partition(f"\n| {first} |")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()[2:]]
    return {name: rest for name, *rest in cells}


def of(told: Mapping[str, int], kind: str) -> str:
    return f"{told.get(f'{kind}: marked', 0)} of {sum(n for name, n in told.items() if name.startswith(f'{kind}:'))}"


def test_what_was_marked_under_each_condition_is_what_the_benchmark_counted():
    found = record("masked")
    told = rows("condition")
    assert list(told) == [*found["conditions"], "all"]
    for name, counts in {**found["conditions"], "all": found["all"]}.items():
        kinds = ("still", "brows-lowered", "inner-brows-raised", "whole smile")
        assert told[name] == [*(of(counts, kind) for kind in kinds), str(counts["marks in speech or at rest"])], name


def test_what_the_limits_lie_between_is_what_the_benchmark_measured():
    found = record("masked-limits")["limits"]
    told = rows("smile")
    assert list(told) == list(found)
    for name, shares in found.items():
        for cell, key in zip(told[name], ("eyes", "cheeks"), strict=True):
            assert cell.replace("\N{MINUS SIGN}", "-") == ", ".join(f"{share:.2f}" for share in shares[key]), name

"""What the README says of a published selection rule is what the benchmark measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RECORD = sorted((ROOT / "benchmarks" / "results").glob("htnet-selection-*.json"))[-1]


def interval(told: dict[str, Any], value: str = "value") -> str:
    return f"{told[value]:.3f} [{told['low']:.3f}, {told['high']:.3f}]"


def test_the_row_of_htnet_is_what_was_measured() -> None:
    found = json.loads(RECORD.read_text("utf-8"))
    (row,) = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("| HTNet")]
    figures = [interval(found["sides"][name]["uf1"]) for name in ("as-published", "inner")]
    figures.append(interval(found["as_published_less_inner"], "uf1"))
    assert row.split(" | ")[1] == "; ".join(figures)


def test_the_rule_that_leaks_is_found_to_leak_and_the_other_is_not() -> None:
    sides = json.loads(RECORD.read_text("utf-8"))["sides"]
    leaks = {
        name: [each["code"] for each in told["findings"] if each["severity"] == "leak"] for name, told in sides.items()
    }
    assert leaks == {"as-published": ["LK004"], "inner": []}

"""What the pages say of enhanced faces is what the benchmark measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
WAYS = {"images": "predict", "live": "snapshot"}


def page(name: str) -> str:
    return (ROOT / "docs" / "how-to" / f"{name}.md").read_text("utf-8")


def record(text: str) -> dict[str, Any]:
    (name,) = set(re.findall(r"`(benchmarks/results/enhance-[\d-]+\.json)`", text))
    told: dict[str, Any] = json.loads((ROOT / name).read_text("utf-8"))
    return told


def rows(text: str) -> dict[str, list[str]]:
    """The rows of the table of enhanced faces, by their first cell."""
    table = text.partition("\n| faces | found |")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.splitlines()[2:]]
    return {name: rest for name, *rest in cells}


@pytest.mark.parametrize("name", WAYS)
def test_the_table_of_enhanced_faces_is_what_was_measured(name: str) -> None:
    text = page(name)
    found = record(text)[WAYS[name]]
    told = rows(text)
    assert list(told) == list(found)
    for condition, each in found.items():
        more = each["enhanced_less_plain"]
        assert told[condition] == [
            f"{each['faces']} of {each['of']}",
            f"{each['plain']['value']:.3f}",
            f"{each['enhanced']['value']:.3f}",
            f"{more['value']:+.3f} [{more['low']:+.3f}, {more['high']:+.3f}]",
        ], condition


def test_the_figures_around_the_table_are_those_of_the_record() -> None:
    text = page("images")
    found = record(text)
    untouched = found["predict"]["untouched"]
    for words in (
        f"three fits (other seeds) of `{found['model']}`",
        f"on pictures of {found['people']['training']} others",
        f"{found['pictures']['test']} pictures of {found['people']['test']} people",
        f"Of the {untouched['faces']} untouched faces, {found['median_width_px']:.0f} px wide",
        f"all were enlarged and {untouched['steps']['sharpened']} sharpened",
    ):
        assert words in " ".join(text.split()), words
    assert len(found["seeds"]) == 3
    assert untouched["steps"].keys() == {"enlarged", "sharpened"}
    assert untouched["steps"]["enlarged"] == untouched["faces"]


@pytest.mark.parametrize("name", WAYS)
def test_what_is_called_clearly_better_or_worse_has_its_whole_interval_on_that_side(name: str) -> None:
    text = " ".join(page(name).split())
    each = {condition: told["enhanced_less_plain"] for condition, told in record(page(name))[WAYS[name]].items()}
    better = [condition for condition, more in each.items() if more["low"] > 0]
    worse = [condition for condition, more in each.items() if more["high"] < 0]
    for words, told in (("better (the whole interval above 0)", better), ("worse (the whole interval below 0)", worse)):
        assert f"Clearly {words}: {', '.join(told) or 'none'}." in text, words

"""The reference names every column and key of what the app exports, and no other."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

from micromask.app.workspace.corrections.document import corrected_document, interval_document, line_document
from micromask.app.workspace.corrections.said import Said
from micromask.app.workspace.exports.tables import OPINION_COLUMNS, interval_columns
from micromask.core.opinions import CorrectedInterval, MarkedInterval, Opinion
from micromask.core.types import Evidence, Expression, MaskedInterval

TEXT = (Path(__file__).parents[2] / "docs" / "reference" / "outputs.md").read_text("utf-8")
SEEN = MarkedInterval(0, 1, 2, 3, 0.1, 0.2, 0.3, "masked")
EXPRESSION = Expression(0, 1, 2, 3, 0.1, 0.2, 0.3, "micro", 2.0, (), Evidence(100.0, 30.0, 50.0, 1.0))
MARK = MaskedInterval(0, 1, 2, 3, 0.1, 0.2, 0.3, "still", 0.6, (1, 2, 3), (), ())


def section(heading: str) -> str:
    _, found, rest = TEXT.partition(f"\n## {heading}\n")
    assert found, f"there is no heading '## {heading}'"
    return rest.partition("\n## ")[0]


def first_cells(heading: str) -> list[str]:
    """The names in the first column of a section's tables, in their order."""
    cells = re.findall(r"^\| (`[^|]+) \|", section(heading), flags=re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_column_of_the_tables_is_there_in_its_order():
    assert first_cells("intervals.csv") == interval_columns(["<class>"])
    assert first_cells("opinions.csv") == list(OPINION_COLUMNS)


def test_every_key_of_an_interval_and_of_the_log_is_there():
    named = set(re.findall(r"`(\w+)`", section("corrections.json")))
    spoken = (Opinion("Kai", "accept", SEEN, "2026-01-01"),)
    keys = set(interval_document(SEEN)) | set(line_document(Said(1, "Kai", "", "accept", SEEN, None, SEEN, "")))
    for machine in (EXPRESSION, MARK):
        document = corrected_document(CorrectedInterval("mm0-1-2-3", 1, machine, SEEN, spoken, SEEN, True))
        keys |= {*document, *document["machine"], *document["opinions"][0]}
    assert keys <= named
    assert set(asdict(SEEN)) <= named

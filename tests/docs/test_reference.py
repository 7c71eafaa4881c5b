"""The reference is complete: every command, option, column and key has its place in it."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import pytest
from typer.main import get_command

from micromask.app.cli import app
from micromask.core.types import (
    Analysis,
    Event,
    Evidence,
    Expression,
    FaceSummary,
    Recording,
    SubjectId,
)
from micromask.faces.regions import EXPRESSIVE, REGIONS, SPOT_NAMES
from micromask.reports.document import analysis_document
from micromask.reports.folder import FILES
from micromask.reports.masked import MASKED_COLUMNS
from micromask.reports.tables import COLUMNS, TIMELINE_COLUMNS

DOCS = Path(__file__).parents[2] / "docs"
OUTPUTS = (DOCS / "reference" / "outputs.md").read_text("utf-8")
COMMANDS = (DOCS / "reference" / "cli.md").read_text("utf-8")
PYTHON = (DOCS / "reference" / "python.md").read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands below a heading of the second rank."""
    _, found, rest = text.partition(f"\n## {heading}\n")
    assert found, f"there is no heading '## {heading}'"
    return rest.partition("\n## ")[0]


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in keys(each)}
    return {name for each in value for name in keys(each)} if isinstance(value, list | tuple) else set()


def verbs(group, name=""):
    """Every command under its whole name; a group with the commands below it."""
    for verb, command in group.commands.items():
        whole = f"{name} {verb}".strip()
        yield from verbs(command, whole) if hasattr(command, "commands") else [(whole, command)]


VERBS = dict(verbs(get_command(app)))


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_every_command_and_option_is_in_the_reference(verb):
    command = get_command(app) if verb is None else VERBS[verb]
    text = section(COMMANDS, f"micromask {verb}" if verb else "micromask")
    for parameter in command.params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            assert f"`{option}`" in text or f"`{option} " in text or option == parameter.name, (verb, option)
        default = parameter.default
        pair = bool(parameter.secondary_opts)  # such as --candidates and --no-candidates, both of which are told
        if default not in (None, False, ()) and not callable(default) and not pair:
            assert str(default) in text, f"{verb}: the default {default} of {parameter.name} is not told"


def test_the_reference_names_no_option_that_is_not_there():
    known = {
        option for command in VERBS.values() for each in command.params for option in (*each.opts, *each.secondary_opts)
    }
    known |= {"--version", "--help", "-h"}
    assert set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", re.sub(r"```.*?```", "", COMMANDS, flags=re.DOTALL))) <= known


@pytest.mark.parametrize(
    ("heading", "columns"),
    [("expressions.csv", COLUMNS), ("masked.csv", MASKED_COLUMNS), ("timeline.parquet", TIMELINE_COLUMNS)],
)
def test_every_column_is_in_the_reference_with_its_unit(heading, columns):
    text = section(OUTPUTS, heading)
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, flags=re.MULTILINE))
    assert set(rows) == set(columns)
    assert list(rows) == list(columns)
    for name, column in columns.items():
        assert column.unit in rows[name], f"{name} has the unit {column.unit!r}"


def test_every_key_of_the_analysis_is_in_the_reference():
    seen = Evidence(100.0, 30.0, 50.0, 1.0, ("small",))
    one = Expression(0, 1, 2, 3, 0.1, 0.2, 0.3, "micro", 2.0, ("chin",), seen)
    recording = Recording("a", Path("a.mp4"), 30.0, 10, (4, 4), subject=SubjectId("b", "01"))
    faces, events = (FaceSummary(0, 0, 9, 1.0, 100.0),), (Event(0, "blink", 1, 2, 0.1, 0.2),)
    analysis = Analysis(recording, 10, 0.3, faces, (one,), events, (), "haar", "none", {})
    document = analysis_document(analysis)
    text = section(OUTPUTS, "analysis.json")
    named = {name for found in re.findall(r"`([^`]+)`", text) for name in re.split(r"[^\w]+", found)}
    document.pop("units")
    assert keys(document) <= named


def test_every_file_and_region_is_in_the_reference():
    for name in (*FILES.values(), *REGIONS):
        assert f"`{name}`" in OUTPUTS, name
    spotting = (DOCS / "concepts" / "spotting.md").read_text("utf-8")
    for count in (f"{len(SPOT_NAMES)} small round spots", f"{len(REGIONS)} regions", f"{len(EXPRESSIVE)} regions"):
        assert count in spotting


def test_every_name_of_the_python_reference_can_be_imported():
    found = re.findall(r"`(micromask(?:\.\w+)+)`", PYTHON)
    assert len(found) > 40
    for name in found:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            module, _, attribute = name.rpartition(".")
            assert hasattr(importlib.import_module(module), attribute), name


@pytest.mark.parametrize("page", ["spotting", "evidence", "masked"])
def test_the_constants_that_a_page_names_have_the_values_it_tells(page):
    text = (DOCS / "concepts" / f"{page}.md").read_text("utf-8")
    rows = re.findall(r"^\| `(micromask[.\w]+)\.([A-Z_]+)` \| ([\d.]+)", text, flags=re.MULTILINE)
    assert rows
    for module, name, value in rows:
        assert getattr(importlib.import_module(module), name) == pytest.approx(float(value)), name


def test_the_pages_of_decisions_tell_the_figures_of_the_benchmark():
    results = DOCS.parent / "benchmarks" / "results"
    for page, kind in (("default-detector", "detectors"), ("follow-by-flow", "detectors"), ("dis-fine", "flow")):
        text = (DOCS / "why" / f"{page}.md").read_text("utf-8")
        source = re.search(rf"`benchmarks/results/({kind}-[\d-]+\.json)`", text)
        assert source, page
        record = json.loads((results / source[1]).read_text("utf-8"))
        known = figures(record)
        for row in re.findall(r"^\| [^|]+\|((?: [\d.]+(?: %)? \|)+)$", text, flags=re.MULTILINE):
            for cell in re.findall(r"([\d.]+)( %)?", row):
                assert any(close(cell, value) for value in known), f"{page}: {cell[0]} is not in {source[1]}"


def figures(value: object) -> set[float]:
    if isinstance(value, dict):
        return {one for each in value.values() for one in figures(each)}
    return {float(value)} if isinstance(value, int | float) else set()


def close(cell: tuple[str, str], value: float) -> bool:
    """Whether a printed figure is the value, rounded to the places that are printed."""
    text, percent = cell
    places = len(text.partition(".")[2])
    return abs(float(text) - (100 * value if percent else value)) <= 0.5 * 10**-places + 1e-9


def test_the_figures_of_the_recogniser_are_those_of_its_card():
    card = (DOCS.parent / "src" / "micromask" / "models" / "weights" / "CARD.md").read_text("utf-8")
    stored = sorted((DOCS.parent / "benchmarks" / "results").glob("htnet-selection-*.json"))[-1]
    record = json.loads(stored.read_text("utf-8"))  # of the row of HTNet; test_selection_figures holds it whole
    more = record["as_published_less_inner"]
    known = [side["uf1"] for side in record["sides"].values()] + [{**more, "value": more["uf1"]}]
    others = [f"{each['value']:.3f} [{each['low']:.3f}, {each['high']:.3f}]" for each in known]
    for page in (DOCS.parent / "README.md", DOCS / "concepts" / "recognition.md"):
        told = re.findall(r"0\.\d+ \[[^\]]+\]", page.read_text("utf-8"))
        assert sum(each in card for each in told) >= 2
        assert [each for each in told if each not in card and each not in others] == [], page.name


def test_the_figures_of_the_detector_in_the_readme_are_those_of_the_benchmark():
    results = sorted((DOCS.parent / "benchmarks" / "results").glob("detectors-*.json"))[-1]
    mtcnn = json.loads(results.read_text("utf-8"))["detectors"]["mtcnn"]
    frames = sum(clip["frames"] for clip in mtcnn["clips"].values())
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    assert f"| {frames * mtcnn['exactly_right']:.0f} of {frames} |" in readme
    assert f"| {mtcnn['hard']['right']} of {mtcnn['hard']['of']} |" in readme

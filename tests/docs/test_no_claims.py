"""Nothing that people read from this project claims to see a lie, guilt or an intention."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLAIM = re.compile(
    r"\b(?:liars?|lying|deceiv\w*|decepti\w*|deceit\w*|guilt\w*|truthful\w*|untruthful\w*|dishonest\w*|polygraph\w*"
    r"|insincer\w*|fake smile\w*|false smile\w*)\b"
    r"|\b(?:a|no|of) lies?\b|\blies, guilt\b|\blie[- ]detect\w*|\btell(?:s|ing)? (?:the )?(?:truth|lies)\b"
    r"|\breal feelings?\b",
    re.IGNORECASE,
)
"""Words of such a claim. 'lies' alone is where something is."""
NOT = re.compile(r"\b(?:never|no|not|nor|nothing|cannot|refuses?|neither)\b|\bfigures?\b", re.IGNORECASE)
"""A denial; or it is a figure, not a face, that would be a lie."""


def claims(text: str) -> list[str]:
    """Sentences with a word of a claim that do not deny it."""
    sentences = re.split(r"(?<=[.!?])\s+|\n\s*\n|\n(?=[-*|#])", text)
    return [" ".join(each.split()) for each in sentences if CLAIM.search(each) and not NOT.search(each)]


def strings(path: Path) -> Iterator[str]:
    """The texts of a Python file: what it prints and what its documentation says."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_claims_are_recognised_and_denials_let_through():
    assert claims("This smile is a lie.") == ["This smile is a lie."]
    assert claims("Signs of deception were found. All is well.") == ["Signs of deception were found."]
    assert claims("M1 shows his real feelings") == ["M1 shows his real feelings"]
    assert claims("It never speaks of lies, guilt or intentions.") == []
    assert claims("The apex lies on the edge of the interval.") == []


PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_no_page_claims_to_see_a_lie(page):
    assert claims(page.read_text("utf-8")) == []


def test_no_template_does():
    kinds = ("*.j2", "*.html", "*.js", "*.css")
    found = [path for kind in kinds for path in (ROOT / "src").rglob(kind) if path.stat().st_size < 300_000]
    assert len(found) > 5
    assert {path.name: claims(path.read_text("utf-8")) for path in found if claims(path.read_text("utf-8"))} == {}


def test_no_text_of_the_program_does():
    found = sorted((ROOT / "src").rglob("*.py"))
    assert len(found) > 100
    said = {str(path.relative_to(ROOT)): [one for text in strings(path) for one in claims(text)] for path in found}
    assert {path: lines for path, lines in said.items() if lines} == {}

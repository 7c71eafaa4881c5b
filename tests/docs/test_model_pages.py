"""The pages of the models say what the catalogue says."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from micromask.models import models


@pytest.fixture(scope="module")
def script(root) -> ModuleType:
    spec = importlib.util.spec_from_file_location("model_pages", root / "scripts" / "model_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_of_the_models_are_those_that_the_catalogue_makes(script, root):
    made = script.pages()
    there = {path.name: path.read_text("utf-8") for path in (root / "docs" / "models").glob("*.md")}
    assert sorted(there) == sorted(made), "run scripts/model_pages.py"
    stale = [name for name, text in made.items() if there[name] != text]
    assert not stale, f"run scripts/model_pages.py: {stale}"


def test_every_model_has_a_page_and_a_row_in_the_index(root):
    index = (root / "docs" / "models" / "README.md").read_text("utf-8")
    for name, entry in models.items():
        page = (root / "docs" / "models" / f"{name}.md").read_text("utf-8")
        assert f"| `{name}` | [{entry.title}]({name}.md) |" in index
        assert f"https://doi.org/{entry.doi}" in page or not entry.doi


def test_a_page_shows_what_markdown_would_swallow(script):
    assert script.plain("a_b * [c] <d>") == "a\\_b \\* \\[c] &lt;d>"
    assert script.plain("code: https://github.com/a/b_c, and") == "code: <https://github.com/a/b_c>, and"
    assert script.plain("(doi:10.1000/a_b.1).") == "([doi:10.1000/a\\_b.1](https://doi.org/10.1000/a_b.1))."
    assert script.cell("a | b") == "a \\| b"

"""Cards: every one complete, a miss answered with the nearest name, the docs in step with them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import card as card_module
from micromask.datasets.card import card, cards

ROOT = Path(__file__).parents[2]


def pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("dataset_pages", ROOT / "scripts" / "dataset_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def test_a_card_has_what_info_prints():
    facts = card("casme2")
    assert (facts.title, facts.subjects, facts.clips, facts.fps) == ("CASME II", 26, 255, 200)
    assert facts.doi == "10.1371/journal.pone.0086041"
    assert sum(facts.labels.values()) == facts.clips


def test_a_name_without_a_card_is_answered_with_the_nearest():
    with pytest.raises(BadInputError, match="no data set 'sammm'; did you mean 'samm'"):
        card("sammm")


def test_cards_come_in_the_order_of_their_names():
    names = [each.name for each in cards()]
    assert names == sorted(names)
    assert len(names) >= 17


@pytest.mark.parametrize(
    "text", ['name = "other"', 'name = "here"\ntitle = "lacks the rest"'], ids=["another name", "keys missing"]
)
def test_a_card_that_is_not_complete_is_refused(text):
    with pytest.raises(ValueError, match=r"cards/here\.toml must have"):
        card_module._read("here", text)


def test_the_pages_of_the_data_sets_are_those_that_the_cards_make():
    folder = ROOT / "docs" / "datasets"
    made = pages()
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    missing = sorted(set(made) - set(there))
    assert not missing, f"run scripts/dataset_pages.py: {missing}"
    stale = [name for name, text in made.items() if there[name] != text]
    assert not stale, f"run scripts/dataset_pages.py: {stale}"


def test_every_corpus_is_in_the_index():
    index = (ROOT / "docs" / "datasets" / "README.md").read_text("utf-8")
    for each in cards():
        assert f"[{each.title}]({each.name}.md)" in index

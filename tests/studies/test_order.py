"""Orders: as written, drawn once and for all, or balanced; balance is counted."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from micromask.studies.design import Design, Item, OrderRule, Part
from micromask.studies.order import balanced_rows, items_for


def design(order: OrderRule, n: int = 5, title: str = "Smiles") -> Design:
    items = tuple(Item(f"Q{i}", "sadness", 5, "?") for i in range(1, n + 1))
    return Design(Path(), title, ("sadness",), ("micro",), (Part("one", items, order), Part("two", items)), "yes")


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7, 12, 15, 20])
def test_each_item_stands_equally_often_at_each_place(n):
    rows = balanced_rows(n)
    assert all(sorted(row) == list(range(n)) for row in rows)
    counts = Counter((place, item) for row in rows for place, item in enumerate(row))
    assert len(counts) == n * n
    assert len(set(counts.values())) == 1


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 12, 15, 20])
def test_each_item_follows_each_other_item_equally_often(n):
    counts = Counter(pair for row in balanced_rows(n) for pair in pairwise(row))
    assert len(counts) == n * (n - 1)
    assert set(counts.values()) == {1 if n % 2 == 0 else 2}


@pytest.mark.parametrize(("n", "rows"), [(1, 1), (4, 4), (20, 20), (5, 10), (15, 30)])
def test_an_even_number_needs_as_many_people_and_an_odd_one_twice_as_many(n, rows):
    assert len(balanced_rows(n)) == rows


def test_participants_go_through_the_balanced_rows_round_and_round():
    plan = design("counterbalanced", 4)
    assert items_for(plan, 1)["one"] == ("Q1", "Q2", "Q4", "Q3")
    assert items_for(plan, 5) == items_for(plan, 1)
    assert len({items_for(plan, number)["one"] for number in range(1, 5)}) == 4


def test_fixed_is_as_written_for_everybody_and_parts_keep_their_order():
    assert items_for(design("fixed"), 1) == items_for(design("fixed"), 9)
    assert list(items_for(design("shuffled"), 1)) == ["one", "two"]
    assert items_for(design("shuffled"), 1)["two"] == ("Q1", "Q2", "Q3", "Q4", "Q5")


def test_a_shuffled_order_can_be_told_again_and_is_another_for_another_person_or_study():
    first = items_for(design("shuffled", 12), 1)["one"]
    assert items_for(design("shuffled", 12), 1)["one"] == first
    assert items_for(design("shuffled", 12), 2)["one"] != first
    assert items_for(design("shuffled", 12, "Frowns"), 1)["one"] != first
    assert sorted(first) == sorted(f"Q{i}" for i in range(1, 13))


def test_the_same_words_give_the_same_shuffle_on_every_machine():
    # sha256 of 'Frowns', 'one', '7' and the item with \x1f between them begins with 28, 60, 71, 79 and f1
    assert items_for(design("shuffled", title="Frowns"), 7)["one"] == ("Q1", "Q3", "Q2", "Q4", "Q5")


def test_shuffled_items_come_about_equally_often_to_each_place():
    plan = design("shuffled", 4)
    counts = Counter((place, item) for n in range(1, 401) for place, item in enumerate(items_for(plan, n)["one"]))
    assert all(70 <= count <= 130 for count in counts.values())  # 100 expected, standard deviation 8.7


def test_participants_are_counted_from_one():
    with pytest.raises(ValueError, match="from 1, got 0"):
        items_for(design("fixed"), 0)

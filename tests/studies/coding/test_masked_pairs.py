from __future__ import annotations

from dataclasses import replace

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.labels import one_spelling, split_masked
from micromask.studies.masked_pairs import pairs_of


def test_pairs_are_named_as_mmed_fst_names_them_and_split_back(case):
    pairs = pairs_of(case.design)
    assert pairs == {"happy_but_sad": ("happiness", "sad"), "happy_but_angry": ("happiness", "anger")}
    assert [tuple(map(one_spelling, split_masked(name))) for name in pairs] == [
        ("happiness", "sadness"),
        ("happiness", "anger"),
    ]


def test_a_pair_that_no_reader_could_split_is_refused(case):
    with pytest.raises(BadInputError, match="masked pair joy over guilt"):
        pairs_of(replace(case.design, masked=(("joy", "guilt"),)))

from __future__ import annotations

import pytest

from micromask.core.errors import BadInputError
from micromask.core.registry import Registry


def test_a_miss_names_the_nearest_entry_and_all_known_ones() -> None:
    registry: Registry[int] = Registry("flow method")
    registry.add("tvl1")(1)
    registry.add("dis")(2)
    with pytest.raises(BadInputError, match="no flow method 'tv-l1'; did you mean 'tvl1'\\? known: dis, tvl1"):
        registry["tv-l1"]
    with pytest.raises(BadInputError, match="no flow method 'TVL1'; did you mean 'tvl1'\\?"):
        registry["TVL1"]


def test_a_name_can_be_taken_once() -> None:
    registry: Registry[int] = Registry("flow method")
    registry.add("dis")(1)
    with pytest.raises(ValueError, match="already registered"):
        registry.add("dis")(2)
    assert list(registry) == ["dis"]
    assert len(registry) == 1
    assert "dis" in registry

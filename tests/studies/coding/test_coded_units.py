from __future__ import annotations

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.action_units import parse_action_units
from micromask.studies.coded_units import CodedUnit, read_units, units_text


def test_an_entry_gives_numbers_sides_and_intensities():
    assert read_units("4, L12B") == (CodedUnit(4), CodedUnit(12, "left", "B"))
    assert read_units(" au6c+R1a ") == (CodedUnit(1, "right", "A"), CodedUnit(6, "both", "C"))
    assert read_units("") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hello", "such as 4, L12B"),
        ("4412", "cannot read '4412'"),
        ("48", "there is no action unit 48"),
        ("3", "there is no action unit 3"),
        ("12, 12B", "12 is there twice"),
        ("L12, 12", "12 is there twice"),
        ("6 or 12", "such as 4, L12B"),
        ("4?", "such as 4, L12B"),
        ("4(k)", "such as 4, L12B"),
        ("T12", "such as 4, L12B"),
        ("12A-C", "such as 4, L12B"),
    ],
)
def test_what_is_no_plain_unit_is_refused_with_what_was_wanted(text: str, told: str):
    with pytest.raises(BadInputError, match=told):
        read_units(text)


def test_the_text_is_read_back_by_ourselves_and_by_the_data_set_readers():
    units = read_units("R15E, 4, L12B, L15A")
    assert units_text(units) == "4+L12B+L15A+R15E"
    assert read_units(units_text(units)) == units
    found = [(unit.number, unit.side, unit.intensity) for unit in parse_action_units(units_text(units)).units]
    assert found == [
        (4, None, None),
        (12, "left", ("B", "B")),
        (15, "left", ("A", "A")),
        (15, "right", ("E", "E")),
    ]

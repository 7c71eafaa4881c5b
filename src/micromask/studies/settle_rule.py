"""What the coders' labels of one frame settle by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from micromask.studies.coded_frames import CodedFrame
from micromask.studies.coded_units import CodedUnit, Side, units_text

How = Literal["one coder", "agreed", "majority", "discussion", "third coder"]

BY_RULE = ("one coder", "agreed", "majority")
"""Settled from the coders' labels alone: settled anew when those change. What people settled stays."""


def by_rule(frame: CodedFrame, *, majority: bool, one_coder: bool) -> dict[str, str] | None:
    """What the coders' labels of one frame settle: emotion, how, by and action_units; None where they settle nothing.

    See `micromask.studies.settle.settle_by_rule` for what the rule is.
    """
    said = Counter(frame.opinions.values())
    if not said:
        return None
    emotion, count = said.most_common(1)[0]
    everyone = len(frame.labels)
    if everyone == 1:
        how: How = "one coder"
        if not one_coder:
            return None
    elif count == everyone:
        how = "agreed"
    elif majority and 2 * count > everyone:
        how = "majority"
    else:
        return None
    chose = [name for name in frame.labels if frame.opinions.get(name) == emotion]
    units = _units_in_common([frame.labels[name].decision.action_units for name in chose])
    return {"emotion": emotion, "how": how, "by": ", ".join(chose), "action_units": units_text(units)}


def _units_in_common(named: Sequence[tuple[CodedUnit, ...]]) -> tuple[CodedUnit, ...]:
    found: list[CodedUnit] = []
    for number in sorted(set.intersection(*({unit.number for unit in units} for units in named))):
        told = [{unit for unit in units if unit.number == number} for units in named]
        sides: list[set[Side]] = [{unit.side for unit in units} for units in told]
        if all(one == told[0] for one in told):
            found += sorted(told[0], key=lambda unit: unit.side)
        elif all(one == sides[0] for one in sides):
            found += [CodedUnit(number, side) for side in sorted(sides[0])]
        else:
            found.append(CodedUnit(number))
    return tuple(found)

"""From what was asked for on the command line to a plan that can be run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, get_args

from micromask.core.errors import BadInputError

if TYPE_CHECKING:
    from micromask.evaluation.unit import ModelChoice, Select
    from micromask.training.recipe import Recipe

_SIZE = re.compile(r"(\d+)(?:[x×](\d+))?")


def size_of(asked: str | None) -> tuple[int, int] | None:
    """``96`` or ``HEIGHTxWIDTH`` as (height, width).

    >>> size_of("96"), size_of("96x64"), size_of(None)
    ((96, 96), (96, 64), None)
    """
    if asked is None:
        return None
    found = _SIZE.fullmatch(asked.strip())
    if found is None:
        raise BadInputError(f"--size wants px, such as 96 or 96x64, got {asked!r}")
    return int(found[1]), int(found[2] or found[1])


def chosen_recipe(choice: ModelChoice, name: str | None, changes: Mapping[str, Any]) -> tuple[str, Recipe]:
    """The recipe that was named, or the model's own, with what was asked for otherwise; and its name.

    Raises
    ------
    BadInputError
        If there is no such recipe, or a value cannot be.
    """
    from micromask.evaluation.unit import input_of
    from micromask.training.recipe import recipe_of, recipes

    name, recipe = (name, recipes[name]) if name else recipe_of(choice.name, input_of(choice).reads)
    try:
        made = replace(recipe, **changes)
    except ValueError as error:
        raise BadInputError(f"this recipe cannot be: {error}") from None
    changed = [each.name for each in fields(made) if getattr(made, each.name) != getattr(recipe, each.name)]
    return (f"{name}, changed: {', '.join(changed)}" if changed else name), made


def selection(asked: str) -> Select:
    """By what the epoch is chosen, by its name."""
    from micromask.evaluation.unit import Select

    for each in get_args(Select):
        if each == asked:
            return each  # type: ignore[no-any-return]
    raise BadInputError(f"--select is {', '.join(get_args(Select))}, got {asked!r}")


def names_of(text: str | None) -> tuple[str, ...]:
    """Names with commas between, as a tuple."""
    return tuple(each.strip() for each in (text or "").split(",") if each.strip())

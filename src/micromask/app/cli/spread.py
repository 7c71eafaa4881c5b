"""Options that several commands share: a dataclass of them stands for its fields among a command's parameters."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from inspect import Parameter, signature
from typing import Any, get_type_hints


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of its parameters that are dataclasses, in their place and order.

    A field is written as a parameter would be, with its default; it is called by its name, whichever class it is from.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Box:
    ...     width: int = 3
    ...     height: int = 4
    >>> @spread
    ... def area(name: str, *, box: Box, unit: str = "px") -> None:
    ...     print(name, box.width * box.height, unit)
    >>> signature(area)
    <Signature (*, name: str, width: int = 3, height: int = 4, unit: str = 'px') -> None>
    >>> area(name="this", width=5, height=4)
    this 20 px
    """
    hints = get_type_hints(command, include_extras=True)
    told = signature(command)
    groups = {name: hints[name] for name in told.parameters if is_dataclass(hints[name])}

    @functools.wraps(command)
    def asked(**values: Any) -> None:
        kept = dict(values)
        made = {
            name: group(**{each.name: kept.pop(each.name) for each in fields(group) if each.name in kept})
            for name, group in groups.items()
        }
        command(**kept, **made)

    parameters = [
        each
        for name, parameter in told.parameters.items()
        for each in (_options(groups[name]) if name in groups else [_named(parameter, hints[name])])
    ]
    asked.__signature__ = told.replace(parameters=parameters, return_annotation=None)  # type: ignore[attr-defined]
    asked.__annotations__ = {each.name: each.annotation for each in parameters}
    return asked


def _options(group: type) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(each.name, Parameter.KEYWORD_ONLY, default=each.default, annotation=hints[each.name])
        for each in fields(group)
    ]


def _named(parameter: Parameter, hint: Any) -> Parameter:
    return parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hint)

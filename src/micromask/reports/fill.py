"""Templates of this room to HTML: whatever comes in is escaped, and a value that is missing is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

NONE: Mapping[str, Callable[..., object]] = MappingProxyType({})


def fill_template(template: str, /, filters: Mapping[str, Callable[..., object]] = NONE, **values: Any) -> str:
    """A template with its values in place.

    Parameters
    ----------
    template : str
        Name of a file in ``reports/templates``.
    filters : mapping of str to callable
        By their names in the template.
    **values
        By their names in the template.

    Returns
    -------
    str
        Text in which every value is escaped, but those that are `markupsafe.Markup`.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for a value that is not there.
    """
    environment = Environment(
        loader=PackageLoader("micromask.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(template).render(values)

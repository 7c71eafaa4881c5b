"""The one plug-in idiom: a mapping that a decorator fills and that answers a miss with the nearest name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import TypeVar

from micromask.core.errors import BadInputError

T = TypeVar("T")

ENTRY_POINT_GROUP = "micromask.plugins"


class Registry(Mapping[str, T]):
    """Things of one kind by name.

    Parameters
    ----------
    noun : str
        What one entry is called in an error message, such as ``"detector"``.

    Examples
    --------
    >>> colours: Registry[int] = Registry("colour")
    >>> colours.add("red")(0xFF0000)
    16711680
    >>> colours["rad"]
    Traceback (most recent call last):
    micromask.core.errors.BadInputError: no colour 'rad'; did you mean 'red'? known: red
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._entries: dict[str, T] = {}

    def add(self, name: str) -> Callable[[T], T]:
        """Decorator that enters what it decorates under ``name``; a name can be taken once."""

        def enter(entry: T) -> T:
            if name in self._entries:
                raise ValueError(f"{self.noun} {name!r} is already registered")
            self._entries[name] = entry
            return entry

        return enter

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            small = {each.lower(): each for each in self._entries}
            near = get_close_matches(name.lower(), small, n=1, cutoff=0.5)
            hint = f"; did you mean {small[near[0]]!r}?" if near else ";"
            raise BadInputError(f"no {self.noun} {name!r}{hint} known: {', '.join(sorted(self._entries))}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)


def load_plugins() -> list[str]:
    """Import every third-party package that names itself in the entry-point group; returns their names.

    A plug-in enters its parts in the registries when it is imported.
    """
    names = []
    for point in entry_points(group=ENTRY_POINT_GROUP):
        point.load()
        names.append(point.name)
    return names

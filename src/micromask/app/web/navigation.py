"""The bars of links at the top of a page: the app's pages, and below them those of the section or study one is in."""

from __future__ import annotations

from typing import NamedTuple


class Link(NamedTuple):
    """One page in a bar; ``here`` is "page" on that page itself, "true" on one below it, else empty."""

    address: str
    name: str
    here: str


class Bar(NamedTuple):
    """A bar of links with its name for screen readers."""

    name: str
    links: tuple[Link, ...]


PAGES = (("/analyse", "Analyse"), ("/live", "Live"), ("/images", "Images"), ("/studies", "Studies"), ("/runs", "Runs"))
ANALYSE = (
    ("/analyse", "Recordings"),
    ("/compare", "Compare"),
    ("/cohort", "Cohort"),
    ("/agree", "Agreement"),
    ("/exports", "Export"),
)
BELOW_ANALYSE = ("/recordings", *(address for address, _ in ANALYSE))
STUDY = (("/", "Study"), ("/coding", "Coding"), ("/status", "Status"))


def bars(path: str, base: str, *, workspace: bool) -> tuple[Bar, ...]:
    """The bars of a page.

    Parameters
    ----------
    path : str
        Of the request.
    base : str
        ``/studies/KEY`` on a study's pages, else empty.
    workspace : bool
        Whether the server has a workspace; without one there are only studies.

    Examples
    --------
    >>> [(link.name, link.here) for link in bars("/studies/mine/coding", "/studies/mine", workspace=False)[0].links]
    [('Study', ''), ('Coding', 'page'), ('Status', '')]
    >>> [bar.name for bar in bars("/cohort", "", workspace=True)]
    ['Pages', 'Analyse']
    """
    made = []
    if workspace:
        section = "/analyse" if any(_within(path, one) for one in BELOW_ANALYSE) else path
        links = (Link(address, name, _here(section, address, path)) for address, name in PAGES)
        made.append(Bar("Pages", tuple(links)))
        if section == "/analyse":
            recordings = "/analyse" if _within(path, "/recordings") else path
            made.append(Bar("Analyse", tuple(Link(at, name, _here(recordings, at, path)) for at, name in ANALYSE)))
    if base:
        at_home = path.removeprefix(base) == "/"
        links = (
            Link(base + address, name, ("page" if at_home else "") if address == "/" else _here(path, base + address))
            for address, name in STUDY
        )
        made.append(Bar("Study", tuple(links)))
    return tuple(made)


def _within(path: str, address: str) -> bool:
    return path == address or path.startswith(f"{address}/")


def _here(section: str, address: str, path: str | None = None) -> str:
    if not _within(section, address):
        return ""
    return "page" if (path or section) == address else "true"

"""A browser that was handed to a participant: what it may still ask for, and the code that takes it back."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from threading import Lock
from time import monotonic

from starlette.types import Scope

from micromask.core.errors import BadInputError

NUMBER = "[0-9]{1,18}"
PARTS = {"session": NUMBER, "recording": NUMBER, "number": NUMBER, "name": f"P{NUMBER}", "item": "[^/]+"}
"""What may stand in a route's place of that name."""

OPEN_ANYWHERE = (
    "GET /api/mark",
    "GET /favicon.ico",
)
OPEN_IN_STUDY = (
    "GET /participant",
    "GET /participants/new",
    "GET /participants/{name}/consent",
    "GET /sessions/{session}",
    "GET /stimuli/{item}",
    "GET /return",
    "GET /api/sessions/{session}",
    "POST /api/consent",
    "POST /api/participants",
    "POST /api/participants/{name}/consent",
    "POST /api/sessions",
    "POST /api/sessions/{session}/here",
    "POST /api/sessions/{session}/camera",
    "POST /api/sessions/{session}/recordings",
    "POST /api/sessions/{session}/end",
    "POST /api/sessions/{session}/delete",
    "POST /api/sessions/{session}/leave",
    "POST /api/recordings/{recording}/chunks/{number}",
    "POST /api/recordings/{recording}/events",
    "POST /api/recordings/{recording}/end",
    "POST /api/recordings/{recording}/go-on",
    "POST /api/return",
)
"""All that a narrowed browser reaches, besides links and static files, which nobody needs a cookie for: the routes of
the server, and those below the one study's address. A route that is not here is closed to it."""

REFUSED = "this browser was handed to the participant of a study: this page is the researcher's"

LEAST_SIGNS, MOST_SIGNS = 6, 100
FREE_TRIES, MOST_TRIES, WAIT_SECONDS = 5, 20, 30.0


class Code:
    """A code that a researcher chose; only a salted hash of it is kept, in memory.

    After FREE_TRIES wrong ones there is one try in WAIT_SECONDS; after MOST_TRIES none fits any more.

    Parameters
    ----------
    code : str
        At least six signs, four of them different, and no run like 123456.
    clock : callable

    Raises
    ------
    BadInputError
        If it is too easy.

    Examples
    --------
    >>> code = Code("7 grey owls")
    >>> code.fits("7 grey cats"), code.fits("7 grey owls")
    (False, True)
    """

    def __init__(self, code: str, clock: Callable[[], float] = monotonic) -> None:
        if not LEAST_SIGNS <= len(code) <= MOST_SIGNS:
            raise BadInputError(f"the code has {len(code)} signs: choose one of {LEAST_SIGNS} to {MOST_SIGNS}")
        if len(set(code)) < 4 or _is_run(code):
            raise BadInputError("this code is soon guessed: choose one that is no run of signs and repeats fewer")
        self._salt, self._clock, self._lock = secrets.token_bytes(16), clock, Lock()
        self._hash = self._hashed(code)
        self._wrong, self._next = 0, 0.0

    @property
    def spent(self) -> bool:
        """Whether so many wrong ones came that none fits any more."""
        return self._wrong >= MOST_TRIES

    @property
    def wait(self) -> float:
        """Seconds until the next try."""
        return max(0.0, self._next - self._clock())

    def fits(self, code: str) -> bool:
        """Whether it is the one; False also for the right one before `wait` is over or when it is `spent`."""
        with self._lock:
            if self.spent or self.wait > 0:
                return False
            if hmac.compare_digest(self._hashed(code), self._hash):
                return True
            self._wrong += 1
            if self._wrong >= FREE_TRIES:
                self._next = self._clock() + WAIT_SECONDS
            return False

    def _hashed(self, code: str) -> bytes:
        return hashlib.scrypt(code.encode(errors="surrogatepass"), salt=self._salt, n=2**14, r=8, p=1)


@dataclass(slots=True)
class Handed:
    """To what a visitor is narrowed: one study, and in it the participant who sits there now.

    ``participant`` is empty until there is one. Without a ``code`` only a link leads back.
    """

    study: Path
    key: str
    participant: str = ""
    code: Code | None = None


def may_ask(handed: Handed, method: str, path: str) -> bool:
    """Whether a narrowed browser may ask for a path.

    >>> one = Handed(Path("smiles"), "smiles")
    >>> [may_ask(one, "GET", path) for path in ("/studies/smiles/sessions/3", "/studies/smiles/", "/analyse")]
    [True, False, False]
    """
    base = f"/studies/{handed.key}"
    if path.startswith(f"{base}/"):
        return _pattern(OPEN_IN_STUDY).fullmatch(f"{method} {path.removeprefix(base)}") is not None
    return _pattern(OPEN_ANYWHERE).fullmatch(f"{method} {path}") is not None


def handed_of(scope: Scope) -> Handed | None:
    """To what the visitor of a request is narrowed; None for a researcher, or nobody that we know."""
    return getattr(scope.get("state", {}).get("visitor"), "handed", None)


@cache
def _pattern(routes: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_written_out, routes)))


def _written_out(route: str) -> str:
    bits = re.split(r"\{(\w+)\}", route)
    return "".join(PARTS[bit] if number % 2 else re.escape(bit) for number, bit in enumerate(bits))


def _is_run(code: str) -> bool:
    """Whether each sign is the next one, or each the one before: 123456, fedcba."""
    return {ord(after) - ord(before) for before, after in pairwise(code)} in ({1}, {-1})

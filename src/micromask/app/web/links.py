"""One-time links: whoever opens one first is signed in on that browser, until the server stops."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from threading import Lock

from micromask.app.web.handed import Handed

MOST_WAITING = 100
"""So many links may wait to be opened; a new one then takes the place of the oldest."""


@dataclass(slots=True)
class Visitor:
    """Someone who is signed in on one browser: the ``number``-th since the server started.

    ``coders`` are the names under which they code, by the study's key; the coding pages set them. Under the empty key
    is the name under which they correct recordings of the workspace. ``handed`` says that a participant sits at that
    browser, and to what it is narrowed.
    """

    number: int
    coders: dict[str, str] = field(default_factory=dict)
    handed: Handed | None = None


class Links:
    """The links that wait to be opened and the visitors who have opened one; kept in memory only.

    Neither a link's token nor a cookie is held as it is, only its SHA-256.

    Examples
    --------
    >>> links = Links()
    >>> token = links.mint()
    >>> cookie = links.redeem(token)
    >>> links.visitor(cookie).number
    1
    >>> links.redeem(token) is None, links.visitor("made up") is None
    (True, True)
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[bytes, Handed | None] = {}
        self._visitors: dict[bytes, Visitor] = {}
        self._number = 0
        self._key = secrets.token_bytes(32)

    def mint(self, handed: Handed | None = None) -> str:
        """A new token: 256 random bits, good for one browser; a narrowed one where ``handed`` is given."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._waiting) >= MOST_WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[_sha256(token)] = handed
        return token

    def is_narrow(self, token: str) -> bool:
        """Whether a token that waits is for a participant's browser."""
        return self._waiting.get(_sha256(token)) is not None

    def redeem(self, token: str, before: str | None = None) -> str | None:
        """The value of the cookie that a token is exchanged for; None for a wrong token or one that was used.

        The cookie that the browser had before is good for nothing any more.
        """
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            try:
                handed = self._waiting.pop(_sha256(token))
            except KeyError:
                return None
            if before is not None:
                self._visitors.pop(_sha256(before), None)
            self._number += 1
            self._visitors[_sha256(cookie)] = Visitor(self._number, handed=handed)
        return cookie

    def narrow(self, cookie: str | None, handed: Handed | None) -> str | None:
        """Hand a visitor's browser over, or with None take it back.

        Returns
        -------
        str or None
            The cookie from now on. The one before is good for nothing any more, so that who noted it while the
            browser was narrowed has nothing of it later. None if it was good for nothing already.
        """
        fresh = secrets.token_urlsafe(32)
        with self._lock:
            visitor = None if cookie is None else self._visitors.pop(_sha256(cookie), None)
            if visitor is None:
                return None
            self._visitors[_sha256(fresh)] = replace(visitor, handed=handed)
        return fresh

    def visitor(self, cookie: str | None) -> Visitor | None:
        """Who sent this cookie; None for nobody that we know."""
        return None if cookie is None else self._visitors.get(_sha256(cookie))

    def csrf(self, cookie: str) -> str:
        """What a page of that visitor sends along with all that changes something."""
        return hmac.new(self._key, b"csrf " + cookie.encode(), hashlib.sha256).hexdigest()

    def is_csrf(self, cookie: str, value: str | None) -> bool:
        """Whether a value is that visitor's."""
        return value is not None and hmac.compare_digest(self.csrf(cookie).encode(), value.encode())


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()

"""What every request has to pass: our own host name, a clean path, a cookie, our own pages, a body of bearable size."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from micromask.app.web.handed import REFUSED, may_ask
from micromask.app.web.links import Links

CSRF_HEADER = "x-micromask-csrf"
OPEN = re.compile(r"/(link/[A-Za-z0-9_-]+|static/[a-z0-9_-]+\.(css|js|svg))")
"""What is served without a cookie: the sign-in itself, and the look of the page that says no."""

CLEAN = re.compile(rb"/(?:[A-Za-z0-9_~!$&'()*+,;=:@.-]|%[0-9A-Fa-f]{2}|/)*")
SNEAKY = re.compile(rb"%(?:2e|2f|5c|25|7f|[01][0-9a-f])", re.IGNORECASE)
"""Dots, slashes, per cents and control signs that somebody wrote as %XX: no page of ours does."""

MEBIBYTE = 2**20
BODY_LIMIT = 1 * MEBIBYTE

POLICY = (
    "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), display-capture=()",
    "Cache-Control": "no-store",
}
"""On every answer that does not say otherwise itself."""

Refuse = Callable[[Scope, int, str], Response]


class Guard:
    """ASGI middleware that answers a request itself unless it is in order.

    Parameters
    ----------
    app : ASGI application
    links : Links
        Who is signed in.
    limits : mapping of str to int
        Most bytes of a body, by a pattern of the whole path (the first that fits counts); BODY_LIMIT elsewhere.
    refuse : callable
        (scope, status, line) to the response that says no.

    Notes
    -----
    400: path or host header; 401: no or a wrong cookie; 403: from another origin, without the CSRF header, or from a
    browser that was handed to a participant for something that is not theirs; 413: the body is too large, as its header
    says or as it turns out; 421: for another host name. The visitor goes into ``request.state.visitor``.
    """

    def __init__(self, app: ASGIApp, links: Links, limits: Mapping[str, int], refuse: Refuse) -> None:
        self.app, self.links, self.refuse = app, links, refuse
        self.limits = [(re.compile(path), most) for path, most in limits.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and pass it on or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = next((most for path, most in self.limits if path.fullmatch(scope["path"])), BODY_LIMIT)
        send = _with_headers(send)
        no = self._fault(scope, limit)
        if no is not None:
            response = self.refuse(scope, *no)
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)

    def _fault(self, scope: Scope, limit: int) -> tuple[int, str] | None:
        """Status and line of the first thing that is not in order."""
        headers = Headers(scope=scope)
        target = scope.get("raw_path") or b""
        if not is_clean(target):
            return 400, "this address is not one of ours: its path holds '..', an escaped sign or nothing we know"
        hosts, ours = headers.getlist("host"), own_hosts(scope)
        if len(hosts) != 1 or hosts[0].lower() not in ours:
            return 421, f"this server answers for {' and '.join(ours)} only"
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        reads = scope["method"] in ("GET", "HEAD")
        if origin is not None and origin != f"http://{hosts[0].lower()}":
            return 403, "refused: this request comes from another site"
        if site not in (None, "same-origin", "none") and not (reads and headers.get("sec-fetch-mode") == "navigate"):
            return 403, "refused: this request comes from another site"
        if not OPEN.fullmatch(scope["path"]) or not reads:
            no = self._stranger(scope, headers, reads)
            if no is not None:
                return no
        return _too_long(headers.get("content-length"), limit)

    def _stranger(self, scope: Scope, headers: Headers, reads: bool) -> tuple[int, str] | None:
        cookie = cookie_of(scope)
        visitor = self.links.visitor(cookie)
        if cookie is None or visitor is None:
            return 401, "not signed in: open a link that micromask printed when it was started, or ask for a new one"
        scope.setdefault("state", {})["visitor"] = visitor
        if visitor.handed is not None and not may_ask(visitor.handed, scope["method"], scope["path"]):
            return 403, REFUSED
        if not reads and not self.links.is_csrf(cookie, headers.get(CSRF_HEADER)):
            return 403, "refused: the page's own mark is missing or old; load the page again"
        return None


def is_clean(path: bytes) -> bool:
    """Whether a path as it was sent is one that our pages could ask for.

    >>> is_clean(b"/session/3"), is_clean(b"/static/../study.yaml"), is_clean(b"/static/%2e%2e%2fstudy.yaml")
    (True, False, False)
    >>> is_clean(b"http://127.0.0.1/"), is_clean(b"/a%00"), is_clean(b"//etc/passwd"), is_clean(b"/a\\\\b")
    (False, False, False, False)
    """
    if not CLEAN.fullmatch(path) or SNEAKY.search(path):
        return False
    return not any(part in (b".", b"..") for part in path.split(b"/")) and b"//" not in path


def own_hosts(scope: Scope) -> tuple[str, ...]:
    """The host headers that we answer: of the address that this connection really came in on."""
    port = (scope.get("server") or ("", None))[1]
    ending = "" if port in (None, 80) else f":{port}"
    return f"127.0.0.1{ending}", f"localhost{ending}"


def cookie_name(scope: Scope) -> str:
    """Cookies know no ports: each server on this machine has a name of its own."""
    return f"micromask-{(scope.get('server') or ('', 0))[1]}"


def cookie_of(scope: Scope) -> str | None:
    """The value of our cookie, if the request carries one."""
    # Other programs on this machine leave cookies of all kinds with us: the parser must bear with them.
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(cookie_name(scope))


def give_cookie(response: Response, scope: Scope, cookie: str) -> None:
    """Have the browser keep our cookie, for our own pages only and until it is closed."""
    response.set_cookie(cookie_name(scope), cookie, httponly=True, samesite="strict", path="/")


def _too_long(declared: str | None, limit: int) -> tuple[int, str] | None:
    if declared is None:
        return None
    if not declared.isdecimal():
        return 400, "the length of the body is no number"
    return (413, _too_large(limit)) if int(declared) > limit else None


def _too_large(limit: int) -> str:
    return f"too large: at most {limit // MEBIBYTE} MiB are taken here"


def _counted(receive: Receive, limit: int) -> Receive:
    """The same body, until it is more than the limit: nothing is read beyond."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, _too_large(limit), {"Connection": "close"})
        return message

    return counted


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent

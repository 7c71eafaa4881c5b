"""What `micromask app` and `micromask study serve` have in common: links printed, a browser opened, Ctrl-C."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from micromask.app.cli.talk import out, say

if TYPE_CHECKING:
    from micromask.app.web.server import Serving

PORT = 8765
"""One port for good, so that a page that was open when the server stopped finds it again."""


def serve_until_stopped(
    serving: Serving, name: str, links: int, *, browser: bool, participants: Sequence[str] = ()
) -> None:
    """Print links, open a browser on one and serve until Ctrl-C.

    Parameters
    ----------
    serving : Serving
    name : str
        Of what is served.
    links : int
        How many to print. The browser that is opened takes the only one, or one more.
    browser : bool
        Whether to open one.
    participants : sequence of str
        Links for participants' browsers, printed after the others.
    """
    for line in serving.recovered:
        say(f"note: {line}")
    printed = [serving.new_link() for _ in range(links)]
    for link in printed:
        out().print(Text(link))
    for link in participants:
        say("for a participant's browser or profile, which it opens for consent and sessions only:")
        out().print(Text(link))
    say(f"{name}: serving on {serving.address}, on this machine only; Ctrl-C stops it")
    if browser:
        webbrowser.open(serving.new_link() if links > 1 else printed[0])
    try:
        serving.run()
    except KeyboardInterrupt:
        say("stopped; its links and sign-ins end with it")

"""`micromask study serve`: the study's pages on this machine, until Ctrl-C."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from micromask.app.cli.talk import out, say

PORT = 8765
"""One port for good, so that a page that was open when the server stopped finds it again."""


def serve_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes a free one.")] = PORT,
    links: Annotated[int, typer.Option(min=1, max=50, help="Links to print: one for each person or browser.")] = 1,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Sessions and coding in the browser, on this machine only.

    Each link that is printed signs one browser in, once; pages make more of them. Ctrl-C stops the server.
    """
    from micromask.app.web.server import opened_server

    with opened_server(study, port) as serving:
        for line in serving.recovered:
            say(f"note: {line}")
        printed = [serving.new_link() for _ in range(links)]
        for link in printed:
            out().print(Text(link))
        say(f"{study.name}: serving on {serving.address}, on this machine only; Ctrl-C stops it")
        if not no_browser:
            opened = serving.new_link() if links > 1 else printed[0]
            webbrowser.open(opened)
        try:
            serving.run()
        except KeyboardInterrupt:
            say("stopped; its links and sign-ins end with it")

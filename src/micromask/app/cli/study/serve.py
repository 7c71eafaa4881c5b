"""`micromask study serve`: the study's pages on this machine, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from micromask.app.cli.serving import PORT, serve_until_stopped


def serve_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes a free one.")] = PORT,
    links: Annotated[int, typer.Option(min=1, max=50, help="Links to print: one for each person or browser.")] = 1,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Sessions and coding in the browser, on this machine only.

    Each link that is printed signs one browser in, once; pages make more of them. Ctrl-C stops the server. Nothing but
    this study is served: for the other pages there is 'micromask app'.
    """
    from micromask.app.web.server import opened_server

    with opened_server(port, studies=[study]) as serving:
        serve_until_stopped(serving, study.name, links, browser=not no_browser)

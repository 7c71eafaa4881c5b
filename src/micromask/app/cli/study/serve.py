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
    participant_link: Annotated[
        bool, typer.Option("--participant-link", help="Print a link for a participant's browser as well.")
    ] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Sessions and coding in the browser, on this machine only.

    Each link that is printed signs one browser in, once; pages make more of them. One for a participant's browser opens
    consent and sessions to it and nothing else. Ctrl-C stops the server. Nothing but this study is served: for the
    other pages there is 'micromask app'.
    """
    from micromask.app.web.server import opened_server
    from micromask.app.web.study.participant import participant_link as link_for

    with opened_server(port, studies=[study]) as serving:
        (served,) = serving.studies.values()
        narrow = [link_for(served, serving.address)] if participant_link else []
        serve_until_stopped(serving, study.name, links, browser=not no_browser, participants=narrow)

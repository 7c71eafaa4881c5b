"""`micromask app`: analyse, live camera, images, studies and runs in the browser, until Ctrl-C."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from micromask.app.cli.serving import PORT, serve_until_stopped
from micromask.app.cli.talk import say

FOLDER = Path("~/micromask")


def app_command(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where films and results are kept; made when it is not there.")
    ] = FOLDER,
    study: Annotated[
        list[Path] | None, typer.Option(metavar="STUDY", help="A study's folder to open as well; may be repeated.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes a free one.")] = PORT,
    links: Annotated[int, typer.Option(min=1, max=50, help="Links to print: one for each person or browser.")] = 1,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Analyse recordings, watch a camera, look at images, studies and runs: in the browser, on this machine only.

    Each link that is printed signs one browser in, once. Ctrl-C stops the server; long work goes on where it was when
    it is started again.
    """
    from micromask.app.web.server import opened_server
    from micromask.app.workspace.store import FILE, create_workspace, expanded

    new = not (expanded(folder) / FILE).exists()
    workspace = create_workspace(folder)
    if new:
        say(f"made {workspace}: films, results and models are kept there, readable by you only")
    with opened_server(port, workspace=workspace, studies=study or ()) as serving:
        serve_until_stopped(serving, workspace.name, links, browser=not no_browser)

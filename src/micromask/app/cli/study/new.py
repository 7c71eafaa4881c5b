"""`micromask study new`: a folder with a plan to change, ready to be served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from micromask.app.cli.talk import out, plain
from micromask.reports.words import count


def new_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder for the study; must not be there.")],
    template: Annotated[
        str, typer.Option(metavar="NAME", help="Plan to begin with: mmed-fst (five emotions, two parts) or blank.")
    ] = "blank",
) -> None:
    """Begin a study: a plan to change, its images and an empty database, in a folder that only you can read."""
    from micromask.studies.new import new_study

    design = new_study(folder, template)
    console = out()
    console.print(Text(f"study  {plain(str(folder))}  ({plain(design.title)})"))
    for part in design.parts:
        console.print(Text(f"part   {plain(part.name)}  {count(len(part.items), 'item')}, {part.order}"))
    console.print(Text(f"next   change {plain(str(folder / 'study.yaml'))}, the consent text above all"))
    console.print(Text(f"then   micromask study status {plain(str(folder))}"))

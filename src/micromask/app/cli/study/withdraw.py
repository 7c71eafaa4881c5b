"""`micromask study withdraw`: a participant takes their consent back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from micromask.app.cli.talk import out, plain


def withdraw_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")],
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="The pseudonym, such as P01.")],
) -> None:
    """Mark a participant's consent as withdrawn: nothing more is recorded, cut into frames or exported of them.

    What is there stays: 'micromask study forget' removes it.
    """
    from micromask.studies.people import withdraw_consent

    withdraw_consent(study, participant)
    console = out()
    console.print(Text(f"consent  {participant}  withdrawn"))
    console.print(Text(f"to remove what is there: micromask study forget {plain(str(study))} {participant}"))

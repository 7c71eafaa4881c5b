"""`micromask study export`: what is settled, as a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from micromask.app.cli.talk import out, plain, progress_bar, say
from micromask.reports.words import count


def export_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.")],
    folder: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Folder for the data set; must not be there.")
    ],
    deidentified: Annotated[
        bool, typer.Option("--deidentified", help="Motion maps and landmarks only: no picture of a face.")
    ] = False,
) -> None:
    """Write the settled labels as a data set, with a card: in the layout of MMED-FST, or without any face.

    Only of people whose consent stands; who is left out is said here, and nowhere in the data set.
    """
    from micromask.studies.deidentified import export_deidentified
    from micromask.studies.export import export_study
    from micromask.studies.read_design import read_design
    from micromask.studies.selection import select

    design = read_design(study)
    if deidentified:
        with progress_bar(str(folder), len(select(study, design).frames), unit="label") as done:
            exported = export_deidentified(study, design, folder, done)
    else:
        exported = export_study(study, design, folder)
    for why, names in exported.left_out.items():
        say(f"note: left out, {why}: {', '.join(names)}")
    for told in exported.told:
        say(f"note: {told}")
    what = count(exported.pictures, "motion map" if deidentified else "picture")
    console = out()
    console.print(Text(f"exported  {count(exported.people, 'participant')}, {what}, {count(exported.labels, 'label')}"))
    for name, path in _places(folder, deidentified).items():
        console.print(Text(f"{name:<8}  {plain(str(path))}"))
    if not deidentified:
        console.print(
            Text(f"then      micromask reproduce mmed-fst --data mmed-fst --root {plain(str(folder))} --out FOLDER")
        )


def _places(folder: Path, deidentified: bool) -> dict[str, Path]:
    kinds = [name for name in ("micro", "masked") if (folder / name).is_dir()] if deidentified else []
    return {"folder": folder, "card": folder / "CARD.md", **{name: folder / name / "manifest.csv" for name in kinds}}

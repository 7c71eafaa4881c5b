"""`micromask demo`: the main job on a clip that is made on the spot, found against true."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from micromask.app.cli.analyze import watched
from micromask.app.cli.talk import out, say, show_analysis, show_paths
from micromask.core.errors import BadOutputError
from micromask.core.types import Analysis, Expression


def demo_command(
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path("runs/demo"),
    fps: Annotated[float, typer.Option(min=20, max=240, help="Frames per second of the clip.")] = 30,
    varying: Annotated[bool, typer.Option("--varying", help="Irregular frame times, as a browser records.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that are there.")] = False,
) -> None:
    """Make a clip with known expressions, analyse it, and compare what was found with what is true."""
    from dataclasses import replace

    from micromask.datasets.synthetic import demo_script, truth, vfr_times, write
    from micromask.inference.analyze import Settings
    from micromask.reports.folder import write_run

    if out_folder.exists() and not overwrite:
        raise BadOutputError(f"{out_folder} exists; choose another --out or add --overwrite")
    script = demo_script(fps=fps)
    if varying:
        script = replace(script, times=vfr_times(script.seconds, fps, seed=0))
    with TemporaryDirectory(prefix="micromask-demo-") as scratch:
        film = Path(scratch) / "demo.mp4"
        say(f"making a clip of {script.seconds:g} s from scikit-image's public-domain astronaut portrait")
        write(script, film)
        analysis = watched(film, Settings())
        paths = write_run(analysis, out_folder, overwrite=overwrite)
        paths["film"] = Path(shutil.move(film, out_folder / film.name))
    true = truth(script)
    paths["truth"] = out_folder / "truth.json"
    paths["truth"].write_text(json.dumps(true, indent=2) + "\n", encoding="utf-8")
    show_analysis(analysis)
    _compare(analysis, true["expressions"])
    show_paths(paths)


def _compare(analysis: Analysis, true: list[dict[str, Any]]) -> None:
    from micromask.evaluation.spotting import match_intervals

    found = analysis.expressions
    matches = match_intervals(
        [(one.onset, one.offset) for one in found], [(one["onset"], one["offset"]) for one in true]
    )
    hit = {j: (found[i], shared) for i, j, shared in matches.pairs}
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("true", "frames", "found", "IoU", "recognised"):
        table.add_column(name)
    for j, one in enumerate(true):
        pair: tuple[Expression, float] | None = hit.get(j)
        frames = f"{one['onset']}–{one['offset']}"
        label = f"{one['kind']} {one['emotion']}"
        if pair is None:
            table.add_row(label, frames, "missed", "", "")
        else:
            got, shared = pair
            table.add_row(label, frames, f"{got.kind} {got.onset}–{got.offset}", f"{shared:.2f}", got.emotion or "-")
    console = out()
    console.print(table)
    console.print(
        Text(f"found {len(matches.pairs)} of {len(true)} planted expressions (IoU >= 0.5), {len(matches.false)} false")
    )

"""`micromask demo`: the main job on a clip that is made on the spot, found against true."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from micromask.app.cli.analyze import settings_of, watched
from micromask.app.cli.places import check_place
from micromask.app.cli.talk import out, progress_bar, say, show_paths, show_table
from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import Analysis, Expression
from micromask.core.whole_file import whole_file

T = TypeVar("T")

VARYING = (20, 62)
"""Mean frames per second that irregular frame times of 15 to 52 ms can have."""


def demo_command(
    out_folder: Annotated[Path, typer.Option("--out", help="Folder for the results.")] = Path("runs/demo"),
    fps: Annotated[float, typer.Option(min=20, max=240, help="Frames per second of the clip.")] = 30,
    varying: Annotated[bool, typer.Option("--varying", help="Irregular frame times, as a browser records.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that are there.")] = False,
) -> None:
    """Make a clip with known expressions, analyse it, and compare what was found with what is true."""
    from dataclasses import replace

    from micromask.app.cli.findings import show_analysis
    from micromask.datasets.synthetic import demo_script, frame_times, render, truth, vfr_times
    from micromask.recordings import write_film
    from micromask.reports.folder import write_run

    check_place(out_folder, overwrite=overwrite)
    if varying and not VARYING[0] <= fps <= VARYING[1]:
        raise BadInputError(f"--varying needs --fps from {VARYING[0]} to {VARYING[1]}, got {fps:g}")
    script = demo_script(fps=fps)
    if varying:
        script = replace(script, times=vfr_times(script.seconds, fps, seed=0))
    with TemporaryDirectory(prefix="micromask-demo-") as scratch:
        film, true_file = Path(scratch) / "demo.mp4", Path(scratch) / "truth.json"
        say(f"making a clip of {script.seconds:g} s from scikit-image's public-domain astronaut portrait")
        with progress_bar("the clip", len(frame_times(script))) as done:
            write_film(film, _counted(render(script), done), script.fps, times=script.times)
        true = truth(script)
        true_file.write_text(json.dumps(true, indent=2) + "\n", encoding="utf-8")
        analysis = watched(film, settings_of("mtcnn", "dis", "largest", 0.9))
        paths = write_run(analysis, out_folder, overwrite=overwrite)
        paths |= {"film": _bring(film, out_folder), "truth": _bring(true_file, out_folder)}
    show_analysis(analysis)
    out().print()
    _compare(analysis, true["expressions"])
    show_paths(paths)


def _counted(things: Iterable[T], done: Callable[[int], None]) -> Iterator[T]:
    for number, thing in enumerate(things, 1):
        yield thing
        done(number)


def _bring(file: Path, folder: Path) -> Path:
    """Copy a file into a folder, whole or not at all."""
    place = folder / file.name
    try:
        with whole_file(place) as part:
            shutil.copyfile(file, part)
    except OSError as error:
        raise BadOutputError(
            f"{place} cannot be written: {error.strerror}; make room or choose another --out"
        ) from None
    return place


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
        frames = f"{one['onset']}-{one['offset']}"
        label = f"{one['kind']} {one['emotion']}"
        if pair is None:
            table.add_row(label, frames, "missed", "", "")
        else:
            got, shared = pair
            table.add_row(label, frames, f"{got.kind} {got.onset}-{got.offset}", f"{shared:.2f}", got.emotion or "-")
    show_table(table)
    out().print(
        Text(f"found {len(matches.pairs)} of {len(true)} planted expressions (IoU >= 0.5), {len(matches.false)} false")
    )

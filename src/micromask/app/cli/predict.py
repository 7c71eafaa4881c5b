"""`micromask predict`: pictures in, a row a face out, with what a model of one's own makes of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from micromask.app.cli.batch import finish
from micromask.app.cli.places import RUNS, check_place
from micromask.app.cli.talk import add_row, new_table, progress_bar, say, show_paths, show_table
from micromask.core.errors import BadInputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.inference.fitted import Fitted
    from micromask.reports.predictions import FaceLine

FILES = ("predictions.csv", "predictions.html")
MOST_PRINTED = 200
"""Rows of the table on the terminal; the file has all of them."""


def predict_command(
    pictures: Annotated[
        list[Path], typer.Argument(metavar="IMAGE", help="Pictures, and folders of pictures.", show_default=False)
    ],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FILE", help="Weights of a model of single frames, from `train`.")
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the table and the page.  [default: runs/NAME]")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that are there.")] = False,
    detector: Annotated[
        str | None, typer.Option(help="Face detector; the one that the model was fitted with, else mtcnn.")
    ] = None,
    enhanced: Annotated[
        bool, typer.Option("--enhanced", help="Let the model read the enhanced faces, not the pictures themselves.")
    ] = False,
    no_heat: Annotated[bool, typer.Option("--no-heat", help="Leave out where the network looked (Grad-CAM).")] = False,
) -> None:
    """Find the faces of pictures, make them easy to see, and say what a model of your own sees in each."""
    from micromask.core.whole_folder import whole_folder
    from micromask.faces.detect import detectors
    from micromask.inference.fitted import load_fitted, need_frames
    from micromask.inference.predict import Asked, predict
    from micromask.recordings.single import picture_files
    from micromask.reports.predictions import MOST_SHOWN, NO_MODEL, TRAIN, lines_of, render, without_pictures, write_csv

    if detector is not None:
        _ = detectors[detector]
    fitted = None if model is None else load_fitted(model)
    if fitted is not None:
        need_frames(fitted)
    paths = picture_files(pictures)
    folder = out_folder or RUNS / _name(pictures)
    check_place(folder, overwrite=overwrite)
    asked = Asked(detector, enhanced, not no_heat)
    lines: list[FaceLine] = []
    with progress_bar("reading pictures", len(paths), "writing", unit="picture") as done:
        for number, path in enumerate(paths, start=1):
            more = lines_of(predict(path, fitted, asked))
            lines += more if len(lines) < MOST_SHOWN else map(without_pictures, more)
            done(number)
        unread = [line for line in lines if line.why]
        if len(unread) == len(lines):
            first = f"{unread[0].picture}: {unread[0].why}"
            raise BadInputError(first if len(unread) == 1 else f"none of {len(unread)} pictures can be read; {first}")
    classes = () if fitted is None else fitted.classes
    _show(lines, fitted)
    if fitted is None:
        say(f"note: {NO_MODEL}")
        say(f"note: {TRAIN}")
    title = ", ".join(str(path) for path in pictures[:3]) + (" and more" if len(pictures) > 3 else "")
    told = "" if fitted is None else fitted.describe
    with whole_folder(folder, FILES) as fresh:
        page = render(lines, title=title, model=told, classes=classes)
        for name, text in zip(FILES, (write_csv(lines, classes), page), strict=True):
            # A file's name may be no text: what it holds instead is shown as \udc and a number.
            (fresh / name).write_bytes(text.encode("utf-8", "backslashreplace"))
    show_paths({"table": folder / FILES[0], "page": folder / FILES[1]})
    finish(1 if unread else 0)


def _name(pictures: list[Path]) -> str:
    if len(pictures) != 1:
        return "pictures"
    one = pictures[0].resolve()
    return (one.name if one.is_dir() else one.stem).strip(". ") or "pictures"


def _show(lines: list[FaceLine], fitted: Fitted | None) -> None:
    read = {line.picture for line in lines if not line.why}
    faces = sum(line.box is not None for line in lines)
    unread = sum(bool(line.why) for line in lines)
    say(f"{count(faces, 'face')} in {count(len(read), 'picture')}" + (f"; {unread} not read" if unread else ""))
    if fitted is not None:
        say(f"model {fitted.describe}")
    table = new_table("picture", "face", "width", *(("emotion", "share") if fitted else ()), "remarks")
    for line in lines[:MOST_PRINTED]:
        width = "" if line.box is None else f"{line.box[2] - line.box[0]:.0f} px"
        told = (line.emotion, f"{line.probabilities[line.emotion]:.2f}" if line.emotion else "") if fitted else ()
        remarks = line.why or "; ".join((*line.steps, *line.cautions))
        add_row(table, line.picture, str(line.face or ""), width, *told, remarks)
    show_table(table)
    if len(lines) > MOST_PRINTED:
        say(f"note: {len(lines) - MOST_PRINTED} more rows are in the table")

"""`micromask analyze` and `micromask spot`: recordings in, expressions out."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from micromask.app.cli.batch import each, finish, wanted
from micromask.app.cli.places import check_place, run_folders
from micromask.app.cli.talk import out, progress_bar, show_paths
from micromask.core.errors import BadInputError
from micromask.core.types import Analysis

if TYPE_CHECKING:
    from micromask.inference.analyze import Settings

Videos = Annotated[
    list[Path],
    typer.Argument(
        metavar="VIDEO", help="Films, folders of films, folders of images or animated GIFs.", show_default=False
    ),
]
Detector = Annotated[str, typer.Option(help="Face detector: haar, dlib, mtcnn or mediapipe.")]
Flow = Annotated[str, typer.Option(help="Optical flow between frames: dis, farneback or tvl1.")]
Face = Annotated[str, typer.Option(help="Whose expressions: 'largest', 'all' or a face's number.")]
Threshold = Annotated[
    float, typer.Option(help="Weakest strength that counts, per cent of the distance between the eyes.")
]


def analyze_command(
    videos: Videos,
    out_folder: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for the results; several recordings get a folder each in it.  [default: runs/NAME]"
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that are there.")] = False,
    elan: Annotated[bool, typer.Option("--elan", help="Also write an ELAN annotation file (.eaf).")] = False,
    detector: Detector = "mtcnn",
    flow: Flow = "dis",
    face: Face = "largest",
    threshold: Threshold = 0.9,
    magnify: Annotated[
        float, typer.Option(help="Make movements this many times larger before they are measured (Eulerian); 0: not.")
    ] = 0.0,
    masked: Annotated[
        bool,
        typer.Option("--masked", help="Also mark where the mouth smiles and the upper face does not, or does other."),
    ] = False,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="FILE", help="Weights that `train` wrote, to name the intervals instead."),
    ] = None,
) -> None:
    """Find the micro- and macro-expressions of recordings and write a report of each."""
    from micromask.app.cli.findings import show_analysis
    from micromask.reports.folder import write_run

    settings = settings_of(detector, flow, face, threshold, magnify=magnify, masked=masked, model=model)
    asked = wanted(videos)

    def one(path: Path, folder: Path) -> None:
        check_place(folder, overwrite=overwrite)
        analysis = watched(path, settings)
        paths = write_run(analysis, folder, overwrite=overwrite, elan=elan)
        show_analysis(analysis)
        show_paths(paths)
        if not asked.alone:
            out().print()

    finish(each(asked, run_folders(asked.recordings, out_folder, alone=asked.alone), one))


def spot_command(
    videos: Videos,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print JSON instead of a table: one object, or a list for several recordings."),
    ] = False,
    detector: Detector = "mtcnn",
    flow: Flow = "dis",
    face: Face = "largest",
    threshold: Threshold = 0.9,
) -> None:
    """Find the intervals only: no emotions, no files."""
    from micromask.app.cli.findings import show_analysis
    from micromask.reports.document import analysis_document

    settings = settings_of(detector, flow, face, threshold, recognise=False)
    documents = []

    def one(path: Path, _: Path) -> None:
        analysis = watched(path, settings)
        if as_json:
            documents.append(analysis_document(analysis))
        else:
            show_analysis(analysis)

    asked = wanted(videos)
    code = each(asked, asked.recordings, one)
    if as_json:
        typer.echo(json.dumps(documents[0] if asked.alone else documents, indent=2))
    finish(code)


def settings_of(
    detector: str,
    flow: str,
    face: str,
    threshold: float,
    *,
    magnify: float = 0.0,
    recognise: bool = True,
    masked: bool = False,
    model: Path | None = None,
) -> Settings:
    """The settings that some options ask for.

    Raises
    ------
    BadInputError
        If a name is not known, with the nearest that is, the threshold makes no sense, or the model cannot be used.
    """
    from micromask.faces.detect import detectors
    from micromask.inference.analyze import Settings
    from micromask.motion.flow import flow_methods

    _ = detectors[detector], flow_methods[flow]
    words = ("largest", "all")
    if face not in words and not face.isdecimal():
        near = get_close_matches(face, words, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        raise BadInputError(f"no face {face!r}{hint} --face is 'largest', 'all' or a face's number")
    if not 0 < threshold < 100:
        raise BadInputError(
            f"--threshold must be above 0 and below 100 (per cent of the distance between the eyes), got {threshold:g}"
        )
    if not 0 <= magnify <= 50:
        raise BadInputError(f"--magnify must be 0 (not at all) to 50, got {magnify:g}")
    if model is not None:
        from micromask.inference.own_models import own_model

        own_model(model)
    return Settings(
        detector, flow, face=face, floor=threshold, magnify=magnify, recognise=recognise, masked=masked, model=model
    )


def watched(path: Path, settings: Settings) -> Analysis:
    """Analyse one recording behind a progress bar."""
    from micromask.inference.analyze import analyze
    from micromask.recordings import probe

    name = path.resolve().name
    if not name.isascii() and name != name.encode("utf-8", "replace").decode():
        raise BadInputError(f"{path}: its name is not valid text on this system; rename it")
    recording = probe(path)
    rest = "recognising" if settings.recognise else "spotting"
    with progress_bar(name, recording.n_frames, rest) as done:
        return analyze(recording, settings, progress=done)

"""`micromask analyze` and `micromask spot`: recordings in, expressions out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from micromask.app.cli.talk import out, progress_bar, say, say_error, show_analysis, show_paths
from micromask.core.errors import BadOutputError, MicromaskError
from micromask.core.types import Analysis

Videos = Annotated[
    list[Path], typer.Argument(help="Films, folders of films, folders of images or animated GIFs.", show_default=False)
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
) -> None:
    """Find the micro- and macro-expressions of recordings and write a report of each."""
    from micromask.inference.analyze import Settings
    from micromask.reports.folder import write_run

    settings = Settings(detector=detector, flow=flow, face=face, floor=threshold)

    def one(path: Path, folder: Path) -> None:
        analysis = watched(path, settings)
        paths = write_run(analysis, folder, overwrite=overwrite, elan=elan)
        show_analysis(analysis)
        show_paths(paths)

    recordings, lost = _recordings(videos)
    folders = run_folders(recordings, out_folder, alone=len(recordings) + len(lost) == 1)
    if not overwrite and len(folders) == 1:
        _refuse_existing(folders[0])
    _each(recordings, folders, lost, one)


def spot_command(
    videos: Videos,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    detector: Detector = "mtcnn",
    flow: Flow = "dis",
    face: Face = "largest",
    threshold: Threshold = 0.9,
) -> None:
    """Find the intervals only: no emotions, no files."""
    from micromask.inference.analyze import Settings
    from micromask.reports.document import analysis_document

    settings = Settings(detector=detector, flow=flow, face=face, floor=threshold, recognise=False)
    documents = []

    def one(path: Path, _: Path) -> None:
        analysis = watched(path, settings)
        if as_json:
            documents.append(analysis_document(analysis))
        else:
            show_analysis(analysis)

    recordings, lost = _recordings(videos)
    try:
        _each(recordings, [Path()] * len(recordings), lost, one)
    finally:
        if as_json and documents:
            single = len(recordings) + len(lost) == 1
            out().print(json.dumps(documents[0] if single else documents, indent=2), markup=False)


def watched(path: Path, settings: object) -> Analysis:
    """Analyse one recording behind a progress bar."""
    from micromask.inference.analyze import Settings, analyze
    from micromask.recordings import probe

    assert isinstance(settings, Settings)
    recording = probe(path)
    with progress_bar(path.name, recording.n_frames) as done:
        return analyze(recording, settings, progress=done)


def run_folders(recordings: Sequence[Path], chosen: Path | None, *, alone: bool) -> list[Path]:
    """Where each recording's results go: named after its file, with its ending or a number where names collide.

    Examples
    --------
    >>> [str(f) for f in run_folders([Path("a/x.mp4"), Path("b/x.mov"), Path("b/y.mp4")], Path("o"), alone=False)]
    ['o/x.mp4', 'o/x.mov', 'o/y']
    """
    if alone and chosen is not None:
        return [chosen]
    parent = chosen or Path("runs")
    stems = [path.stem if path.suffix and not path.is_dir() else path.name for path in recordings]
    names: list[str] = []
    for path, stem in zip(recordings, stems, strict=True):
        name = stem if stems.count(stem) == 1 else path.name
        number = 2
        while name in names:
            name, number = f"{path.name}-{number}", number + 1
        names.append(name)
    return [parent / name for name in names]


def _refuse_existing(folder: Path) -> None:
    if folder.exists():
        raise BadOutputError(f"{folder} exists; choose another --out or add --overwrite")


def _recordings(paths: Sequence[Path]) -> tuple[list[Path], list[tuple[Path, MicromaskError]]]:
    """What there is to analyse among the arguments, and the arguments that cannot be, with their reasons."""
    from micromask.recordings import find_recordings

    found: list[Path] = []
    lost: list[tuple[Path, MicromaskError]] = []
    for path in paths:
        try:
            found += find_recordings([path])
        except MicromaskError as error:
            lost.append((path, error))
    return found, lost


def _each(
    recordings: Sequence[Path],
    folders: Sequence[Path],
    lost: list[tuple[Path, MicromaskError]],
    work: Callable[[Path, Path], None],
) -> None:
    """Do every recording; one that fails alone ends the command with code 2, among others with 1 after the rest."""
    if len(recordings) + len(lost) == 1:
        if lost:
            raise lost[0][1]
        work(recordings[0], folders[0])
        return
    for path, error in lost:
        say_error(str(error))
    failed = [path for path, _ in lost]
    for path, folder in zip(recordings, folders, strict=True):
        try:
            work(path, folder)
        except MicromaskError as error:
            say_error(str(error))
            failed.append(path)
    total = len(recordings) + len(lost)
    if failed:
        say(f"{total - len(failed)} of {total} recordings done; not done: {', '.join(str(path) for path in failed)}")
        sys.exit(1)
    say(f"{total} of {total} recordings done")

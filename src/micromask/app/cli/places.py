"""Where the results of each recording go, and whether they can go there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from micromask.core.errors import BadOutputError

RUNS = Path("runs")


def run_folders(recordings: Sequence[Path], chosen: Path | None, *, alone: bool) -> list[Path]:
    """Where each recording's results go: named after its file, with its ending or a number where names collide.

    Names that differ in capitals only collide too: they are one folder on Windows and macOS.

    Examples
    --------
    >>> [f.as_posix() for f in run_folders([Path("a/x.mp4"), Path("b/x.mov"), Path("b/y.mp4")], Path("o"), alone=False)]
    ['o/x.mp4', 'o/x.mov', 'o/y']
    """
    if alone and chosen is not None:
        return [chosen]
    stems = [_stem(path) for path in recordings]
    often = [stem.casefold() for stem in stems]
    names: list[str] = []
    for path, stem in zip(recordings, stems, strict=True):
        whole = path.resolve().name
        name, number = stem if often.count(stem.casefold()) == 1 else whole, 2
        while name.casefold() in {taken.casefold() for taken in names}:
            name, number = f"{whole}-{number}", number + 1
        names.append(name)
    return [(chosen or RUNS) / name for name in names]


def _stem(path: Path) -> str:
    path = path.resolve()
    name = path.name if path.is_dir() else path.stem
    return name.strip(". ") or "recording"


def check_place(folder: Path, *, overwrite: bool) -> None:
    """Refuse a place for results before the work is done.

    Raises
    ------
    BadOutputError
        If it exists and may not be overwritten, holds the folder that the user is in, or cannot be written.
    """
    from micromask.reports.folder import check_folder

    check_folder(folder, overwrite=overwrite)
    place = folder.resolve()
    if folder.exists() and place in (Path.cwd(), *Path.cwd().parents, Path.home()):
        raise BadOutputError(f"{folder} holds more than results; choose another --out")
    above = next(one for one in place.parents if one.exists())
    if not above.is_dir():
        raise BadOutputError(f"{folder} cannot be made: {above} is a file; choose another --out")
    try:
        Path(mkdtemp(prefix=".micromask-", dir=above)).rmdir()
    except OSError as error:
        why = f"{above}: {error.strerror}"
        raise BadOutputError(f"{folder} cannot be written ({why}); make room or choose another --out") from None

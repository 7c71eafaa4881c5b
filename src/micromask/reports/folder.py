"""A run's folder: written whole beside its place, then moved there."""

from __future__ import annotations

from pathlib import Path

from micromask.core.errors import BadOutputError
from micromask.core.types import Analysis
from micromask.core.whole_folder import whole_folder
from micromask.reports.document import read_document, write_document
from micromask.reports.elan import write_elan
from micromask.reports.masked import write_masked_csv
from micromask.reports.page import write_report
from micromask.reports.tables import read_timeline_parquet, write_expressions_csv, write_timeline_parquet

FILES = {
    "report": "report.html",
    "expressions": "expressions.csv",
    "timeline": "timeline.parquet",
    "analysis": "analysis.json",
}
"""What every run's folder holds; with ELAN also '<recording>.eaf'."""

MASKED_FILE = "masked.csv"
"""What it holds too where masked expressions were looked for."""


def check_folder(folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a place that :func:`write_run` would refuse, before the work is done.

    Raises
    ------
    BadOutputError
        If the folder exists and may not be overwritten, or the place is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise BadOutputError(f"{folder} is a file; choose another --out")
    if folder.is_dir() and not overwrite:
        raise BadOutputError(f"{folder} exists; choose another --out or add --overwrite")


def write_run(analysis: Analysis, folder: Path, *, overwrite: bool = False, elan: bool = False) -> dict[str, Path]:
    """Write everything that a run leaves behind: all of it or nothing.

    Parameters
    ----------
    analysis : Analysis
    folder : Path
        Where to; made with its parents. The files are written to a hidden folder beside it and moved when complete.
    overwrite : bool
        Take the place of an existing folder. It stays as it was until the new one is complete; files in it that are
        not a run's own (a film, notes) are kept.
    elan : bool
        Also write '<recording>.eaf', named after the recording's file.

    Returns
    -------
    dict
        Paths by name: report, expressions, timeline, analysis, and masked and elan where asked for.

    Raises
    ------
    BadOutputError
        If the folder exists and may not be overwritten, or cannot be written: no space, no permission.
    """
    check_folder(folder, overwrite=overwrite)
    names = dict(FILES)
    if analysis.masked is not None:
        names["masked"] = MASKED_FILE
    if elan:
        names["elan"] = f"{analysis.recording.path.stem or analysis.recording.id}.eaf"
    with whole_folder(folder, (*FILES.values(), MASKED_FILE)) as fresh:
        write_report(analysis, fresh / names["report"])
        write_expressions_csv(analysis, fresh / names["expressions"])
        write_timeline_parquet(analysis, fresh / names["timeline"])
        write_document(analysis, fresh / names["analysis"])
        if analysis.masked is not None:
            write_masked_csv(analysis, fresh / MASKED_FILE)
        if elan:
            write_elan(analysis, fresh / names["elan"], analysis.recording.path)
    return {name: folder / file for name, file in names.items()}


def read_run(folder: Path) -> Analysis:
    """The analysis of a run's folder with its timelines, without pictures: enough to draw tables and timelines again.

    Raises
    ------
    BadInputError
        If analysis.json or timeline.parquet is missing or is not what a run writes.
    """
    return read_document(folder / FILES["analysis"], read_timeline_parquet(folder / FILES["timeline"]))

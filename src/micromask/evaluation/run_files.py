"""A run's folder: its document, its tables and its page, written whole or not at all, and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from micromask.core.clips import Finding
from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.results import Results
from micromask.core.whole_folder import whole_folder
from micromask.evaluation.document import FORMAT
from micromask.evaluation.explained_files import FOLDER as EXPLAINED
from micromask.evaluation.run_tables import (
    curves_text,
    predictions_text,
    read_curves,
    read_predictions,
    read_samples,
    samples_text,
)
from micromask.evaluation.split_file import read_splits, write_splits
from micromask.evaluation.text_file import read_whole

FILES = {
    "document": "results.json",
    "predictions": "predictions.csv",
    "samples": "samples.csv",
    "splits": "splits.csv",
    "curves": "curves.csv",
    "report": "report.html",
}
"""What a run's folder holds. Only the report cannot be read back: it is drawn from the document."""


def check_run_folder(folder: Path, *, overwrite: bool = False) -> None:
    """Refuse a place that `write_run` would refuse, before the work is done.

    Raises
    ------
    BadOutputError
        If the place is a file, or a folder that holds a run and may not be overwritten.
    """
    if folder.exists() and not folder.is_dir():
        raise BadOutputError(f"{folder} is a file; choose another --out")
    there = [name for name in FILES.values() if (folder / name).exists()]
    if there and not overwrite:
        raise BadOutputError(f"{folder} holds a run already ({there[0]}); choose another --out or add --overwrite")


def write_run(
    folder: Path,
    results: Results,
    document: Mapping[str, Any],
    *,
    page: str | None = None,
    pictures: Mapping[str, bytes] | None = None,
    overwrite: bool = False,
) -> dict[str, Path]:
    """Write everything that a run leaves behind: all of it or nothing.

    Parameters
    ----------
    folder : Path
        Where to, made with its parents. Files of others in it, such as those of `keep.Kept`, are let be.
    results : Results
    document : mapping
        From `document_of`.
    page : str, optional
        The report as HTML, from ``reports.evaluation``.
    pictures : mapping of str to bytes, optional
        Files of `explained_files` by name, which the document's ``explained`` names; they go to a folder
        ``explained``.
    overwrite : bool
        Take the place of a run that is there. It stays as it was until the new one is complete.

    Returns
    -------
    dict
        Paths by name: document, predictions, samples, splits, curves, report where there is a page, and the folder
        explained where there are pictures.

    Raises
    ------
    BadOutputError
        If there is a run and it may not be overwritten, or the folder cannot be written.
    """
    check_run_folder(folder, overwrite=overwrite)
    texts = {
        "document": json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        "predictions": predictions_text(results),
        "samples": samples_text(results.samples),
        "curves": curves_text(results.curves),
    }
    if page is not None:
        texts["report"] = page
    with whole_folder(folder, (*FILES.values(), EXPLAINED)) as fresh:
        for name, text in texts.items():
            (fresh / FILES[name]).write_text(text, encoding="utf-8", newline="")
        write_splits(fresh / FILES["splits"], results.samples, results.splits)
        for name, packed in (pictures or {}).items():
            (fresh / EXPLAINED).mkdir(exist_ok=True)
            (fresh / EXPLAINED / name).write_bytes(packed)
    written = {name: folder / file for name, file in FILES.items() if name in texts or name == "splits"}
    return written | ({EXPLAINED: folder / EXPLAINED} if pictures else {})


def read_document(path: Path) -> dict[str, Any]:
    """The document of a run: its folder, or the file itself.

    Raises
    ------
    BadInputError
        If it cannot be read, is no JSON or is no document of a run.
    """
    place = path / FILES["document"] if path.is_dir() else path
    try:
        document = json.loads(read_whole(place, "document"))
    except ValueError as error:
        raise BadInputError(f"{place}: is not JSON ({error}); give the results.json of a run") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise BadInputError(f"{place}: format {found!r}, wanted {FORMAT!r}; evaluate again")
    assert isinstance(document, dict)
    return document


def read_run(folder: Path) -> tuple[dict[str, Any], Results]:
    """The document of a run and the results that it was made of.

    The results are those that were written, but for the findings of the audit, which `audit` finds again, and for lists
    in the settings, which were tuples.

    Raises
    ------
    BadInputError
        If a file is missing or is not what `write_run` writes; the message names the file and, in a table, the row.
    """
    if not folder.is_dir():
        raise BadInputError(f"no such folder {folder}; give the folder of a run (--out of micromask evaluate)")
    document = read_document(folder)
    samples = read_samples(folder / FILES["samples"])
    splits = read_splits(folder / FILES["splits"], samples)
    curves = read_curves(folder / FILES["curves"])
    try:
        labels, seeds = tuple(map(str, document["labels"])), tuple(map(int, document["seeds"]))
        predictions = read_predictions(folder / FILES["predictions"], samples, splits, labels)
        return document, Results(
            model=document["model"]["name"],
            protocol=document["protocol"]["name"],
            dataset=document["dataset"]["name"],
            labels=labels,
            samples=samples,
            splits=splits,
            predictions=predictions,
            seeds=seeds,
            selection=document["selection"],
            findings=tuple(_findings(document)),
            curves=curves,
            settings={**document["settings"], "epochs": document["fits"]},
            versions=document["versions"],
            seconds=document["seconds"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"has no {error}" if isinstance(error, KeyError) else str(error)
        raise BadInputError(f"{folder / FILES['document']}: {what}; evaluate again") from error


def _findings(document: Mapping[str, Any]) -> list[Finding]:
    """Those of the data; the audit's own are found again by it."""
    return [
        Finding(each["code"], each["title"], each["severity"], tuple(each["evidence"]))
        for each in document["findings"]
        if not each["code"].startswith(("LK", "EV"))
    ]

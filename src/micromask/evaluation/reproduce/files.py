"""The folder of a reproduction: document and page, the runs below it, and the work that a broken one goes on from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.whole_folder import whole_folder
from micromask.evaluation.reproduce.document import FORMAT
from micromask.evaluation.reproduce.run import RUNS

FILES = {"document": "results.json", "report": "report.html"}
WORK = "work"


def check_folder(folder: Path, *, resume: bool = False, overwrite: bool = False) -> None:
    """Refuse a place for a reproduction before the work is done; clear it where it may be overwritten.

    Raises
    ------
    BadOutputError
        If it is a file, or holds a reproduction, finished or broken off, and neither ``resume`` nor ``overwrite`` is
        asked for.
    """
    if folder.exists() and not folder.is_dir():
        raise BadOutputError(f"{folder} is a file; choose another --out")
    if resume and overwrite:
        raise BadOutputError("--resume goes on with what --overwrite would replace: ask for one of them")
    there = [name for name in (*FILES.values(), WORK, RUNS) if (folder / name).exists()]
    if there and not (resume or overwrite):
        how = "go on with --resume" if WORK in there else "add --overwrite"
        raise BadOutputError(f"{folder} holds a reproduction already ({there[0]}): {how}, or choose another --out")
    if overwrite:
        for name in (WORK, RUNS):
            shutil.rmtree(folder / name, ignore_errors=True)


def write_reproduction(folder: Path, document: Mapping[str, Any], page: str) -> dict[str, Path]:
    """Write document and page, both or neither, and clear the work that is now done.

    Returns
    -------
    dict
        Paths by name: document, report.

    Raises
    ------
    BadOutputError
        If the folder cannot be written.
    """
    with whole_folder(folder, FILES.values()) as fresh:
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (fresh / FILES["document"]).write_text(text, encoding="utf-8", newline="")
        (fresh / FILES["report"]).write_text(page, encoding="utf-8", newline="")
    shutil.rmtree(folder / WORK, ignore_errors=True)
    return {name: folder / file for name, file in FILES.items()}


def read_reproduction(folder: Path) -> dict[str, Any]:
    """The document of a reproduction, from which its page can be drawn again.

    Raises
    ------
    BadInputError
        If there is none, or it is not what `write_reproduction` wrote.
    """
    place = folder / FILES["document"]
    try:
        document = json.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInputError(f"{place}: cannot be read ({error.strerror or error})") from None
    except ValueError as error:
        raise BadInputError(f"{place}: is not JSON ({error})") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != FORMAT:
        raise BadInputError(f"{place}: format {found!r}, wanted {FORMAT!r}; reproduce again")
    assert isinstance(document, dict)
    return document

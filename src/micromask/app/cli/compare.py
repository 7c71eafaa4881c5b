"""`micromask compare`: runs on the same samples side by side, and whether their difference is more than chance."""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.text import Text

from micromask.app.cli.places import check_place
from micromask.app.cli.talk import add_row, new_table, out, plain, say, show_paths, show_table
from micromask.core.whole_folder import whole_folder
from micromask.reports.words import count

FILES = {"comparison": "comparison.html", "numbers": "comparison.json"}


def compare_command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Folders that 'evaluate' wrote.")],
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Also the mean of their probabilities, chosen on nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    folder: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Also a page and its numbers.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace them if they are there.")] = False,
) -> None:
    """Compare runs on the same samples: figures with intervals, every pair's difference, and which runs leak.

    Every p is corrected for all pairs. A run that leaks has no rank.
    """
    from micromask.evaluation.compare import Run, compare
    from micromask.evaluation.run_files import read_run

    if folder is not None:
        check_place(folder, overwrite=overwrite)
    named = []
    for name, place in run_names(runs).items():
        document, results = read_run(place)
        named.append(Run(name, document, results))
    options = ["--ensemble"] if ensemble else []
    made = compare(named, ensemble=ensemble, command=shlex.join(["micromask", "compare", *map(str, runs), *options]))
    if as_json:
        typer.echo(json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        show_comparison(made)
    if folder is not None:
        paths = write_comparison(folder, made, run_names(runs))
        if not as_json:
            show_paths(paths)


def run_names(folders: Sequence[Path]) -> dict[str, Path]:
    """Runs by name: their folders' names, or the whole path where two folders have one name.

    >>> list(run_names([Path("runs/svm"), Path("old/ststnet"), Path("new/ststnet")]))
    ['svm', 'old/ststnet', 'new/ststnet']
    """
    places = list(dict.fromkeys(folders))
    short = [place.resolve().name for place in places]
    often = Counter(short)
    return {name if often[name] == 1 else place.as_posix(): place for name, place in zip(short, places, strict=True)}


def show_comparison(document: Mapping[str, Any]) -> None:
    """A comparison as a table and a line a pair; what has to be known before believing it goes to standard error."""
    support = ", ".join(f"{label} {number}" for label, number in document["support"].items())
    samples = count(document["clips"], "clip")
    if document["samples"] != document["clips"]:
        samples += f", {count(document['samples'], 'frame')}"
    subjects = count(document["subjects"], "subject")
    out().print(Text(plain(f"{'+'.join(document['datasets'])}  {samples}, {subjects}; {support}")))
    table = new_table("rank", "run", "model", "protocol", "select", "seeds", "UF1", "UAR", "accuracy", "audit")
    for row in document["runs"]:
        told = (row["name"], row["model"], row["protocol"], row["selection"], str(len(row["seeds"])))
        codes = " ".join([*row["leaks"], *row["cautions"]]) or "-"
        add_row(table, "-" if row["rank"] is None else str(row["rank"]), *told, *_figures(row), codes)
    constant = document["majority"]
    add_row(table, "-", f"always {constant['label']}", *["-"] * 4, *_figures(constant), "-")
    show_table(table)
    out().print(Text(plain(document["words"]), style="bold"))
    for pair in document["pairs"]:
        out().print(Text(plain(f"  {pair['words']}")))
    for caution in document["cautions"]:
        say(f"caution: {caution}")


def _figures(row: Mapping[str, Any]) -> list[str]:
    told = []
    for key in ("uf1", "uar", "accuracy"):
        ends = row["intervals"][key]
        told.append(f"{row[key]:.3f}" if ends is None else f"{row[key]:.3f} [{ends[0]:.3f}, {ends[1]:.3f}]")
    return told


def write_comparison(folder: Path, document: Mapping[str, Any], runs: Mapping[str, Path]) -> dict[str, Path]:
    """Write comparison.html, which links to the reports of the runs that have one, and comparison.json.

    Parameters
    ----------
    folder : Path
        Made with its parents; other files in it stay.
    document : mapping
        From `evaluation.compare.compare`.
    runs : mapping
        From the names in the document to the runs' folders.

    Raises
    ------
    BadOutputError
        If the folder cannot be written.
    """
    from micromask.reports.comparison import render

    links = report_links(folder, runs)
    with whole_folder(folder, FILES.values()) as fresh:
        (fresh / FILES["comparison"]).write_text(render(document, links), encoding="utf-8")
        numbers = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (fresh / FILES["numbers"]).write_text(numbers, encoding="utf-8")
    return {name: folder / file for name, file in FILES.items()}


def report_links(folder: Path, runs: Mapping[str, Path]) -> dict[str, str]:
    """From the names of runs to the addresses of their reports, as a page in ``folder`` names them; of those there."""
    reports = {name: place / "report.html" for name, place in runs.items()}
    return {
        name: quote(Path(os.path.relpath(report.resolve(), folder.resolve())).as_posix())
        for name, report in reports.items()
        if report.is_file()
    }

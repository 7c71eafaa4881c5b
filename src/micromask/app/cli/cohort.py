"""`micromask cohort`: expressions per minute by emotion, of participants and groups, from runs of 'analyze'."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from micromask.app.cli.cohort_table import Person, read_people, whose
from micromask.app.cli.compare import report_links, run_names
from micromask.app.cli.places import check_place
from micromask.app.cli.talk import add_row, new_table, out, plain, say, show_paths, show_table
from micromask.core.errors import BadInputError
from micromask.core.whole_folder import whole_folder

if TYPE_CHECKING:
    from micromask.core.types import Analysis

FILES = {"page": "cohort.html", "numbers": "cohort.json", "table": "cohort.csv"}

MOST_ROWS = 30
"""Of more recordings of nobody the table shows the first ones; cohort.csv has all."""


def cohort_command(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN...", help="Folders that 'analyze' wrote, or folders of them.", show_default=False),
    ],
    people: Annotated[
        Path | None,
        typer.Option(
            "--people", metavar="TABLE", help="A CSV file: recording, participant, group.", show_default=False
        ),
    ] = None,
    which: Annotated[
        Literal["all", "micro", "macro"], typer.Option("--which", help="The expressions that are counted.")
    ] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Also a page, its numbers and a table.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace them if they are there.")] = False,
) -> None:
    """How often each emotion was shown, per minute in which the face was seen, and whether groups of people differ.

    Every p is corrected for all comparisons. What a model calls an emotion is no measure of what was felt.
    """
    from micromask.evaluation.cohort import cohort
    from micromask.evaluation.watched import watched
    from micromask.reports.folder import read_run

    if folder is not None:
        check_place(folder, overwrite=overwrite)
    found = run_names(find_runs(runs))
    analyses = {name: read_run(place) for name, place in found.items()}
    known = _people(people, analyses)
    document = cohort(
        [
            watched(each, name, participant=known[name].participant, group=known[name].group)
            for name, each in analyses.items()
        ],
        which,
    )
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        show_cohort(document)
    if folder is not None:
        paths = write_cohort(folder, document, found)
        if not as_json:
            show_paths(paths)


def find_runs(places: Sequence[Path]) -> list[Path]:
    """The runs among some folders, each once: a run's own folder, or one that holds runs, in the order of their names.

    Raises
    ------
    BadInputError
        If a folder is not there, or neither is a run nor holds one.
    """
    from micromask.reports.folder import FILES as RUN_FILES

    found: dict[Path, Path] = {}
    for place in places:
        if not place.is_dir():
            what = "is a file" if place.exists() else "there is no such folder"
            raise BadInputError(f"{place}: {what}; give folders that 'micromask analyze' wrote")
        is_run = (place / RUN_FILES["analysis"]).is_file()
        own = [place] if is_run else sorted(one for one in place.iterdir() if (one / RUN_FILES["analysis"]).is_file())
        if not own:
            raise BadInputError(
                f"{place} holds no run of 'micromask analyze' (no {RUN_FILES['analysis']} in it or in a folder of it)"
            )
        for one in own:
            found.setdefault(one.resolve(), one)
    return list(found.values())


def _people(table: Path | None, analyses: Mapping[str, Analysis]) -> dict[str, Person]:
    """Who is on each run by its name; what the table and the runs do not have in common is said."""
    if table is None:
        return dict.fromkeys(analyses, Person())
    names = {
        name: (name, Path(name).name, one.recording.path.name, one.recording.path.stem)
        for name, one in analyses.items()
    }
    known, strangers = whose(table, read_people(table), names)
    for row in strangers:
        say(f"note: {table}, row {row.row}: none of the runs is of {row.recording!r}")
    return {name: known.get(name, Person()) for name in analyses}


def show_cohort(document: Mapping[str, Any]) -> None:
    """A cohort as a table of its groups; what has to be known before believing it goes to standard error."""
    from micromask.reports.cohort import group_name, untold_of

    emotions = [emotion or "all" for emotion in document["emotions"]]
    groups = document["groups"]
    if groups:
        table = new_table("group", "participants", "minutes", *emotions)
        for row in groups:
            name = group_name(row["group"], alone=len(groups) == 1)
            add_row(table, name, str(row["participants"]), _minutes(row), *map(_rate, row["rates"]))
    else:
        table = new_table("recording", "minutes", *emotions)
        for row in document["recordings"][:MOST_ROWS]:
            add_row(table, row["recording"], _minutes(row), *map(_rate, row["rates"]))
    show_table(table)
    if not groups and len(document["recordings"]) > MOST_ROWS:
        out().print(Text(f"and {len(document['recordings']) - MOST_ROWS} more recordings"))
    out().print(Text(plain(document["words"]), style="bold"))
    told = [row["words"] for row in document["differences"] if row["p"] is not None]
    for line in (*told, *untold_of(document)):
        out().print(Text(plain(f"  {line}")))
    for caution in document["cautions"]:
        say(f"caution: {caution}")


def _minutes(row: Mapping[str, Any]) -> str:
    return f"{row['rates'][0]['minutes']:.1f}"


def _rate(rate: Mapping[str, Any]) -> str:
    if rate["value"] is None:
        return "-"
    ends = rate["interval"]
    return f"{rate['value']:.2f}" + (f" [{ends[0]:.2f}, {ends[1]:.2f}]" if ends else "")


def write_cohort(folder: Path, document: Mapping[str, Any], runs: Mapping[str, Path]) -> dict[str, Path]:
    """Write cohort.html, which links to the reports of the runs, cohort.json and cohort.csv; other files stay.

    Parameters
    ----------
    folder : Path
        Made with its parents.
    document : mapping
        From `evaluation.cohort.cohort`.
    runs : mapping
        From the recordings' names in the document to the runs' folders.

    Raises
    ------
    BadOutputError
        If the folder cannot be written.
    """
    from micromask.reports.cohort import cohort_csv, render

    numbers = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    texts = {"page": render(document, report_links(folder, runs)), "numbers": numbers, "table": cohort_csv(document)}
    with whole_folder(folder, FILES.values()) as fresh:
        for name, text in texts.items():
            (fresh / FILES[name]).write_text(text, encoding="utf-8", newline="")
    return {name: folder / file for name, file in FILES.items()}

"""`micromask agree`: two models on the same recordings that nobody has labelled, and how far they agree."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from micromask.app.cli.analyze import Detector, Face, Flow, Threshold, Videos, settings_of, watched
from micromask.app.cli.batch import each, finish, wanted
from micromask.app.cli.compare import run_names
from micromask.app.cli.places import check_place
from micromask.app.cli.talk import add_row, new_table, out, plain, say, show_paths, show_table
from micromask.core.errors import BadInputError
from micromask.core.whole_folder import whole_folder

if TYPE_CHECKING:
    from micromask.inference.fitted import Fitted

FILES = {"page": "agreement.html", "numbers": "agreement.json", "intervals": "intervals.csv"}
SHIPPED = "shipped"


def agree_command(
    videos: Videos,
    models: Annotated[
        tuple[str, str],
        typer.Option(
            "--models",
            metavar="A B",
            help="Two weights files that 'train' wrote; 'shipped' is the recogniser of the package.",
            show_default=False,
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Also a page, its numbers and a table.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace them if they are there.")] = False,
    subject_pattern: Annotated[
        str | None,
        typer.Option("--subject-pattern", metavar="REGEX", help="Who is on a recording, by its file's name."),
    ] = None,
    detector: Detector = "mtcnn",
    flow: Flow = "dis",
    face: Face = "largest",
    threshold: Threshold = 0.9,
) -> None:
    """Ask two models about the same spotted intervals: how often they name the same emotion, beyond chance.

    Only emotions that both know count. Agreement is not accuracy: two models can agree and both be wrong.
    """
    from micromask.evaluation.judged import Judged, judge, rater
    from micromask.evaluation.model_agreement import model_agreement, shared_emotions

    settings = settings_of(detector, flow, face, threshold, recognise=False)
    pattern = _compiled(subject_pattern)
    fitted = {name: fitted_model(name) for name in models}
    if len(fitted) < 2:
        raise BadInputError(f"{models[0]} always agrees with itself; give two models (--models A B)")
    raters = [rater(one, name) for name, one in zip(model_names(models), fitted.values(), strict=True)]
    shared_emotions(raters[0], raters[1])
    if folder is not None:
        check_place(folder, overwrite=overwrite)
    asked = wanted(videos)
    names = {place: name for name, place in run_names(asked.recordings).items()}
    judged: list[Judged] = []

    def one(path: Path, _: Path) -> None:
        analysis = watched(path, settings)
        who = _person(pattern, path)
        judged.extend(judge(analysis, *fitted.values(), recording=names[path], participant=who))

    code = each(asked, asked.recordings, one)
    command = shlex.join(["micromask", "agree", *map(str, videos), "--models", *models])
    document = model_agreement(judged, raters[0], raters[1], command=command)
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        show_agreement(document)
    if folder is not None:
        paths = write_agreement(folder, document)
        if not as_json:
            show_paths(paths)
    finish(code)


def fitted_model(name: str) -> Fitted:
    """A model as it is called on the command line: a file, or the one that is shipped.

    Raises
    ------
    BadInputError
        As `inference.fitted.load_fitted`.
    """
    from micromask.inference.fitted import load_fitted

    return load_fitted(None if name == SHIPPED else Path(name))


def model_names(models: tuple[str, str]) -> tuple[str, str]:
    """What two models are called: their files' names, or the whole paths where those are the same.

    >>> model_names(("shipped", "models/faces.safetensors")), model_names(("a/m.safetensors", "b/m.safetensors"))
    (('shipped', 'faces'), ('a/m.safetensors', 'b/m.safetensors'))
    """
    short = [Path(name).stem for name in models]
    return (short[0], short[1]) if short[0] != short[1] else models


def show_agreement(document: Mapping[str, Any]) -> None:
    """An agreement as a table; what has to be known before believing it goes to standard error."""
    first, second = (model["name"] for model in document["models"])
    table = new_table("emotion", f"named by {first}", f"by {second}", "by both", "kappa")
    for row in document["emotions"]:
        numbers = [str(row[key]) for key in ("first", "second", "both")]
        add_row(table, row["emotion"], *numbers, _kappa(row["kappa"]))
    raw = document["raw"]["value"]
    shown = f"{document['same']} of {document['compared']}" + ("" if raw is None else f" ({100 * raw:.0f} %)")
    add_row(table, "all shared", "", "", shown, _kappa(document["kappa"]))
    show_table(table)
    out().print(Text(plain(document["words"]), style="bold"))
    differ = [row for row in document["intervals"] if row["same"] is False]
    if differ:
        told = new_table("differ in", "kind", "seconds", first, second)
        for row in differ:
            when = f"{row['onset_s']:.2f}-{row['offset_s']:.2f}"
            add_row(told, row["title"], row["kind"], when, *(_said(row[side]) for side in ("first", "second")))
        show_table(told)
    for caution in document["cautions"]:
        say(f"caution: {caution}")


def _said(told: Mapping[str, Any]) -> str:
    return f"{told['emotion']} {100 * told['probability']:.0f} %"


def _kappa(told: Mapping[str, Any]) -> str:
    if told["value"] is None:
        return f"- ({told['why']})"
    ends = told["interval"]
    return f"{told['value']:.2f}" + (f" [{ends[0]:.2f}, {ends[1]:.2f}]" if ends else "")


def write_agreement(folder: Path, document: Mapping[str, Any]) -> dict[str, Path]:
    """Write agreement.html, agreement.json and intervals.csv; other files in the folder stay.

    Raises
    ------
    BadOutputError
        If the folder cannot be written.
    """
    from micromask.reports.agreement import agreement_csv, render

    numbers = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    texts = {"page": render(document), "numbers": numbers, "intervals": agreement_csv(document)}
    with whole_folder(folder, FILES.values()) as fresh:
        for name, text in texts.items():
            (fresh / FILES[name]).write_text(text, encoding="utf-8", newline="")
    return {name: folder / file for name, file in FILES.items()}


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        made = re.compile(pattern)
    except re.error as error:
        raise BadInputError(f"--subject-pattern {pattern!r} is no regular expression: {error}") from None
    if not made.groups:
        raise BadInputError(f"--subject-pattern {pattern!r} has no group; put the subject in brackets: '^([^_]+)_'")
    return made


def _person(pattern: re.Pattern[str] | None, path: Path) -> str:
    """Who is on a recording, by its name; '' where that is not told."""
    if pattern is None:
        return ""
    found = pattern.search(path.resolve().name)
    if found is None:
        say(f"note: {path.name}: --subject-pattern does not match, so it is taken for somebody else's than all others")
        return ""
    return found[1] or ""

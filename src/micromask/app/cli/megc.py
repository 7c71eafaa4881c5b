"""`micromask megc`: the files of the Micro-Expression Grand Challenges, scored, and written from runs of ours."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from micromask.app.cli.plan import names_of
from micromask.app.cli.talk import add_row, new_table, out, plain, say, show_table
from micromask.core.errors import BadInputError, BadOutputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.evaluation.megc_log import LoggedPrediction
    from micromask.evaluation.spotting import Spotted, SpottingCounts
    from micromask.evaluation.strs import StrsReport

ANALYSIS = "analysis.json"

megc_app = typer.Typer(rich_markup_mode=None, add_completion=False)

FirstFrame = Annotated[
    int, typer.Option("--first-frame", metavar="N", help="Number of a film's first frame in the tables.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
Subject = Annotated[
    str, typer.Option(metavar="NAME", help="Whose films the runs are of: films are then called NAME/VIDEO.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")]


@megc_app.callback(invoke_without_command=True)
def _options(context: typer.Context) -> None:
    """Files of the Micro-Expression Grand Challenges: score them, write them."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@megc_app.command("spotting", short_help="MEGC F1 and STRS of found intervals.")
def spotting_command(
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="Table of the true intervals, and of every film.")],
    found: Annotated[
        list[Path], typer.Argument(metavar="FOUND...", help="Table of the found ones, or folders of 'analyze'.")
    ],
    fps: Annotated[
        float | None, typer.Option(help="Frames a second, to tell micro from macro where a table does not.")
    ] = None,
    first_frame: FirstFrame = 1,
    labels: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Emotions that STRS judges; all of the truth.")
    ] = None,
    subject: Subject = "",
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a spotting log of MEGC 2020 (needs --corpus).")
    ] = None,
    corpus: Annotated[str | None, typer.Option(metavar="1|2", help="Of --log: 1 SAMM-LV, 2 CAS(ME)².")] = None,
    as_json: AsJson = False,
    overwrite: Overwrite = False,
) -> None:
    """Score found intervals: F1 at IoU 0.5 of micro, macro and both, counted over all films, and STRS."""
    from micromask.evaluation.megc_csv import read_found_csv
    from micromask.evaluation.megc_log import SPOTTING_CORPORA, write_spotting_log
    from micromask.evaluation.spotting import IOU, pair_videos, score_spotting
    from micromask.evaluation.strs import score_strs

    if (log is None) != (corpus is None) or corpus not in (None, *SPOTTING_CORPORA):
        raise BadInputError("--log FILE and --corpus 1 (SAMM-LV) or 2 (CAS(ME)²) go together")
    true = read_found_csv(truth, fps=fps, first_frame=first_frame)
    videos = pair_videos(_found(found, fps, first_frame, subject), true)
    report = score_spotting(videos)
    true_ones, found_ones = ([each for video in videos for each in getattr(video, side)] for side in ("true", "found"))
    named = all(any(each.emotion for each in ones if each.kind == "micro") for ones in (true_ones, found_ones))
    strs = score_strs(videos, names_of(labels) or None) if named else None
    if log is not None and corpus is not None:
        try:
            write_spotting_log(log, {corpus: videos}, first_frame=first_frame, overwrite=overwrite)
        except ValueError as error:
            raise BadInputError(str(error)) from None
    counts = {"micro": report.micro, "macro": report.macro, "overall": report.overall}
    if as_json:
        told = {name: _counts(each) for name, each in counts.items()}
        films = {"films": report.videos, "films_without_expressions": report.empty, "iou": IOU}
        _print_json({**films, **told, "strs": _strs(strs)})
        return
    out().print(Text(f"{count(report.videos, 'film')}, {report.empty} without an expression; IoU {IOU:g} or more"))
    table = new_table("kind")
    for column in ("TP", "FP", "FN", "precision", "recall", "F1"):
        table.add_column(column, justify="right")
    for name, each in counts.items():
        figures = (_figure(value) for value in (each.precision, each.recall, each.f1))
        add_row(table, name, str(each.tp), str(each.fp), str(each.fn), *figures)
    show_table(table)
    if strs is not None:
        emotions = f"F1 {strs.f1:.3f} of {', '.join(strs.labels)} in {count(strs.named, 'found micro-expression')}"
        out().print(Text(plain(f"STRS {_figure(strs.strs)}: spotting {_figure(strs.spotting.f1)} times {emotions}")))
    if not report.empty:
        say("caution: every film of the truth has an expression; name those without one too (a row without frames)")


@megc_app.command("log", short_help="Figures of a challenge's log, anybody's.")
def log_command(
    file: Annotated[Path, typer.Argument(metavar="LOG", help="Recognition log of MEGC 2019, spotting log of 2020.")],
    prediction_first: Annotated[
        bool, typer.Option("--prediction-first", help="Of a recognition log: the predicted class before the true one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Figures of a log: UF1, UAR and accuracy of a recognition log, F1 of a spotting log."""
    from micromask.evaluation.megc_log import count_spotting_log, read_recognition_log, read_spotting_log
    from micromask.evaluation.text_file import read_whole

    first = next((line for line in read_whole(file, "log").splitlines() if line.strip()), "")
    if first.replace(",", " ").split() in (["1"], ["2"]):
        counts = count_spotting_log(read_spotting_log(file))
        if as_json:
            _print_json({"overall": _counts(counts)})
            return
        out().print(Text(f"spotting log: TP {counts.tp}, FP {counts.fp}, FN {counts.fn}; F1 {_figure(counts.f1)}"))
        return
    rows = _recognition(read_recognition_log(file, prediction_first=prediction_first))
    if as_json:
        _print_json({"parts": rows})
        return
    table = new_table("part")
    for column in ("clips", "subjects", "UF1", "UAR", "accuracy"):
        table.add_column(column, justify="right")
    for row in rows:
        figures = (_figure(row[name]) for name in ("uf1", "uar", "accuracy"))
        add_row(table, row["part"], str(row["clips"]), str(row["subjects"]), *figures)
    show_table(table)


@megc_app.command("convert", short_help="Runs of ours as a challenge's file.")
def convert_command(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of 'analyze', or one of 'evaluate'.")],
    file: Annotated[Path, typer.Option("--out", metavar="FILE", help="Table or log to write.")],
    emotions: Annotated[
        bool, typer.Option("--emotions", help="Of films: the table with emotions (STRS) instead of that with kinds.")
    ] = False,
    subject: Subject = "",
    first_frame: FirstFrame = 1,
    seed: Annotated[int | None, typer.Option(help="Of an evaluation: whose predictions; the first seed's.")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write what runs found as a challenge wants it: intervals of films, or predictions of clips."""
    from micromask.evaluation.megc_csv import write_spotting_csv, write_str_csv
    from micromask.evaluation.megc_log import write_recognition_log
    from micromask.evaluation.megc_runs import logged_predictions
    from micromask.evaluation.run_files import FILES, read_run

    if file.exists() and not overwrite:
        raise BadOutputError(f"{file} exists; choose another --out or add --overwrite")
    evaluated = [run for run in runs if (run / FILES["predictions"]).is_file()]
    if evaluated and len(runs) > 1:
        raise BadInputError(f"{evaluated[0]} is an evaluation: give it alone, a log is of one")
    try:
        if evaluated:
            told = logged_predictions(read_run(runs[0])[1], seed)
            write_recognition_log(file, told, overwrite=overwrite)
            what = f"{count(len(told), 'prediction')}, recognition log of MEGC 2019"
        else:
            found = _found(runs, None, first_frame, subject, tables=False)
            (write_str_csv if emotions else write_spotting_csv)(
                file, found, first_frame=first_frame, overwrite=overwrite
            )
            number = sum(each.kind == "micro" or not emotions for own in found.values() for each in own)
            what = f"{count(number, 'interval')} of {count(len(found), 'film')}, {'STRS' if emotions else 'MEGC'} table"
    except ValueError as error:
        hint = "; say whose films they are with --subject" if "SUBJECT/VIDEO" in str(error) else ""
        raise BadInputError(f"{error}{hint}") from None
    out().print(Text(plain(f"{what}  {file}")))


def _found(
    places: Sequence[Path], fps: float | None, first_frame: int, subject: str, *, tables: bool = True
) -> dict[str, tuple[Spotted, ...]]:
    """What was found, by film: of one table, or of the runs of `analyze` in some folders."""
    from micromask.evaluation.megc_csv import read_found_csv
    from micromask.evaluation.megc_runs import spotted_films
    from micromask.reports.document import read_document

    files: list[Path] = []
    for place in places:
        if place.is_file() and place.name != ANALYSIS:
            if not tables or len(places) > 1:
                raise BadInputError(f"{place} is a file: give folders that 'analyze' wrote{', or one table' * tables}")
            return read_found_csv(place, fps=fps, first_frame=first_frame)
        here = [place] if place.is_file() else [place / ANALYSIS] if (place / ANALYSIS).is_file() else []
        here = here or sorted(place.glob(f"*/{ANALYSIS}"))
        if not here:
            raise BadInputError(f"{place}: no {ANALYSIS} in it or one folder below; give folders that 'analyze' wrote")
        files += here
    return spotted_films([read_document(each) for each in files], subject)


def _recognition(predictions: Sequence[LoggedPrediction]) -> list[dict[str, Any]]:
    """Figures of all clips and of each data set's own, counts pooled over people."""
    import numpy as np

    from micromask.evaluation.megc_runs import CLASSES
    from micromask.evaluation.metrics import accuracy, confusion, uar, uf1

    parts = {"all": list(predictions)}
    for each in predictions:
        parts.setdefault(each.dataset, []).append(each)
    rows = []
    for name, own in parts.items() if len(parts) > 2 else [("all", parts["all"])]:
        both = np.array([(each.truth, each.predicted) for each in own])
        counts = confusion(both[:, 0], both[:, 1], len(CLASSES))
        people = len({(each.dataset, each.subject) for each in own})
        figures = {"uf1": uf1(counts), "uar": uar(counts), "accuracy": accuracy(counts)}
        rows.append({"part": name, "clips": len(own), "subjects": people, **figures})
    return rows


def _counts(counts: SpottingCounts) -> dict[str, float | int]:
    return {**asdict(counts), "precision": counts.precision, "recall": counts.recall, "f1": counts.f1}


def _strs(report: StrsReport | None) -> dict[str, Any] | None:
    return None if report is None else {**asdict(report), "spotting": _counts(report.spotting)}


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _print_json(document: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(_without_nan(document), indent=2, ensure_ascii=False, allow_nan=False))


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value

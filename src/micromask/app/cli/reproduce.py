"""`micromask reproduce`: a paper put to the test, as published and with people apart, in one report."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from micromask.app.cli.corpora import SYNTHETIC, loader_settings, opened
from micromask.app.cli.places import check_place
from micromask.app.cli.stopped import goes_on
from micromask.app.cli.talk import add_row, new_table, out, plain, progress_bar, say, show_paths, show_table
from micromask.core.errors import BadInputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.core.clips import Clip
    from micromask.evaluation.reproduce import Done, Paper

MOST_JOBS = 8
PATTERNED = "image-folder"
"""The data set that --subject-pattern is for."""

Data = dict[str, tuple["Clip", ...]]


def reproduce_command(
    name: Annotated[str, typer.Argument(metavar="PAPER", help="mmed-fst, mbcc-cnn, hybridmicronet or cnn-detection.")],
    folder: Annotated[Path, typer.Option("--out", metavar="RUN", help="Folder for the results.")],
    data: Annotated[
        list[str] | None, typer.Option("--data", metavar="DATASET", help="A name that 'datasets list' prints; several.")
    ] = None,
    root: Annotated[
        list[Path] | None, typer.Option("--root", metavar="ROOT", help="Where each data set lies, in their order.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="An option of a loader; DATASET:KEY=VALUE for one of several."),
    ] = None,
    subject_pattern: Annotated[
        str | None, typer.Option("--subject-pattern", metavar="REGEX", help="image-folder: whose image, by its name.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Small, in minutes; without --data on synthetic people.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 1,
    epochs: Annotated[int | None, typer.Option(min=1, help="In place of the paper's.")] = None,
    weights: Annotated[
        str, typer.Option(help="auto (ImageNet's where they are in the cache), imagenet or none.")
    ] = "auto",
    train_share: Annotated[float | None, typer.Option(help="Trained on as published, in place of the paper's.")] = None,
    crop: Annotated[str | None, typer.Option(help="face or whole, in place of the paper's.")] = None,
    folds: Annotated[
        int | None, typer.Option(min=2, help="Groups of people; 5, or as many as there are people.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the GPU where there is one.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one a core, on a GPU one.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Put a paper to the test: as published, then with people apart, both in one report.

    With --quick it is done small, in minutes, on synthetic people where no data is given.
    """
    from micromask.datasets.cache import Cache
    from micromask.evaluation.reproduce import (
        Settings,
        check_folder,
        papers,
        plan_jobs,
        reproduction_document,
        run_jobs,
        write_reproduction,
    )
    from micromask.evaluation.reproduce.files import WORK
    from micromask.reports.reproduction import reproduction_html
    from micromask.training.device import choose_device

    paper = papers[name]
    check_folder(folder, resume=resume, overwrite=overwrite)
    check_place(folder, overwrite=True)
    chosen = choose_device(device)
    asked = Settings(quick, seeds, epochs, weights, train_share, crop, folds, str(chosen))  # type: ignore[arg-type]
    workers = jobs or (1 if chosen.type != "cpu" else min(MOST_JOBS, os.cpu_count() or 1))
    wanted = tuple(data or ((SYNTHETIC,) if quick else ()))
    command = shlex.join(["micromask", *sys.argv[1:]])
    with (
        goes_on(folder / WORK),
        _given(paper, wanted, root or (), settings or (), subject_pattern, workers) as (clips, made),
    ):
        planned = plan_jobs(paper, clips, asked)
        out().print(Text(f"{paper.name}  {paper.title} ({plain(paper.authors)})"))
        for each, own in clips.items():
            people = len({clip.subject for clip in own})
            out().print(Text(f"data  {each}: {count(len(own), 'clip')}, {count(people, 'subject')}"))
        done = run_jobs(
            planned, clips, folder, command=command, workers=workers, cache=None if made else Cache(), on_job=_tell
        )
        document = reproduction_document(paper, done, clips, asked, command=command, made=made)
    paths = write_reproduction(folder, document, reproduction_html(document))
    _show(document)
    for caution in document["cautions"]:
        say(f"caution: {caution}")
    show_paths({"report": paths["report"], "numbers": paths["document"]})


@contextmanager
def _given(
    paper: Paper,
    names: Sequence[str],
    roots: Sequence[Path],
    settings: Sequence[str],
    subject_pattern: str | None,
    workers: int,
) -> Iterator[tuple[Data, bool]]:
    """The clips of each data set, and whether they were made for the purpose."""
    from micromask.evaluation.reproduce import make_corpus

    if not names:
        raise BadInputError(f"reproduce {paper.name} needs --data DATASET --root ROOT, or --quick for synthetic people")
    with ExitStack() as stack:
        if tuple(names) == (SYNTHETIC,) and not roots:
            plan = paper.quick.corpus
            place = Path(stack.enter_context(TemporaryDirectory(prefix="micromask-"))) / SYNTHETIC
            frames = plan.subjects * plan.clips_per_subject * round(plan.seconds * plan.fps)
            with progress_bar("synthetic people", frames) as drawn:
                clips = make_corpus(paper, place, jobs=workers, progress=drawn)
            yield {SYNTHETIC: clips}, True
            return
        if len(names) != len(roots):
            raise BadInputError(f"{len(names)} data sets ({', '.join(names)}) and {len(roots)} --root: one for each")
        if subject_pattern is not None and PATTERNED not in names:
            raise BadInputError(f"--subject-pattern is for {PATTERNED}, and the data is {', '.join(names)}")
        found: Data = {}
        for each, place in zip(names, roots, strict=True):
            extra = _extra(each, settings, names, subject_pattern)
            clips, _ = stack.enter_context(opened([each], [place], "midpoint", extra))
            told, number = each, 2
            while told in found:
                told, number = f"{each}-{number}", number + 1
            found[told] = clips
        yield found, False


def _extra(name: str, pairs: Sequence[str], names: Sequence[str], subject_pattern: str | None) -> dict[str, Any]:
    """A data set's own options: those for all, and those that name it before a colon."""
    own = []
    for pair in pairs:
        whose, colon, rest = pair.partition(":")
        if colon and whose in names:
            own += [rest] if whose == name else []
        else:
            own.append(pair)
    return loader_settings(own, subject_pattern if name == PATTERNED else None)


def _tell(number: int, of: int, done: Done) -> None:
    job = done.job
    what = " ".join([*([job.subset.name] if job.subset.name != job.subset.data else []), job.contender.model, job.way])
    if done.document is None:
        say(f"{number}/{of}  {job.subset.data} {what}: not run: {done.why_not}")
        return
    metrics = done.document["metrics"]
    seconds = done.document["seconds"]["wall"]
    say(f"{number}/{of}  {job.subset.data} {what}: accuracy {_interval(metrics['accuracy'], metrics)}, {seconds:.0f} s")


def _interval(value: float, metrics: Mapping[str, Any]) -> str:
    ends = metrics["intervals"]["accuracy"] if "intervals" in metrics else metrics["interval"]
    return f"{value:.3f}" if ends is None else f"{value:.3f} [{ends[0]:.3f}, {ends[1]:.3f}]"


def _show(document: Mapping[str, Any]) -> None:
    """The pairs as a table: the heart of the report."""
    table = new_table("data", "model")
    for column in ("paper", "as published", "subjects apart", "difference", "majority", "who it is (chance)"):
        table.add_column(column, justify="right")
    for row in document["rows"]:
        cells = [row["ways"].get(way, {"run": None}) for way in ("as-published", "subject-independent", "identity")]
        published, apart, who = (each if each["run"] else None for each in cells)
        fall = row["difference"]
        add_row(
            table,
            row["subset"],
            row["model"],
            _claimed(row["claim"]),
            _interval(published["accuracy"], published) if published else "not run",
            _interval(apart["accuracy"], apart) if apart else "not run",
            f"{fall['value']:+.3f}" if fall else "-",
            f"{(apart or published)['majority']:.3f}" if apart or published else "-",  # type: ignore[index]
            f"{who['accuracy']:.3f} ({who['majority']:.3f})" if who else "not run",
        )
    show_table(table)
    elsewhere = {
        name
        for row in document["rows"]
        if row["claim"] and row["claim"]["accuracy"] is None
        for name in row["claim"]["on"]
    }
    if elsewhere:
        out().print(Text(f"* of the paper's own data: {', '.join(sorted(elsewhere))}"))


def _claimed(claim: Mapping[str, Any] | None) -> str:
    """The paper's accuracy; with a star where it is of other data, the lowest and highest where it has several.

    >>> _claimed({"accuracy": 80.0, "low": 80.0, "high": 80.0}), _claimed(None)
    ('0.800', '-')
    >>> _claimed({"accuracy": None, "low": 98.73, "high": 100.0})
    '0.987-1.000*'
    """
    if claim is None:
        return "-"
    ends = sorted({claim["low"], claim["high"]})
    return "-".join(f"{end / 100:.3f}" for end in ends) + ("*" if claim["accuracy"] is None else "")

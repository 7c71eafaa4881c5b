"""`micromask datasets`: which corpora are known, what each is, whether one on disk is healthy, and synthetic ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from micromask.app.cli.batch import finish
from micromask.app.cli.corpora import loader_settings, missing_apex_of
from micromask.app.cli.talk import add_row, new_table, out, plain, progress_bar, say, short, show_table
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.core.clips import Finding
    from micromask.datasets.check import CheckReport

LINES = 5
"""Lines of evidence of a finding that the table shows; --json has them all."""

STYLES = {"error": "bold red", "leak": "bold red", "caution": "yellow", "note": "dim"}

datasets_app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
)


@datasets_app.callback(invoke_without_command=True)
def _options(context: typer.Context) -> None:
    """Corpora: which are known, what each is, whether one is healthy; and synthetic ones."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@datasets_app.command("list", short_help="Name the corpora that are known.")
def list_command() -> None:
    """Name the corpora that are known, with what they hold."""
    from micromask.datasets import datasets
    from micromask.datasets.card import card, cards

    known = {each.name for each in cards()}
    table = new_table("name", "title", "subjects", "clips", "frames/s", "kind")
    for name in datasets:
        if name not in known:
            add_row(table, name, "(from a plug-in, without a card)")
            continue
        facts = card(name)
        cells = (facts.title, facts.subjects, facts.clips, facts.fps, facts.kind)
        add_row(table, name, *(short(str(cell)) for cell in cells))
    show_table(table)


@datasets_app.command("info", short_help="Print the card of a corpus.")
def info_command(name: Annotated[str, typer.Argument(metavar="NAME", help="A name that 'list' prints.")]) -> None:
    """Print the card of a corpus: what it is, how to get it, and how it must lie on disk."""
    from micromask.datasets.card import card

    facts = card(name)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key in ("title", "subjects", "clips", "fps", "kind", "licence", "paper", "doi", "access", "sheet"):
        add_row(table, key, str(getattr(facts, key)))
    add_row(table, "releases", "; ".join(facts.releases))
    if facts.labels:
        add_row(table, "labels", ", ".join(f"{label} {number}" for label, number in facts.labels.items()))
    show_table(table)
    console = out()
    console.print()
    console.print(Text(facts.tree))
    console.print()
    for note in facts.notes:
        console.print(Text(f"- {note}"))


@datasets_app.command("check", short_help="Look for what is wrong with a corpus on disk.")
def check_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that 'list' prints.")],
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="Where it lies.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    thorough: Annotated[bool, typer.Option("--thorough", help="Compare every frame, decode every sample.")] = False,
    no_corrections: Annotated[bool, typer.Option("--no-corrections", help="Leave the sheet as published.")] = False,
    missing_apex: Annotated[
        str, typer.Option("--missing-apex", metavar="HOW", help="midpoint, motion-peak or drop.")
    ] = "midpoint",
    subject_pattern: Annotated[
        str | None, typer.Option("--subject-pattern", metavar="REGEX", help="image-folder: whose image, by its name.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An option of the corpus's own loader.")
    ] = None,
) -> None:
    """Load a corpus and look for what is wrong with it: rows, frames, pictures twice, pictures that cannot be read."""
    from micromask.datasets import open_corpus
    from micromask.datasets.check import check_corpus, count_pictures, report_document

    extra = loader_settings(settings or (), subject_pattern)
    corpus = open_corpus(
        name, root, corrections=not no_corrections, missing_apex=missing_apex_of(missing_apex), **extra
    )
    with progress_bar(str(root), count_pictures(corpus, thorough=thorough)) as done:
        report = check_corpus(corpus, thorough=thorough, progress=done)
    if as_json:
        typer.echo(json.dumps(report_document(report), indent=2, ensure_ascii=False))
    else:
        _show(report)
    finish(0 if report.healthy else 1)


@datasets_app.command("synthesize", short_help="Write a corpus of synthetic people.")
def synthesize_command(
    folder: Annotated[Path, typer.Option("--out", metavar="ROOT", help="Folder for the corpus; must not be there.")],
    subjects: Annotated[int, typer.Option(help="People.")] = 24,
    clips: Annotated[int, typer.Option("--clips-per-subject", help="Clips of each.")] = 12,
    fps: Annotated[
        float | None, typer.Option(help="Frames per second; 100, or what the layout's loader takes.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length of each clip, s.")] = 1.0,
    size: Annotated[int, typer.Option(help="Side of the picture, px.")] = 240,
    layout: Annotated[str, typer.Option(help="As which corpus it lies on disk.")] = "synthetic",
    emotions: Annotated[
        str | None, typer.Option(metavar="NAMES", help="With commas between; all if not given.")
    ] = None,
    strength: Annotated[float, typer.Option(help="Movement at the apex, distances between the eyes.")] = 0.03,
    noise: Annotated[float, typer.Option(help="Sensor noise, grey levels.")] = 2.0,
    head_motion: Annotated[float, typer.Option(help="How far heads wander, distances between the eyes.")] = 0.015,
    light: Annotated[float, typer.Option(help="How much the light differs from clip to clip.")] = 0.03,
    blinks: Annotated[float, typer.Option(help="Blinks a second.")] = 0.25,
    seed: Annotated[int, typer.Option(help="Other seeds are other people.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Processes; one a core if not given.")] = None,
) -> None:
    """Write a corpus of synthetic people whose every onset, apex, offset, emotion and action unit is known."""
    from micromask.datasets.synthetic import CorpusPlan, layouts, synthesize

    kind = layouts[layout]
    plan = CorpusPlan(
        subjects=subjects,
        clips_per_subject=clips,
        fps=fps or kind.fps or 100.0,
        seconds=seconds,
        size=size,
        strength=strength,
        noise=noise,
        head_motion=head_motion,
        light=light,
        blinks=blinks,
        seed=seed,
        emotions=tuple(each.strip() for each in emotions.split(",")) if emotions else kind.emotions,
    )
    if kind.fps is not None and plan.fps != kind.fps:
        say(f"note: the loader of {kind.corpus} takes {kind.fps:g} frames/s for granted; these clips have {plan.fps:g}")
    total = subjects * clips * round(plan.seconds * plan.fps)
    workers = jobs or (1 if total < 1000 else os.cpu_count() or 1)
    with progress_bar(str(folder), total, "moving into place") as done:
        made = synthesize(folder, plan, layout=layout, jobs=workers, progress=done)
    options = "".join(f" --set '{key}={value}'" for key, value in kind.options.items())
    console = out()
    console.print(Text(f"{kind.corpus}  {count(len(made), 'clip')}, {count(subjects, 'subject')}, {total} frames"))
    console.print(Text(f"root   {plain(str(folder))}"))
    console.print(Text(f"check  micromask datasets check {kind.corpus} {plain(str(folder))}{options}"))


def _show(report: CheckReport) -> None:
    console = out()
    found = (
        f"{count(report.clips, 'clip')}, {count(report.subjects, 'subject')}, {count(report.recordings, 'recording')}"
    )
    console.print(Text(f"{report.name}  {found}  (release {plain(report.release)})"))
    for title, counts in (("kind", report.kinds), ("apex", report.apexes)):
        console.print(Text(f"{title}  " + ", ".join(f"{name} {number}" for name, number in counts.items())))
    how = "every frame" if report.thorough else "onset, apex and offset"
    console.print(Text(f"pictures  {report.hashed} compared ({how}), {report.decoded} of {report.sampled} decoded"))
    console.print()
    _show_labels(report)
    console.print()
    for finding in report.findings:
        _show_finding(finding)
    errors = sum(len(each.evidence) for each in report.findings if each.severity == "error")
    console.print(Text("healthy" if report.healthy else f"not healthy: {count(errors, 'error')}", style="bold"))


def _show_labels(report: CheckReport) -> None:
    emotions = list(report.emotions)
    table = new_table("subject")
    for emotion in emotions:
        table.add_column(Text(plain(emotion) or "(none)"), justify="right")
    table.add_column("all", justify="right")
    for subject, counts in report.subject_emotions.items():
        add_row(table, subject, *(str(counts.get(emotion, "")) for emotion in emotions), str(sum(counts.values())))
    add_row(table, "all", *(str(report.emotions[emotion]) for emotion in emotions), str(report.clips))
    show_table(table)


def _show_finding(finding: Finding) -> None:
    console = out()
    head = f"{finding.code} {finding.severity}: {finding.title}"
    console.print(Text(f"{head} ({len(finding.evidence)})", style=STYLES.get(finding.severity, "")))
    for line in finding.evidence[:LINES]:
        console.print(Text(f"  {plain(line)}"))
    if len(finding.evidence) > LINES:
        console.print(Text(f"  and {len(finding.evidence) - LINES} more; all with --json"))

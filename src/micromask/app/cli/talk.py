"""How the command line looks: tables and paths on stdout; progress, notes and errors on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from micromask.core.types import Analysis, Expression


def out() -> Console:
    """Where data goes."""
    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """Where talk goes."""
    return Console(stderr=True, highlight=False)


def say(line: str) -> None:
    """One line of talk."""
    err().print(Text(line), soft_wrap=True)


def say_error(line: str) -> None:
    """One error, in one line (a message of several lines keeps its own)."""
    err().print(Text.assemble(("error: ", "bold red"), line), soft_wrap=True)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.0f} frames/s" if task.speed else "", style="cyan")


@contextmanager
def progress_bar(name: str, frames: int) -> Iterator[Callable[[int], None]]:
    """A live bar with frames done, frames/s and time left; yields the function to call with the number done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        _Rate(),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=err(), speed_estimate_period=5) as bar:
        task = bar.add_task(name, total=frames)
        yield lambda done: bar.update(task, completed=done)


def expression_table(expressions: Sequence[Expression], *, faces: bool, emotions: bool = True) -> Table:
    """The expressions found, a row each."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("#", justify="right")
    if faces:
        table.add_column("face", justify="right")
    table.add_column("kind")
    for name in ("onset", "apex", "offset"):
        table.add_column(name, justify="right")
    table.add_column("seconds", justify="right", no_wrap=True)
    if emotions:
        table.add_column("emotion", no_wrap=True)
    table.add_column("strength", justify="right")
    table.add_column("regions", overflow="fold")
    for number, one in enumerate(expressions, 1):
        row = [str(number)]
        if faces:
            row.append(str(one.face))
        row += [one.kind, str(one.onset), str(one.apex), str(one.offset)]
        row.append(f"{one.onset_s:.2f}–{one.apex_s:.2f}–{one.offset_s:.2f}")
        if emotions:
            row.append(f"{one.emotion} {one.probabilities[one.emotion]:.2f}" if one.emotion else "-")
        row += [f"{one.strength:.1f} %", ", ".join(name.replace("_", " ") for name in one.regions)]
        table.add_row(*row)
    return table


def summary_lines(analysis: Analysis) -> list[str]:
    """What was looked at and found, in words."""
    recording = analysis.recording
    height, width = recording.size
    lines = [
        f"{recording.path.name}: {width}x{height}, {analysis.frames} frames, {recording.fps:.4g} frames/s"
        f"{' (varying)' if recording.times is not None else ''}, {analysis.seconds:.2f} s, {len(analysis.faces)} "
        f"face{'' if len(analysis.faces) == 1 else 's'}"
    ]
    micro = sum(one.kind == "micro" for one in analysis.expressions)
    macro = len(analysis.expressions) - micro
    lines.append(f"{micro} micro-expression{'' if micro == 1 else 's'}, {macro} macro-expression{'' if macro == 1 else 's'}")
    return lines


def show_analysis(analysis: Analysis) -> None:
    """Print an analysis for a person: summary, table, cautions."""
    console = out()
    for line in summary_lines(analysis):
        console.print(Text(line))
    if analysis.expressions:
        many = len({face.face for face in analysis.faces}) > 1
        console.print(expression_table(analysis.expressions, faces=many, emotions=bool(analysis.settings["recognise"])))
    for caution in analysis.cautions:
        say(f"caution: {caution}")


def show_paths(paths: dict[str, Path]) -> None:
    """Print where things were written."""
    console = out()
    width = max(len(name) for name in paths)
    for name, path in paths.items():
        console.print(Text(f"{name:<{width}}  {path}"))

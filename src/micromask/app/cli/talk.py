"""How the command line talks: tables and paths on stdout; progress, notes and errors on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from micromask.reports.words import count

WIDE = 10_000
"""Columns of output that is no terminal: a table in a file or a pipe loses nothing."""


def out() -> Console:
    """Where data goes."""
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


def err() -> Console:
    """Where talk goes."""
    return Console(stderr=True, highlight=False, emoji=False)


def plain(text: str) -> str:
    r"""The same text with what does not print escaped: a file's name may hold line ends and orders to a terminal.

    >>> plain("a\x1b[2J.mp4")
    'a\\x1b[2J.mp4'
    """
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def say(line: str) -> None:
    """One line of talk."""
    err().print(Text(plain(line)), soft_wrap=True)


def say_error(line: str) -> None:
    """One error, in one line (a message of several lines keeps its own)."""
    message = "\n".join(plain(each) for each in line.splitlines())
    err().print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)


class _Rate(ProgressColumn):
    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.0f} {self.unit}s/s" if speed and speed >= 1 else "", style="cyan")


@contextmanager
def progress_bar(
    name: str, frames: int, afterwards: str = "finishing", unit: str = "frame"
) -> Iterator[Callable[[int], None]]:
    """A live bar with frames (or other units) done, their rate and time left; yields the function to call with the
    number done.

    ``afterwards`` says what is still going on when all are done. Where stderr is no terminal one line says at the end
    what was done in which time.
    """
    console = err()
    if not console.is_terminal:
        calls = [(0, perf_counter())]
        yield lambda done: calls.append((done, perf_counter()))
        done, seconds = calls[-1][0] - calls[0][0], perf_counter() - calls[0][1]
        say(f"{name}: {count(done, unit)} in {seconds:.1f} s{_rate(calls) if unit == 'frame' else ''}")
        return
    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn(f"{unit}s"),
        _Rate(unit),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, speed_estimate_period=5) as bar:
        name = plain(name)
        task = bar.add_task(name, total=frames)

        def show(done: int) -> None:
            bar.update(task, completed=done, description=name if done < frames else f"{name}: {afterwards}")

        yield show
        bar.update(task, description=name)


def _rate(calls: list[tuple[int, float]]) -> str:
    """Frames a second between the first and the last call, in words; nothing where there were not enough."""
    calls = calls[1:]
    if len(calls) < 2 or calls[-1][1] <= calls[0][1]:
        return ""
    return f" ({(calls[-1][0] - calls[0][0]) / (calls[-1][1] - calls[0][1]):.0f} frames/s)"


def new_table(*columns: str) -> Table:
    """A table without lines, its columns under their names."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table


def add_row(table: Table, *cells: str) -> None:
    """A row of plain words: what looks like mark-up or an order to the terminal is none."""
    table.add_row(*(Text(plain(cell)) for cell in cells))


def short(text: str, most: int = 40) -> str:
    """The first words of a long fact.

    >>> short("Shallow triple stream three-dimensional CNN")
    'Shallow triple stream …'
    """
    if len(text) <= most:
        return text
    return text[: most - 2].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def show_table(table: Table) -> None:
    """Print a table; in a file or a pipe without the blanks that fill its last column."""
    console = out()
    if console.is_terminal:
        console.print(table)
        return
    for line in table_lines(table):
        console.print(Text(line))


def table_lines(table: Table) -> list[str]:
    """A table's lines as wide as it wants to be."""
    console = Console(width=WIDE, file=StringIO(), highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


def show_paths(paths: dict[str, Path]) -> None:
    """Print where things were written."""
    console = out()
    width = max(len(name) for name in paths)
    for name, path in paths.items():
        console.print(Text(f"{name:<{width}}  {plain(str(path))}"))

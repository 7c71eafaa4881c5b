"""One recording or many: a bad one among several is named and does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from micromask.app.cli.talk import say, say_error
from micromask.core.errors import MicromaskError


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command is asked to work on: recordings, and the arguments that hold none, with the reason."""

    recordings: tuple[Path, ...]
    lost: tuple[tuple[Path, MicromaskError], ...]

    @property
    def alone(self) -> bool:
        """Whether it is one recording, so that its failure is the command's."""
        return len(self.recordings) + len(self.lost) == 1


def wanted(paths: Sequence[Path]) -> Wanted:
    """The recordings among some files and folders, each once, in the order given."""
    from micromask.recordings import find_recordings

    found: dict[Path, Path] = {}
    lost: dict[Path, tuple[Path, MicromaskError]] = {}
    for path in paths:
        try:
            for one in find_recordings([path]):
                found.setdefault(one.resolve(), one)
        except MicromaskError as error:
            lost.setdefault(path.resolve(), (path, error))
    return Wanted(tuple(found.values()), tuple(lost.values()))


def each(asked: Wanted, folders: Sequence[Path], work: Callable[[Path, Path], None]) -> int:
    """Do every recording with its folder.

    Returns
    -------
    int
        The exit code: 0, or 1 where one of several could not be done.

    Raises
    ------
    MicromaskError
        Where there is one recording only and it cannot be done.
    """
    if asked.alone:
        if asked.lost:
            raise asked.lost[0][1]
        work(asked.recordings[0], folders[0])
        return 0
    for _, error in asked.lost:
        say_error(str(error))
    failed = [path for path, _ in asked.lost]
    for path, folder in zip(asked.recordings, folders, strict=True):
        try:
            work(path, folder)
        except BrokenPipeError:
            raise
        except MicromaskError as error:
            say_error(str(error))
            failed.append(path)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one recording, the others are done
            say_error(f"{path}: {type(error).__name__}: {error}; analyse it alone to see where")
            failed.append(path)
    total = len(asked.recordings) + len(asked.lost)
    names = f"; not done: {', '.join(map(str, failed))}" if failed else ""
    say(f"{total - len(failed)} of {total} recordings done{names}")
    return 1 if failed else 0


def finish(code: int) -> None:
    """End the command with an exit code."""
    if code:
        raise typer.Exit(code)

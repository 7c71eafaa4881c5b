"""`micromask study forget`: remove one participant, and prove it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from micromask.app.cli.batch import finish
from micromask.app.cli.talk import add_row, new_table, out, plain, say, say_error, show_table
from micromask.core.errors import BadInputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.studies.forget import Receipt

NOT_ALL = 1
"""Exit code where something of the participant is left."""


def forget_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.")],
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="The pseudonym, such as P01.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="KEYS.csv", help="The key list: their row goes from it too.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove all that there is of one participant, search for what may be left, and write a receipt.

    Film, frames, maps, labels, cache entries, and every export that holds them, as a whole. It cannot be undone.
    """
    from micromask.studies.forget import check_forgettable, forget

    check_forgettable(study, participant, keys)
    _show_holdings(study, participant)
    if not yes:
        if not sys.stdin.isatty():
            raise BadInputError(f"nothing was removed: add --yes to forget {participant} without being asked")
        if not typer.confirm(f"Remove all of this? It cannot be undone. Forget {participant}", err=True):
            say("nothing was removed")
            finish(NOT_ALL)
            return
    done = forget(study, participant, keys, progress=say)
    _show(done)
    if done.path is None:
        say_error(f"{participant} is not forgotten yet: {count(len(done.left), 'thing')} left; mend it and run again")
        finish(NOT_ALL)


def _show_holdings(study: Path, participant: str) -> None:
    """What will go, before anything does."""
    from micromask.studies.holdings import holdings

    there = holdings(study, participant)
    kinds = list(there.files().values())
    told = [count(kinds.count(kind), f"{kind} file") for kind in dict.fromkeys(kinds)]
    say(f"{participant}: {', '.join(told) or 'no files'}, and all rows in the study's database")
    for place, kind in there.places:
        if kind == "export":
            say(f"export {place} goes as a whole; make it anew without them afterwards")


def _show(done: Receipt) -> None:
    table = new_table("removed", "files", "bytes")
    for kind, each in done.removed.items():
        add_row(table, kind, str(each.files), str(each.bytes))
    add_row(table, "rows", str(sum(done.rows.values())), "")
    add_row(table, "key list", str(done.key_rows), "")
    show_table(table)
    seen = done.searched
    console = out()
    console.print(
        Text(
            f"searched  {count(seen.files, 'file')} ({seen.bytes} bytes), {count(seen.rows, 'row')}, "
            f"{count(seen.exports, 'other export')}, {count(seen.cache_entries, 'prepared result')} in the cache"
        )
    )
    if done.path is not None:
        console.print(Text("found     nothing"))
        console.print(Text(f"receipt   {plain(str(done.path))}"))
    for line in done.left:
        say(f"left: {line}")
    for line in done.notes:
        say(f"note: {line}")

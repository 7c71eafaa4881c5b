"""`micromask cache`: what was prepared once and kept, and how to be rid of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from micromask.app.cli.talk import out, plain, say, show_table
from micromask.core.errors import BadInputError
from micromask.reports.words import count

cache_app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
)


@cache_app.callback(invoke_without_command=True)
def _options(context: typer.Context) -> None:
    """What was prepared once and kept: aligned faces, motion maps."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@cache_app.command("info", short_help="Say where the cache lies and what it holds.")
def info_command() -> None:
    """Say where the cache lies and what it holds."""
    from micromask.datasets.cache import Cache, cache_info

    info = cache_info(Cache())
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("kind")
    table.add_column("entries", justify="right")
    table.add_column("size", justify="right")
    for kind, entries in info.entries.items():
        table.add_row(Text(kind), str(entries), _size(info.bytes[kind]))
    table.add_row("all", str(sum(info.entries.values())), _size(sum(info.bytes.values())))
    out().print(Text(f"cache  {plain(str(info.folder))}"))
    show_table(table)
    if info.leftovers:
        say(f"{count(info.leftovers, 'file')} left behind by processes that broke; micromask cache clear removes them")


@cache_app.command("clear", short_help="Remove what the cache holds.")
def clear_command(
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only this kind; can be given several times.")
    ] = None,
) -> None:
    """Remove what the cache holds; nothing is lost but time. Files that the cache did not write stay."""
    from micromask.datasets.cache import Cache, cache_info, clear_cache

    cache = Cache()
    known = cache_info(cache).entries
    unknown = [kind for kind in kinds or () if kind not in known]
    if unknown:
        raise BadInputError(f"the cache holds no {unknown[0]!r}; it holds: {', '.join(known) or 'nothing'}")
    entries, freed = clear_cache(cache, tuple(kinds or ()))
    word = "entry" if entries == 1 else "entries"
    out().print(Text(f"removed {entries} {word}, {_size(freed)}, from {plain(str(cache.folder))}"))


def _size(number: int) -> str:
    """Bytes in words.

    >>> _size(0), _size(1536), _size(3 * 2**30)
    ('0 B', '1.5 KiB', '3.0 GiB')
    """
    size, unit = float(number), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or unit == "TiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"

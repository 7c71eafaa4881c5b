"""A file that is there whole or not at all: written beside its place, then moved there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A hidden name beside ``path`` to write to, which takes its place when the block ends well, and is gone else.

    An OSError comes through: the caller knows what to call the file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "told.txt") as part:
    ...         _ = part.write_text("all of it")
    ...     [one.name for one in Path(folder).iterdir()]
    ['told.txt']
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        yield part
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)

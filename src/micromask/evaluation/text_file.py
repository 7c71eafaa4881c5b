"""Text files read and written whole, with errors for a person."""

from __future__ import annotations

from pathlib import Path

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.whole_file import whole_file


def read_whole(path: str | Path, noun: str) -> str:
    """The text of a file that a message calls ``noun``, with or without a byte order mark, any line ends.

    Raises
    ------
    BadInputError
        If it cannot be read or is not UTF-8.
    """
    place = Path(path)
    try:
        return place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInputError(f"cannot read the {noun} {place}: {reason}") from None


def write_whole(path: str | Path, text: str, noun: str, *, overwrite: bool = False) -> None:
    """Write a file beside its place and move it there when it is whole.

    Raises
    ------
    BadOutputError
        If it exists and may not be overwritten, or cannot be written.
    """
    place = Path(path)
    if place.exists() and not overwrite:
        raise BadOutputError(f"{place} exists; choose another name or ask to overwrite it")
    try:
        with whole_file(place) as part:
            part.write_bytes(text.encode("utf-8"))
            part.chmod(0o644)
    except OSError as error:
        raise BadOutputError(f"cannot write the {noun} {place}: {error.strerror or error}") from error

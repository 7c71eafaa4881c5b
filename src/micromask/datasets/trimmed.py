"""Frame numbers of a sheet that counts on the long film while the folder holds only the clip, counted anew."""

from __future__ import annotations

from typing import NamedTuple

from micromask.datasets.frames import FrameFolder


class Frames(NamedTuple):
    """Onset, apex (None where unknown) and offset as file numbers, and what was done to them ('' where nothing)."""

    onset: int | None
    apex: int | None
    offset: int | None
    said: str = ""


def rebased(
    folder: FrameFolder | None, onset: int | None, apex: int | None, offset: int | None, first: int | None = None
) -> Frames:
    """The sheet's numbers as numbers of the folder's files.

    They stay as they are where the folder has files with such numbers. The sheet counts on the film that the clip was
    cut from where the folder has none of them, where the interval is exactly as long as the folder but ends behind it,
    or where files begin at 0 or 1 though the sheet says that the film begins at ``first``. Then the sheet's frame
    ``first`` (its onset where no ``first`` is given) is the folder's first file, and an end behind the last file is
    clamped to it.

    Examples
    --------
    >>> from pathlib import Path
    >>> clip = FrameFolder(Path("S01-02-001"), ("1.jpg", "2.jpg", "3.jpg"), (1, 2, 3))
    >>> rebased(clip, 101, 102, 104)
    Frames(onset=1, apex=2, offset=3, said='101 to 104 became 1 to 3')
    >>> rebased(clip, 1, 2, 3)
    Frames(onset=1, apex=2, offset=3, said='')
    """
    if folder is None or onset is None or offset is None or offset < onset:
        return Frames(onset, apex, offset)
    least, last = folder.numbers[0], folder.numbers[-1]
    overlaps = onset <= last and offset >= least
    if first is None:
        anew = offset > last and offset - onset + 1 == len(folder.numbers)
    else:
        anew = least <= 1 < first
    if overlaps and not anew:
        return Frames(onset, apex, offset)
    shift = least - (onset if first is None else first)
    begin, end = onset + shift, min(offset + shift, last)
    if not least <= begin <= last:
        return Frames(onset, apex, offset)
    top = None if apex is None else min(apex + shift, end) if apex <= offset else apex
    return Frames(begin, top, end, f"{onset} to {offset} became {begin} to {end}")

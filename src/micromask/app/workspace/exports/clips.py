"""One interval as a film of its own: cut frame by frame from the original, slowed down, with words if asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from micromask.core.errors import BadInputError
from micromask.core.opinions import MarkedInterval
from micromask.core.types import Frame, Image, Recording
from micromask.recordings import read, write_film

SLOWER = (1, 2, 4, 8, 16)
"""So many times slower than it was."""

AROUND = (0.0, 0.5, 1.0)
"""Seconds before the onset and after the offset that can be added."""

Caption = Literal["none", "burnt", "separate"]


@dataclass(frozen=True, slots=True)
class Cut:
    """How clips are cut: slowed down so many times, with seconds around the interval, with a caption or without."""

    slower: int = 8
    around: float = 0.0
    caption: Caption = "none"

    def __post_init__(self) -> None:
        if self.slower not in SLOWER:
            raise BadInputError(f"clips are {', '.join(map(str, SLOWER))} times slower, got {self.slower}")
        if self.around not in AROUND:
            raise BadInputError(f"clips have {', '.join(f'{one:g}' for one in AROUND)} s around, got {self.around:g}")
        if self.caption not in ("none", "burnt", "separate"):
            raise BadInputError(f"a caption is none, burnt or separate, got {self.caption!r}")


@dataclass(frozen=True, slots=True)
class Clip:
    """What was written: the first and the last frame of the recording in it, and the caption's file, if any."""

    first: int
    last: int
    captions: Path | None


def write_clip(
    recording: Recording, interval: MarkedInterval, path: Path, cut: Cut = Cut(), *, words: str = ""
) -> Clip:
    """Write an interval as an .mp4 that holds exactly its frames, each shown as long as in the recording times slower.

    Parameters
    ----------
    recording : Recording
        From `probe`: the original, not what the browser plays.
    interval : MarkedInterval
    path : Path
        Ends with .mp4.
    cut : Cut
    words : str
        One line for the caption. A burnt one stands below the picture and never over it, with the time of each frame;
        a separate one is an .srt of the same name.

    Returns
    -------
    Clip

    Raises
    ------
    BadInputError
        If a frame of the interval cannot be read.
    BadOutputError
        If the place cannot be written.

    Notes
    -----
    A picture of odd width or height loses its last column or row: H.264 as players know it wants even sides.
    """
    first, last = _reach(recording, interval, cut.around)
    times = [_time(recording, frame) * cut.slower for frame in range(first, last + 1)]
    pictures = _exactly(recording, first, last)
    if cut.caption == "burnt":
        shown = (_with_caption(one, interval, words) for one in pictures)
    else:
        shown = (_even(one.image) for one in pictures)
    write_film(path, shown, recording.fps / cut.slower, times=times)
    if cut.caption != "separate":
        return Clip(first, last, None)
    captions = path.with_suffix(".srt")
    ends = times[-1] - times[0] + cut.slower / recording.fps
    captions.write_text(f"1\n{_clock(0)} --> {_clock(ends)}\n{words}\n", encoding="utf-8")
    return Clip(first, last, captions)


def _time(recording: Recording, frame: int) -> float:
    return frame / recording.fps if recording.times is None else float(recording.times[frame])


def _reach(recording: Recording, interval: MarkedInterval, around: float) -> tuple[int, int]:
    """First and last frame: those of the interval, and those that are shown at most ``around`` seconds off."""
    first, last = interval.onset, interval.offset
    if last >= recording.n_frames:
        raise BadInputError(
            f"{recording.path.name}: frame {last} is not in the film, which has {recording.n_frames}: another one?"
        )
    begins, ends = _time(recording, first) - around, _time(recording, last) + around
    while first > 0 and _time(recording, first - 1) >= begins - 1e-9:
        first -= 1
    while last < recording.n_frames - 1 and _time(recording, last + 1) <= ends + 1e-9:
        last += 1
    return first, last


def _exactly(recording: Recording, first: int, last: int) -> Iterator[Frame]:
    """Frames first to last, each of them."""
    wanted = first
    for frame in read(recording, colour=True, start=first, stop=last + 1):
        if frame.index != wanted:
            break
        yield frame
        wanted += 1
    if wanted <= last:
        raise BadInputError(f"{recording.path.name}: frame {wanted} cannot be read, so no clip can be cut there")


def _even(image: Image) -> Image:
    height, width = image.shape[:2]
    return image[: height - height % 2, : width - width % 2]


def _with_caption(frame: Frame, interval: MarkedInterval, words: str) -> Image:
    """The picture with two lines below it: the words, and which frame it is."""
    image = _even(frame.image)
    width = image.shape[1]
    where = {interval.onset: "onset", interval.apex: "apex", interval.offset: "offset"}.get(frame.index, "")
    told = f"frame {frame.index}   {frame.time:.3f} s   {where}"
    size = max(10, min(22, image.shape[0] // 22))
    high = 2 * (size + 6) + 6
    strip = Picture.new("RGB", (width, high + high % 2), (16, 18, 22))
    pen = ImageDraw.Draw(strip)
    for row, (line, ink) in enumerate(((words, (255, 255, 255)), (told, (190, 198, 208)))):
        pen.text((8, 4 + row * (size + 6)), line, ink, _font(line if row == 0 else "", size, width - 16))
    return np.concatenate([image, np.asarray(strip)])


@cache
def _font(line: str, size: int, room: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font in which the line fits into so many px, 8 px high at least."""
    while size > 8 and ImageFont.load_default(size).getlength(line) > room:
        size -= 1
    return ImageFont.load_default(size)


def _clock(seconds: float) -> str:
    """A time as .srt files have it.

    >>> _clock(3725.0405)
    '01:02:05,040'
    """
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"

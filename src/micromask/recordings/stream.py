"""The frames of a recording, whatever it is: a film or a folder of pictures."""

from __future__ import annotations

from collections.abc import Iterator

from micromask.core.types import Frame, Image, Recording
from micromask.recordings.decode import FilmBrokeError, film_frames
from micromask.recordings.images import image_frames
from micromask.recordings.orient import upright
from micromask.recordings.pixels import pixels, shrunk
from micromask.recordings.video import turn_of_frame


def read(
    recording: Recording, *, colour: bool = False, longest: int | None = None, start: int = 0, stop: int | None = None
) -> FrameStream:
    """The frames of a recording, decoded one after another while they are asked for.

    Parameters
    ----------
    recording : Recording
        From ``probe``.
    colour : bool
        RGB; else grey. The grey of a film is its luma as it is stored (16 to 235 in most films), not stretched.
    longest : int, optional
        Pictures whose longer side has more pixels than this are scaled down to it by averaging areas.
    start, stop : int
        The first frame and the one after the last, exact on any film; ``stop`` None means to the end.

    Returns
    -------
    FrameStream
        Iterate over it, as often as needed; each time it reads anew.

    Raises
    ------
    ValueError
        If start or stop is negative or longest is below 1.
    """
    return FrameStream(recording, colour=colour, longest=longest, start=start, stop=stop)


class FrameStream:
    """Frames of a recording in order, a few in memory at a time.

    After an iteration ``broke_at`` is the first frame that could not be read although the film should hold it, else
    None, and ``reason`` says why in a few words, else is empty. Numbers skip frames that the film marks as dropped and
    the beginning of a film that was cut out of another one between two key frames.

    Raises
    ------
    BadInputError
        While iterating, if the film cannot be opened any more or a picture of a folder cannot be read.
    """

    def __init__(
        self, recording: Recording, *, colour: bool, longest: int | None, start: int, stop: int | None
    ) -> None:
        if start < 0 or (stop is not None and stop < 0):
            raise ValueError(f"{recording.id}: start and stop are frame numbers from 0, got {start} and {stop}")
        if longest is not None and longest < 1:
            raise ValueError(f"{recording.id}: longest must be at least 1 px, got {longest}")
        self.recording = recording
        self.colour = colour
        self.longest = longest
        self.start = start
        self.stop = stop
        self.broke_at: int | None = None
        self.reason = ""

    def __iter__(self) -> Iterator[Frame]:
        self.broke_at, self.reason = None, ""
        path = self.recording.path
        if path.is_dir():
            for index, image in image_frames(path, self.start, self.stop, colour=self.colour):
                yield self._frame(index, *shrunk(image, self.longest))
            return
        turn = None
        try:
            for index, decoded in film_frames(path, self.start, self.stop):
                if index >= self.recording.n_frames:
                    return
                turn = turn or turn_of_frame(decoded)
                image, scale = pixels(decoded, colour=self.colour, longest=self.longest)
                yield self._frame(index, upright(image, turn), scale)
        except FilmBrokeError as broken:
            self.broke_at, self.reason = broken.index, broken.reason

    def _frame(self, index: int, image: Image, scale: float) -> Frame:
        times = self.recording.times
        time = index / self.recording.fps if times is None else float(times[index])
        return Frame(index, time, image, scale)

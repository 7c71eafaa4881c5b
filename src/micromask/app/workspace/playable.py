"""The film that the browser plays: H.264 whatever the recording is, quick to seek in, at the recording's own times."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import FloatArray, Frame, IntArray, Recording
from micromask.recordings import read
from micromask.studies.files import FILE_MODE

LONGEST = 1280
"""The longer side of the played film is at most this many px."""

KEY_EVERY = 12
"""Every twelfth frame stands alone: a jump decodes at most this many."""

TICK = Fraction(1, 1_000_000)
ENCODER = {"preset": "veryfast", "crf": "21", "g": str(KEY_EVERY), "bf": "0", "sc_threshold": "0", "mbtree": "0"}
"""Without B-frames frames are stored as they are shown, and the first one is at 0 s."""

BT709 = 1


@dataclass(frozen=True, slots=True, eq=False)
class FilmClock:
    """What a played film shows when: ``frames`` (N,) are numbers of the recording's frames, ascending, and ``times``
    (N,) their seconds from the recording's first frame. The film itself begins with the first of them at 0 s.

    A film that breaks off has fewer frames than its recording should have; a frame that cannot be decoded is missing.
    """

    frames: IntArray
    times: FloatArray


def make_playable(recording: Recording, out: Path, *, progress: Callable[[int], None] | None = None) -> FilmClock:
    """Write a recording as an MP4 that every browser plays, and its clock beside it (`read_clock`).

    Parameters
    ----------
    recording : Recording
        From `micromask.recordings.probe`.
    out : Path
        Ends with .mp4. Film and clock take the place of older ones once both are whole.
    progress : callable, optional
        Called with the number of frames done, now and then; an error that it raises stops the work and leaves nothing
        behind.

    Returns
    -------
    FilmClock

    Raises
    ------
    BadInputError
        If no frame of the recording can be read.
    BadOutputError
        If the place is missing, full or not writable.
    """
    frames: list[int] = []
    times: list[float] = []
    with _parts(out) as (film, clock):
        container = av.open(f"file:{film}", "w", format="mp4", options={"movflags": "+faststart"})
        with closing(container):
            stream: VideoStream | None = None
            for frame in read(recording, colour=True, longest=LONGEST):
                if stream is None:
                    stream = _add_stream(container, recording, frame)
                frames.append(frame.index)
                times.append(frame.time)
                container.mux(stream.encode(_picture(frame, stream, times[0], recording.fps)))
                if progress is not None and len(frames) % 8 == 0:
                    progress(len(frames))
            if stream is None:
                raise BadInputError(f"{recording.path.name}: none of its frames can be read; record or copy it again")
            container.mux(stream.encode(None))
        made = FilmClock(np.array(frames, dtype=np.int32), np.array(times, dtype=np.float64))
        with clock.open("wb") as file:
            np.savez(file, allow_pickle=False, frames=made.frames, times=made.times)
    if progress is not None:
        progress(len(frames))
    return made


def read_clock(film: Path) -> FilmClock:
    """The clock that lies beside a played film.

    Raises
    ------
    BadInputError
        If it is not there or is damaged.
    """
    try:
        with np.load(clock_path(film), allow_pickle=False) as stored:
            return FilmClock(stored["frames"], stored["times"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise BadInputError(f"the film to be played is missing or damaged ({error}): analyse it again") from None


def clock_path(film: Path) -> Path:
    """Where the clock of a played film lies.

    >>> clock_path(Path("films/3/play.mp4")).as_posix()
    'films/3/play.npz'
    """
    return film.with_suffix(".npz")


def _add_stream(container: OutputContainer, recording: Recording, frame: Frame) -> VideoStream:
    rate = Fraction(recording.fps).limit_denominator(1001)
    stream = container.add_stream("libx264", rate=rate, options=dict(ENCODER))
    assert isinstance(stream, VideoStream)
    height, width = frame.image.shape[:2]
    stream.height, stream.width = max(2, height - height % 2), max(2, width - width % 2)
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = TICK
    stream.codec_context.thread_count = 1
    stream.codec_context.colorspace = BT709
    return stream


def _picture(frame: Frame, stream: VideoStream, begins: float, fps: float) -> VideoFrame:
    picture = VideoFrame.from_ndarray(np.ascontiguousarray(frame.image), "rgb24")
    picture = picture.reformat(stream.width, stream.height, "yuv420p", dst_colorspace=Colorspace.ITU709, threads=1)
    picture.pts, picture.time_base = round((frame.time - begins) / TICK), TICK
    picture.duration = round(1 / fps / TICK)
    return picture


@contextmanager
def _parts(out: Path) -> Iterator[tuple[Path, Path]]:
    """Names beside film and clock to write to, moved there at the end, gone after an error."""
    film, clock = (out.with_name(f".{out.stem}.{os.getpid()}.part{ending}") for ending in (".mp4", ".npz"))
    try:
        yield film, clock
        for made in (film, clock):
            made.chmod(FILE_MODE)
        clock.replace(clock_path(out))
        film.replace(out)
    except (OSError, av.FFmpegError) as error:
        raise BadOutputError(f"{out}: cannot be written ({error.strerror or error})") from None
    finally:
        film.unlink(missing_ok=True)
        clock.unlink(missing_ok=True)

"""Decode a film's frames one after another, each with its number, as far as it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from micromask.recordings.track import Track, open_film, read_track

MOST_THREADS = 8
"""Decoding threads; each holds one more frame in memory."""


class FilmBrokeError(Exception):
    """A film ends before its time: ``index`` is the first frame that could not be read."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


def film_frames(path: Path, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, VideoFrame]]:
    """Decoded frames ``start`` to ``stop`` (not included) with their numbers, ascending.

    A frame for which the decoder gives neither a picture nor an error (a frame marked as dropped) is left out: the
    numbers then skip it.

    Raises
    ------
    FilmBrokeError
        Where the film cannot be read further before ``stop``.
    BadInputError
        If it cannot be opened.
    """
    track = read_track(path)
    end = track.n_frames if stop is None else min(stop, track.n_frames)
    if start >= end:
        _check_whole(track, end, stop)
        return
    if start and track.ticks is not None:
        frames = _decode(path, track, end, start)
        first = next(frames, None)
        if first is not None:
            yield first
            yield from frames
            _check_whole(track, end, stop)
            return
    for index, frame in _decode(path, track, end, None):
        if index >= start:
            yield index, frame
    _check_whole(track, end, stop)


def _check_whole(track: Track, end: int, stop: int | None) -> None:
    wanted = end if track.declared is None else track.declared if stop is None else min(stop, track.declared)
    if wanted > track.n_frames:
        reason = f"the film breaks off after frame {track.n_frames - 1}: it should hold {track.declared} frames"
        raise FilmBrokeError(track.n_frames, f"{reason} and holds {track.n_frames}")


def _decode(path: Path, track: Track, end: int, seek_to: int | None) -> Iterator[tuple[int, VideoFrame]]:
    """Frames up to ``end``: from the beginning, or from ``seek_to``, and none at all if the seek does not land well.

    A seek lands well if exactly the wanted frame comes, and whole, after none or some before it. A film that begins
    with pictures which refer to others that are gone begins at its first whole key frame. After trouble, the frames
    that the decoder still holds are good as long as no number is missing.
    """
    container, stream = open_film(path)
    with closing(container):
        stream.codec_context.thread_type = "AUTO"
        stream.codec_context.thread_count = min(os.cpu_count() or 1, MOST_THREADS)
        if seek_to is not None and track.ticks is not None:
            try:
                container.seek(int(track.ticks[seek_to]), stream=stream, backward=True)
            except (av.FFmpegError, OSError):
                return
        start = -1 if seek_to is None else seek_to
        last = max(start - 1, -1)
        size: tuple[int, int] | None = None
        trouble = ""
        for frame, error in decoded(container, stream):
            trouble = trouble or error
            if frame is None:
                continue
            damaged = "its data is damaged" if frame.is_corrupt else ""
            index = _number(track, frame)
            if seek_to is not None and last < seek_to:
                if index is not None and index < seek_to:
                    continue
                if index != seek_to or trouble or damaged:
                    return
            elif last < 0:
                trouble = trouble or damaged
                if trouble and (damaged or not frame.key_frame):
                    continue
                trouble = ""
            index = last + 1 if index is None else max(index, last + 1)
            now = (frame.height, frame.width)
            size = size or now
            if size != now:
                damaged = f"the picture changes from {size[1]}x{size[0]} to {now[1]}x{now[0]} px"
            if damaged or (trouble and index > last + 1):
                trouble = trouble or damaged
                break
            if index >= end:
                return
            last = index
            yield index, frame
            if last == end - 1:
                return
    if last < end - 1 and last >= start:
        raise FilmBrokeError(last + 1, f"frame {last + 1} cannot be decoded: {trouble or 'no picture comes'}")


def decoded(container: InputContainer, stream: VideoStream) -> Iterator[tuple[VideoFrame | None, str]]:
    """Frames as the decoder gives them; after an error (None, what it was), and then the frames that it still holds.

    Errors before the first frame are passed over: a film that was cut out of another begins with pictures that refer
    to others that are gone.
    """
    begun = False
    try:
        for packet in container.demux(stream):
            if packet.is_corrupt and begun:
                yield None, "its data is damaged or cut off"
                break
            if packet.is_corrupt or not packet.size:
                continue
            try:
                frames = stream.decode(packet)
            except (av.FFmpegError, OSError) as error:
                yield None, _what_happened(error)
                if begun:
                    break
                continue
            for frame in frames:
                begun = True
                yield frame, ""
    except (av.FFmpegError, OSError) as error:
        yield None, _what_happened(error)
    try:
        for frame in stream.decode(None):
            yield frame, ""
    except (av.FFmpegError, OSError) as error:
        yield None, _what_happened(error)


def _what_happened(error: Exception) -> str:
    return f"its data is damaged ({getattr(error, 'strerror', None) or type(error).__name__})"


def _number(track: Track, frame: VideoFrame) -> int | None:
    """A frame's number by its presentation time, the first of several that share it; None where it has none."""
    if track.ticks is None or frame.pts is None:
        return None
    at = int(np.searchsorted(track.ticks, frame.pts))
    return at if at < len(track.ticks) and track.ticks[at] == frame.pts else None

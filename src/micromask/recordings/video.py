"""A film as a Recording: its packets are counted, and of its pictures one is decoded."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import av
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame

from micromask.core.errors import BadInputError
from micromask.core.types import Recording
from micromask.recordings.clock import rate_and_times, seconds_from_first
from micromask.recordings.decode import decoded
from micromask.recordings.orient import UPRIGHT, Turn, turn_of_matrix, turned_size
from micromask.recordings.track import open_film, read_track


def probe_film(path: Path) -> Recording:
    """A film as a Recording; its packets are counted and its first frame alone is decoded. Errors as in ``probe``."""
    track = read_track(path)
    if not track.n_frames:
        raise BadInputError(f"{path}: its video track holds no frame; record or copy it again")
    size, turn = _first_picture(path)
    times = None
    if track.ticks is None:
        fps = next((float(rate) for rate in track.rates if rate), 25.0)
    else:
        fps, times = rate_and_times(seconds_from_first(track.ticks, track.tick), track.tick, track.rates)
    return Recording(
        id=path.stem,
        path=path,
        fps=fps,
        n_frames=track.n_frames,
        size=turned_size(size, turn),
        times=times,
        declared_frames=track.declared,
    )


def _first_picture(path: Path) -> tuple[tuple[int, int], Turn]:
    """Stored (H, W) and turn of the first frame that can be decoded."""
    frame = _first_key_frame(path) or _first_frame(path)
    if frame is None:
        raise BadInputError(f"{path}: none of its frames can be decoded; record or copy it again")
    return (frame.height, frame.width), turn_of_frame(frame)


def _first_key_frame(path: Path) -> VideoFrame | None:
    """The first frame that stands alone: it comes out by itself once the decoder is told that nothing follows."""
    container, stream = open_film(path)
    with closing(container):
        try:
            for packet in container.demux(stream):
                if packet.size and packet.is_keyframe and not packet.is_corrupt:
                    frames = stream.decode(packet) or stream.decode(None)
                    return frames[0] if frames else None
        except (av.FFmpegError, OSError):
            pass
    return None


def _first_frame(path: Path) -> VideoFrame | None:
    container, stream = open_film(path)
    with closing(container):
        return next((frame for frame, _ in decoded(container, stream) if frame is not None), None)


def turn_of_frame(frame: VideoFrame) -> Turn:
    """How a decoded frame is to be turned so that it stands upright."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return turn_of_matrix(memoryview(matrix).cast("i")) if isinstance(matrix, SideData) else UPRIGHT

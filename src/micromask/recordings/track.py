"""What a film's packets say, without decoding any: how many frames it holds and when each is shown.

Every packet of the first video track is looked at (some hundred thousand a second), so the count is exact and frames
can be numbered by presentation time, also with B-frames, on a variable rate and after a seek.
"""

from __future__ import annotations

import math
import re
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from micromask.core.errors import BadInputError
from micromask.recordings.damage import ends_early, why_unreadable

FILM_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        *("mp4", "mov", "m4v", "avi", "mkv", "webm", "gif", "mpg", "mpeg", "m2v", "vob", "wmv", "asf", "flv", "f4v"),
        *("3gp", "3g2", "ts", "mts", "m2ts", "ogv", "mxf", "divx", "y4m", "h264", "264", "h265", "265", "hevc"),
    )
)
"""How names of films end, in small letters."""


MISSING_SECONDS, MISSING_FRAMES = 0.5, 3
"""A film without a count of frames breaks off if it ends by more than both of these before it says it does."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What the packets of a film's first video track say.

    ``ticks`` (T,) are the presentation times of the frames that can be shown, ascending, in units of ``tick`` seconds;
    None where packets carry no times (a raw H.264 file), and then frames are counted.
    """

    n_frames: int
    ticks: NDArray[np.int64] | None
    tick: Fraction
    rates: tuple[Fraction | None, ...]
    declared: int | None


def open_film(path: Path) -> tuple[InputContainer, VideoStream]:
    """Open a film and find its first video track.

    Raises
    ------
    BadInputError
        If the file is missing, unreadable, no film, cut off before its index, or has no video.
    """
    try:
        container = av.open(f"file:{path}", container_options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except FileNotFoundError:
        raise BadInputError(f"{path}: no such file") from None
    except PermissionError:
        raise BadInputError(f"{path}: may not be read; check its permissions") from None
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadInputError(f"{path}: {_why_not_opened(path, error)}") from None
    streams = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not streams:
        sound = bool(container.streams.audio)
        container.close()
        raise BadInputError(f"{path}: {'holds sound only' if sound else 'holds no video'}; a recording needs pictures")
    stream = streams[0]
    if stream.codec_context is None:
        container.close()
        raise BadInputError(f"{path}: its video codec is not known here; convert it to H.264 in an .mp4")
    for other in container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    return container, stream


def _why_not_opened(path: Path, error: Exception) -> str:
    try:
        return why_unreadable(path)
    except OSError:
        return f"cannot be opened ({error})"


def read_track(path: Path) -> Track:
    """Look at every packet of a film's first video track; nothing is decoded. Errors as in ``open_film``."""
    container, stream = open_film(path)
    with closing(container):
        ticks: list[int] = []
        untimed = 0
        shown_until = -math.inf
        hides = stream.codec_context.name in ("vp8", "libvpx")
        try:
            for packet in container.demux(stream):
                if not packet.size or packet.is_discard or packet.is_corrupt or (hides and _vp8_hidden(packet)):
                    continue
                if packet.pts is None:
                    untimed += 1
                else:
                    ticks.append(packet.pts)
                    shown_until = max(shown_until, packet.pts + (packet.duration or 0))
        except (av.FFmpegError, OSError):
            pass  # what is missing shows in the count of frames
        if container.format.name == "gif" and ends_early(path):
            del ticks[-1:]  # its picture may be cut off, and the decoder would not say
        n_frames = len(ticks) + untimed
        rates = (stream.average_rate, stream.guessed_rate, stream.base_rate)
        if untimed:  # then the average is a guess, and the codec may know better
            rates = (stream.guessed_rate, stream.average_rate, stream.base_rate)
        tick = stream.time_base or Fraction(1, av.time_base)
        declared = _declared(path, container, stream, n_frames, shown_until * float(tick)) if n_frames else None
        return Track(n_frames, None if untimed else np.sort(np.array(ticks, np.int64)), tick, rates, declared)


def _declared(
    path: Path, container: InputContainer, stream: VideoStream, n_frames: int, shown_until: float
) -> int | None:
    """How many frames a container says it holds; where it gives no count but should go on, an estimate; else None."""
    count: int = stream.frames
    if count > n_frames and "mov" in container.format.name:
        return sum(not entry.is_discard for entry in stream.index_entries)
    if count > n_frames and "avi" in container.format.name and not ends_early(path):
        return max(n_frames, sum(entry.size > 0 for entry in stream.index_entries))  # AVI drops a frame by an empty one
    if count and container.format.name != "gif":  # a GIF's was counted when it was opened
        return count
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    seconds = _track_seconds(container, stream)
    gone = seconds is not None and seconds - shown_until > max(MISSING_SECONDS, MISSING_FRAMES / rate)
    if gone or ends_early(path):
        return max(n_frames + 1, round((seconds or 0) * rate))
    return None


def _track_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """How long a Matroska file says that its video lasts; None where it does not say or the file is another."""
    if "matroska" not in container.format.name:
        return None
    clock = re.fullmatch(r"(\d+):(\d+):(\d+(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if clock:
        return 3600 * int(clock[1]) + 60 * int(clock[2]) + float(clock[3])
    if len(container.streams) > 1 or container.duration is None:
        return None  # the file may last as long as its sound
    return container.duration / av.time_base


def _vp8_hidden(packet: Packet[VideoStream]) -> bool:
    """Whether a VP8 packet is only a reference for others and never shown (RFC 6386, section 9.1)."""
    return not memoryview(packet)[0] & 0x10

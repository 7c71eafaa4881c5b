"""Write a film or a folder of pictures with exact times: whole or not at all, and the same bytes each time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import Image

MICROSECOND = Fraction(1, 1_000_000)
CENTISECOND = Fraction(1, 100)


def write_film(
    path: str | Path,
    frames: Iterable[Image],
    fps: Fraction | float,
    *,
    times: Sequence[float] | None = None,
    codec: str | None = None,
    crf: int | None = 18,
    pix_fmt: str | None = None,
) -> Path:
    """Write frames as a film; a file of that name is replaced once the new one is whole.

    Parameters
    ----------
    path : str or Path
        The ending says which container: .mp4, .mkv, .avi, .gif and others.
    frames : (H, W, 3) RGB or (H, W) grey, uint8
        All of one size; taken one at a time.
    fps : Fraction or float
        Frames per second; Fraction(30000, 1001) is exact, and so is 29.97002997, which is taken for it.
    times : sequence of float, optional
        Seconds, ascending, one a frame, counted from the first, at most half an hour apart. They are kept to a
        microsecond in .mp4 and .mov, to a millisecond in .mkv and .webm, to a hundredth in .gif. Without
        them frame i is at i / fps.
    codec : str, optional
        FFmpeg's name of the encoder: libx264 if not given, gif for .gif, libvpx-vp9 for .webm.
    crf : int, optional
        Quality of encoders that know it: 0 is without loss in libx264, 18 hard to tell from it, 51 worst.
    pix_fmt : str, optional
        FFmpeg's name of the pixel format: yuv420p if not given, rgb8 for .gif.

    Returns
    -------
    Path

    Raises
    ------
    BadInputError
        If there is no frame, frames differ in size, sides are odd where the pixel format wants even ones, or times do
        not ascend or are not one a frame.
    BadOutputError
        If the place is missing, full or not writable, or the encoder is not there or refuses these frames.
    """
    path = Path(path)
    if not fps > 0:
        raise BadInputError(f"{path}: fps must be positive, got {fps}")
    gif = path.suffix.lower() == ".gif"
    codec = codec or {".gif": "gif", ".webm": "libvpx-vp9"}.get(path.suffix.lower(), "libx264")
    pix_fmt = pix_fmt or ("rgb8" if gif else "yuv420p")
    rate = fps if isinstance(fps, Fraction) else Fraction(fps).limit_denominator(1001)
    tick = CENTISECOND if gif else 1 / rate if times is None else MICROSECOND
    clock = _ticks(path, rate, tick, times)
    with _whole_or_nothing(path, f"{codec}, {pix_fmt}") as part:
        container = _create(path, part)
        with closing(container):
            stream: VideoStream | None = None
            shape: tuple[int, ...] = ()
            written = 0
            for image in frames:
                if stream is None:
                    shape = image.shape
                    _check_sides(path, shape, pix_fmt)
                    stream = _add_stream(path, container, codec, rate, tick, pix_fmt, crf, shape)
                if image.shape != shape:
                    raise BadInputError(f"{path}: frames differ in size: {shape}, then {image.shape}")
                picture = VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24" if image.ndim == 3 else "gray")
                picture = picture.reformat(format=pix_fmt, threads=1)
                picture.pts, picture.time_base = next(clock), tick
                container.mux(stream.encode(picture))
                written += 1
            if stream is None:
                raise BadInputError(f"{path}: there is no frame to write")
            if times is not None and written < len(times):
                raise BadInputError(f"{path}: there are {len(times)} times but only {written} frames")
            container.mux(stream.encode(None))
    return path


def write_images(folder: str | Path, frames: Iterable[Image], *, suffix: str = ".png") -> Path:
    """Write frames as pictures 000000.png, 000001.png and so on in a new folder, whole or not at all.

    Parameters
    ----------
    folder : str or Path
        Must not be there yet.
    frames : (H, W, 3) RGB or (H, W) grey, uint8
    suffix : str
        .png (without loss), .jpg and others that OpenCV writes.

    Raises
    ------
    BadInputError
        If there is no frame.
    BadOutputError
        If the folder is there already, or its place is missing, full or not writable.
    """
    folder = Path(folder)
    if folder.exists():
        raise BadOutputError(f"{folder}: is there already; choose another name or remove it")
    with _whole_or_nothing(folder, f"{suffix} pictures") as part:
        part.mkdir()
        index = -1
        for index, image in enumerate(frames):
            stored = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
            try:
                data = cv2.imencode(suffix, stored)[1]
            except cv2.error:
                raise BadOutputError(f"{folder}: pictures cannot be written as {suffix}; .png always can") from None
            data.tofile(part / f"{index:06d}{suffix}")
        if index < 0:
            raise BadInputError(f"{folder}: there is no frame to write")
    return folder


def _create(path: Path, part: Path) -> OutputContainer:
    try:
        return av.open(f"file:{part}", "w", container_options={"fflags": "+bitexact"})
    except ValueError:
        raise BadOutputError(f"{path}: no film is named like this; .mp4, .mkv, .avi and .gif are known") from None


def _add_stream(
    path: Path,
    container: OutputContainer,
    codec: str,
    rate: Fraction,
    tick: Fraction,
    pix_fmt: str,
    crf: int | None,
    shape: tuple[int, ...],
) -> VideoStream:
    options: dict[str, str] = {}
    if crf is not None and codec.startswith(("libx26", "libvpx", "libaom", "libsvt")):
        options = {"crf": str(crf)} | ({"b": "0"} if codec.startswith("libvpx") else {})
    if codec == "libx264":
        options["mbtree"] = "0"  # on processors with AVX-512 its result changes from run to run
    try:
        stream = container.add_stream(codec, rate=rate, options=options)
        if not isinstance(stream, VideoStream):
            raise ValueError("this encodes no pictures")
        stream.height, stream.width = shape[:2]
        stream.pix_fmt = pix_fmt
    except ValueError as error:
        raise BadOutputError(f"{path}: cannot be written as {codec}, {pix_fmt} ({error})") from None
    stream.codec_context.time_base = tick
    stream.codec_context.thread_count = 1  # with more, the bytes may depend on the machine
    return stream


def _ticks(path: Path, rate: Fraction, tick: Fraction, times: Sequence[float] | None) -> Iterator[int]:
    """When each frame is shown, in ticks; strictly ascending."""
    last = -1
    first = 0.0 if times is None or len(times) == 0 else times[0]
    for index, time in enumerate(count() if times is None else times):
        at = round(Fraction(index) / rate / tick) if times is None else round((time - first) / float(tick))
        if at <= last:
            raise BadInputError(
                f"{path}: frame {index} is to be shown at {float(at * tick):g} s and the one before at "
                f"{float(last * tick):g} s; times must ascend by at least {float(tick):g} s in this container"
            )
        yield at
        last = at
    raise BadInputError(f"{path}: there are {len(times or ())} times but more frames")


def _check_sides(path: Path, shape: tuple[int, ...], pix_fmt: str) -> None:
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 3):
        raise BadInputError(f"{path}: frames must be (H, W, 3) RGB or (H, W) grey, got {shape}")
    if (pix_fmt.startswith(("yuv420", "yuvj420")) and shape[0] % 2) or (
        pix_fmt.startswith(("yuv42", "yuvj42")) and shape[1] % 2
    ):
        raise BadInputError(
            f"{path}: frames are {shape[1]}x{shape[0]} px but {pix_fmt} wants even sides; crop them or use yuv444p"
        )


@contextmanager
def _whole_or_nothing(path: Path, how: str) -> Iterator[Path]:
    """A name beside ``path`` to write to, moved there at the end, gone after an error."""
    if not path.parent.is_dir():
        raise BadOutputError(f"{path}: the folder {path.parent} is not there; make it first")
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    except (OSError, av.FFmpegError) as error:
        raise BadOutputError(f"{path}: cannot be written as {how} ({error.strerror or error})") from None
    finally:
        shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)

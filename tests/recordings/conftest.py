"""Films made for the tests: every picture carries its own number, so what is read can be told without trust."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

BITS = 10
BLOCK = 16
SIZE = (64, BITS * BLOCK)


def numbered(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """An RGB picture whose upper half holds its number as black and white blocks; noise below."""
    image = np.random.default_rng(number).integers(60, 190, (*size, 3), dtype=np.uint8)
    block = size[1] // BITS
    for bit in range(BITS):
        image[: size[0] // 2, bit * block : (bit + 1) * block] = 235 if number >> bit & 1 else 20
    image[: size[0] // 2, BITS * block :] = 128
    return image


def number_in(image: NDArray[np.uint8]) -> int:
    """The number in a picture of ``numbered``, grey or RGB, of any size."""
    grey = image.mean(axis=2) if image.ndim == 3 else image
    block = grey.shape[1] / BITS
    row = grey[grey.shape[0] // 8 : grey.shape[0] * 3 // 8].mean(axis=0)
    return sum(1 << bit for bit in range(BITS) if row[int((bit + 0.5) * block)] > 128)


def encode(
    path: Path,
    n_frames: int = 40,
    *,
    rate: Fraction | int = 30,
    ticks: Sequence[int] | None = None,
    tick: Fraction | None = None,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    movflags: str | None = None,
    rotation: float | None = None,
    sound: bool = False,
) -> Path:
    """A film of numbered pictures, written without the code under test."""
    container = av.open(str(path), "w", container_options={"movflags": movflags} if movflags else {})
    stream = container.add_stream(codec, rate=rate, options=options or {})
    stream.height, stream.width = size
    stream.pix_fmt = pix_fmt
    stream.thread_count = 1
    if rotation is not None:
        stream.set_display_rotation(rotation)
    if tick is not None:
        stream.codec_context.time_base = tick
    voice = container.add_stream("aac", rate=16000) if sound else None
    for number in range(n_frames):
        frame = av.VideoFrame.from_ndarray(numbered(number, size), format="rgb24").reformat(format=pix_fmt)
        frame.pts = number if ticks is None else ticks[number]
        frame.time_base = tick or 1 / Fraction(rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    if voice is not None:
        for start in range(0, 16000, 1024):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.rate, silence.pts = 16000, start
            container.mux(voice.encode(silence))
        container.mux(voice.encode(None))
    container.close()
    return path


@pytest.fixture(name="encode")
def _encode() -> Callable[..., Path]:
    return encode


@pytest.fixture(name="numbered")
def _numbered() -> Callable[..., NDArray[np.uint8]]:
    return numbered


@pytest.fixture(name="number_in")
def _number_in() -> Callable[[NDArray[np.uint8]], int]:
    return number_in


@pytest.fixture
def numbers() -> Callable[[Iterable[Any]], list[int]]:
    """The numbers that stand in the pictures of some frames."""
    return lambda frames: [number_in(frame.image) for frame in frames]


@pytest.fixture(scope="session")
def whole_films(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    """Ending and bytes of a small film in each of several containers."""
    folder = tmp_path_factory.mktemp("films")
    codecs = {"mp4": "libx264", "mkv": "libx264", "ts": "libx264", "avi": "mpeg4", "webm": "libvpx"}
    return [(end, encode(folder / f"f.{end}", 12, codec=codec).read_bytes()) for end, codec in codecs.items()]

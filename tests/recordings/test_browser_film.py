"""Films as a browser's MediaRecorder leaves them: no length in the header, no index, irregular times, sound beside."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from micromask.datasets.synthetic import vfr_times
from micromask.recordings import probe, read
from micromask.recordings.lead import lead_seconds

MILLISECOND = Fraction(1, 1000)


def record(path: Path, numbered, ticks: list[int], *, video: str = "libvpx", sound_from: int | None = 0) -> Path:
    """A live WebM film: pictures at these milliseconds, and 20 ms packets of Opus from ``sound_from`` on."""
    container = av.open(str(path), "w", format="webm", container_options={"live": "1", "cluster_time_limit": "1000"})
    stream = container.add_stream(video, rate=30, options={"deadline": "realtime", "cpu-used": "8", "crf": "10"})
    stream.height, stream.width = numbered(0).shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = MILLISECOND
    voice = None if sound_from is None else container.add_stream("libopus", rate=48000, layout="mono")
    packets = []
    for number, tick in enumerate(ticks):
        frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = tick, MILLISECOND
        packets += stream.encode(frame)
    packets += stream.encode(None)
    if voice is not None:
        for start in range(48 * (sound_from or 0), 48 * ticks[-1], 960):
            noise = np.random.default_rng(start).normal(0, 0.1, (1, 960)).astype(np.float32)
            heard = av.AudioFrame.from_ndarray(noise, format="flt", layout="mono")
            heard.rate, heard.pts, heard.time_base = 48000, start, Fraction(1, 48000)
            packets += voice.encode(heard)
        packets += voice.encode(None)
    for packet in sorted(packets, key=lambda one: float((one.dts or 0) * (one.time_base or MILLISECOND))):
        container.mux(packet)
    container.close()
    return path


def milliseconds(seconds: float, lead: int = 0) -> list[int]:
    return [lead + round(1000 * time) for time in vfr_times(seconds, 28, seed=6)]


@pytest.mark.parametrize("video", ["libvpx", "libvpx-vp9"])
def test_every_frame_of_a_browser_film_has_its_own_time(tmp_path, numbered, numbers, video):
    ticks = milliseconds(3, lead=18)
    path = record(tmp_path / "live.webm", numbered, ticks, video=video)
    with av.open(str(path)) as film:
        assert film.duration is None
        assert film.streams.video[0].frames == 0
        assert [stream.type for stream in film.streams] == ["video", "audio"]
    recording = probe(path)
    assert recording.n_frames == len(ticks)
    assert recording.times is not None
    assert recording.times.tolist() == [pytest.approx((tick - 18) / 1000, abs=1e-9) for tick in ticks]
    assert recording.declared_frames is None
    stream = read(recording, colour=True)
    found = list(stream)
    assert numbers(found) == list(range(len(ticks)))
    assert [frame.time for frame in found] == recording.times.tolist()
    assert (stream.broke_at, stream.reason) == (None, "")


@pytest.mark.parametrize("share", [0.3, 0.61, 0.95])
def test_a_browser_film_that_was_cut_off_gives_the_frames_that_are_whole(tmp_path, numbered, numbers, share):
    ticks = milliseconds(3)
    whole = record(tmp_path / "live.webm", numbered, ticks).read_bytes()
    (tmp_path / "cut.webm").write_bytes(whole[: int(share * len(whole))])
    recording = probe(tmp_path / "cut.webm")
    found = numbers(read(recording, colour=True))
    assert found == list(range(len(found)))
    assert 0.15 * len(ticks) < len(found) <= recording.n_frames < len(ticks)
    assert recording.n_frames - len(found) <= 1
    if recording.times is not None:
        assert recording.times.tolist() == [
            pytest.approx(tick / 1000, abs=1e-9) for tick in ticks[: recording.n_frames]
        ]


@pytest.mark.parametrize(
    ("lead", "sound_from", "expected"),
    [
        pytest.param(18, 0, 0.018, id="sound first"),
        pytest.param(0, 40, 0.0, id="picture first"),
        pytest.param(25, None, 0.0, id="no sound: the file begins with its first frame"),
    ],
)
def test_how_long_after_the_files_beginning_the_first_frame_comes(tmp_path, numbered, lead, sound_from, expected):
    path = record(tmp_path / "live.webm", numbered, milliseconds(1, lead), sound_from=sound_from)
    assert lead_seconds(path) == pytest.approx(expected, abs=0.0075)  # Opus begins up to 7 ms early

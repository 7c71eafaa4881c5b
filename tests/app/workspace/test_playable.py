"""The played film shows every frame of its recording at its own time, whatever the recording is."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from micromask.app.workspace.playable import KEY_EVERY, clock_path, make_playable, read_clock
from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import FloatArray, Image, Recording
from micromask.datasets.synthetic import vfr_times
from micromask.recordings import probe, write_film, write_images

BITS = 8


def picture(number: int, height: int = 72, width: int = 96) -> Image:
    """A picture that says its number in black and white columns."""
    columns = np.arange(width) * BITS // width
    row = np.where(number >> columns & 1, 235, 16).astype(np.uint8)
    return np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=2)


def number_in(grey: Image) -> int:
    height, width = grey.shape
    return sum(1 << bit for bit in range(BITS) if grey[height // 2, (2 * bit + 1) * width // (2 * BITS)] > 125)


def shown(film: Path) -> tuple[list[int], FloatArray, list[bool]]:
    """Numbers, times (s) and which are key frames, as another reader sees them."""
    with av.open(str(film)) as container:
        found = [
            (number_in(one.to_ndarray(format="gray")[: one.height, : one.width]), float(one.time or 0), one.key_frame)
            for one in container.decode(video=0)
        ]
    numbers, times, keys = zip(*found, strict=True)
    return list(numbers), np.array(times), list(keys)


def test_a_variable_frame_rate_keeps_every_time_to_the_microsecond(tmp_path: Path) -> None:
    times = vfr_times(4.0, 30)
    film = write_film(tmp_path / "film.mkv", map(picture, range(len(times))), 30, times=times)
    recording = probe(film)
    assert recording.times is not None
    clock = make_playable(recording, tmp_path / "play.mp4")
    numbers, found, _ = shown(tmp_path / "play.mp4")
    assert numbers == list(range(len(times)))
    np.testing.assert_allclose(found, recording.times, atol=1e-6)
    np.testing.assert_array_equal(clock.times, recording.times)
    assert clock.frames.tolist() == numbers


def test_two_hundred_frames_a_second_are_two_hundred(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", map(picture, range(150)), 200)
    make_playable(probe(film), tmp_path / "play.mp4")
    numbers, found, keys = shown(tmp_path / "play.mp4")
    assert numbers == list(range(150))
    np.testing.assert_allclose(found, np.arange(150) / 200, atol=1e-6)
    gaps = np.diff(np.flatnonzero([*keys, True]))
    assert gaps.max() <= KEY_EVERY
    with av.open(str(tmp_path / "play.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.duration == 750_000


def test_a_film_that_breaks_off_is_played_as_far_as_it_goes(tmp_path: Path, index_first: Path) -> None:
    whole = index_first.read_bytes()
    film = tmp_path / "broken.mp4"
    film.write_bytes(whole[: len(whole) * 2 // 3])
    recording = probe(film)
    assert recording.declared_frames == 90
    clock = make_playable(recording, tmp_path / "play.mp4")
    assert 20 < len(clock.frames) < 90
    numbers, times, _ = shown(tmp_path / "play.mp4")
    assert len(numbers) == len(clock.frames)
    np.testing.assert_allclose(times, clock.times, atol=1e-6)
    np.testing.assert_allclose(times[:50], np.arange(50) / 30, atol=1e-6)


def test_a_film_whose_first_frames_are_gone_begins_at_zero_with_the_number_that_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = write_film(tmp_path / "film.mp4", map(picture, range(40)), 25)
    recording = probe(film)
    import micromask.app.workspace.playable as module

    read = module.read
    monkeypatch.setattr(
        module, "read", lambda *args, **how: (one for one in read(*args, **how) if one.index not in (0, 1, 7))
    )
    clock = make_playable(recording, tmp_path / "play.mp4")
    numbers, times, _ = shown(tmp_path / "play.mp4")
    assert numbers == clock.frames.tolist() == [number for number in range(40) if number not in (0, 1, 7)]
    assert times[0] == 0
    np.testing.assert_allclose(times + clock.times[0], clock.frames / 25, atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(101, 133), (1, 64), (1500, 2001)])
def test_odd_and_large_pictures_become_even_and_small_enough(tmp_path: Path, height: int, width: int) -> None:
    film = write_film(
        tmp_path / "film.mkv",
        (picture(n, height, width) for n in range(3)),
        25,
        codec="ffv1",
        crf=None,
        pix_fmt="yuv444p",
    )
    make_playable(probe(film), tmp_path / "play.mp4")
    with av.open(str(tmp_path / "play.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.width % 2 == stream.height % 2 == 0
        assert max(stream.width, stream.height) <= 1280
        assert stream.pix_fmt == "yuv420p"


def test_a_folder_of_images_is_played_too(tmp_path: Path) -> None:
    write_images(tmp_path / "images", map(picture, range(10)))
    clock = make_playable(probe(tmp_path / "images", image_fps=100.0), tmp_path / "play.mp4")
    assert shown(tmp_path / "play.mp4")[0] == list(range(10))
    np.testing.assert_allclose(clock.times, np.arange(10) / 100)


def test_the_clock_beside_the_film_is_the_one_that_was_returned(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", map(picture, range(20)), 25)
    told: list[int] = []
    made = make_playable(probe(film), tmp_path / "play.mp4", progress=told.append)
    kept = read_clock(tmp_path / "play.mp4")
    np.testing.assert_array_equal(kept.frames, made.frames)
    np.testing.assert_array_equal(kept.times, made.times)
    assert told == [8, 16, 20]
    for path in (tmp_path / "play.mp4", clock_path(tmp_path / "play.mp4")):
        assert path.stat().st_mode & 0o777 == 0o600


def test_who_stops_it_finds_nothing_left_behind(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", map(picture, range(20)), 25)

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_playable(probe(film), tmp_path / "play.mp4", progress=stop)
    assert [one.name for one in tmp_path.iterdir()] == ["film.mp4"]


def test_what_cannot_be_read_or_written_is_told_in_one_line(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", map(picture, range(5)), 25)
    recording = probe(film)
    with pytest.raises(BadOutputError, match=r"play\.mp4: cannot be written \(No such file"):
        make_playable(recording, tmp_path / "nowhere" / "play.mp4")
    nothing = Recording("none", film, 25.0, 1, (72, 96))
    data = bytearray(film.read_bytes())
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    film.write_bytes(data)
    with pytest.raises(BadInputError, match=r"film\.mp4: none of its frames can be read"):
        make_playable(nothing, tmp_path / "play.mp4")
    with pytest.raises(BadInputError, match=r"missing or damaged .*: analyse it again"):
        read_clock(tmp_path / "play.mp4")

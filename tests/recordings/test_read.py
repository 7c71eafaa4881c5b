"""Whether the frames that are read are the frames that are there."""

from __future__ import annotations

import gc
import weakref
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from micromask.recordings import probe, read

KINDS = {
    "mp4 with B-frames": ("mp4", {"codec": "libx264", "options": {"bf": "3", "g": "12"}}),
    "mp4 without": ("mp4", {"codec": "libx264", "options": {"bf": "0", "g": "10"}}),
    "mp4 in fragments": ("mp4", {"codec": "libx264", "movflags": "frag_keyframe+empty_moov", "options": {"g": "9"}}),
    "open groups of pictures": (
        "mkv",
        {"codec": "libx264", "options": {"g": "8", "x264-params": "open-gop=1:bframes=3"}},
    ),
    "transport stream": ("ts", {"codec": "libx264", "options": {"g": "8", "x264-params": "open-gop=1:bframes=3"}}),
    "avi": ("avi", {"codec": "mpeg4", "options": {"bf": "2", "g": "10"}}),
    "webm": ("webm", {"codec": "libvpx", "options": {"auto-alt-ref": "1", "lag-in-frames": "16", "cpu-used": "8"}}),
    "raw H.264": ("h264", {"codec": "libx264", "options": {"g": "10"}}),
    "lossless in mkv": ("mkv", {"codec": "ffv1"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_comes_once_and_any_range_is_exact(tmp_path, encode, numbers, kind):
    ending, how = KINDS[kind]
    film = probe(encode(tmp_path / f"film.{ending}", 40, **how))
    assert film.n_frames == 40
    stream = read(film)
    frames = list(stream)
    assert [f.index for f in frames] == numbers(frames) == list(range(40))
    assert (stream.broke_at, stream.reason) == (None, "")
    for start, stop in [(1, 3), (7, 8), (11, 17), (23, 26), (39, 40), (38, None), (40, None), (5, 5)]:
        some = list(read(film, start=start, stop=stop))
        assert [f.index for f in some] == numbers(some) == list(range(40))[start:stop]
        assert [f.time for f in some] == [f.time for f in frames[start:stop]]


def test_ranges_are_exact_on_a_variable_clock(tmp_path, encode, numbers):
    ticks = np.cumsum(np.random.default_rng(1).integers(5, 60, 40)).tolist()
    film = probe(encode(tmp_path / "film.mkv", 40, ticks=ticks, tick=Fraction(1, 1000), options={"g": "9"}))
    for start in range(0, 40, 7):
        frames = list(read(film, start=start, stop=start + 4))
        assert numbers(frames) == list(range(40))[start : start + 4]
        np.testing.assert_allclose([f.time for f in frames], (np.array(ticks) - ticks[0])[start : start + 4] / 1000)


def test_a_stream_can_be_read_again(tmp_path, encode, numbers):
    stream = read(probe(encode(tmp_path / "film.mp4", 10)))
    assert numbers(stream) == numbers(stream) == list(range(10))


def test_grey_is_the_luma_as_it_is_stored(tmp_path, encode):
    path = encode(tmp_path / "film.mp4", 3)
    with av.open(str(path)) as container:
        stored = [f.to_ndarray()[: f.height] for f in container.decode(video=0)]
    for frame, luma in zip(read(probe(path)), stored, strict=True):
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous
        np.testing.assert_array_equal(frame.image, luma)


@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv444p", "yuv422p"])
def test_grey_is_the_same_luma_in_other_pixel_formats(tmp_path, encode, pix_fmt):
    plain, other = (
        next(iter(read(probe(encode(tmp_path / f"{name}.mp4", 1, pix_fmt=name, options={"crf": "1"})))))
        for name in ("yuv420p", pix_fmt)
    )
    assert np.abs(plain.image.astype(int) - other.image).mean() < 1.5


def test_colour_comes_back_as_it_was(tmp_path, encode, numbered):
    path = encode(tmp_path / "film.avi", 3, codec="rawvideo", pix_fmt="bgr24")  # stored bottom up
    for frame in read(probe(path), colour=True):
        np.testing.assert_array_equal(frame.image, numbered(frame.index))
        assert frame.image.flags.c_contiguous


def test_grey_of_an_rgb_film_spans_black_to_white(tmp_path, encode, numbered):
    path = encode(tmp_path / "film.avi", 2, codec="rawvideo", pix_fmt="bgr24")
    for frame in read(probe(path)):
        wanted = cv2.cvtColor(numbered(frame.index), cv2.COLOR_RGB2GRAY)
        assert np.abs(frame.image.astype(int) - wanted).max() <= 2


@pytest.mark.parametrize("colour", [False, True])
def test_large_frames_are_scaled_down_by_averaging(tmp_path, encode, numbers, colour):
    film = probe(encode(tmp_path / "film.mp4", 4, size=(256, 640), options={"crf": "10"}))
    whole = list(read(film, colour=colour))
    small = list(read(film, colour=colour, longest=280))
    assert {f.image.shape[:2] for f in small} == {(112, 280)}
    assert {f.scale for f in small} == {280 / 640}
    assert numbers(small) == [0, 1, 2, 3]
    for one, other in zip(whole, small, strict=True):
        wanted = cv2.resize(one.image, (280, 112), interpolation=cv2.INTER_AREA)
        assert np.abs(wanted.astype(int) - other.image).mean() < (3 if colour else 1)
    same = next(iter(read(film, colour=colour, longest=640)))
    assert same.scale == 1
    np.testing.assert_array_equal(same.image, whole[0].image)


def test_an_8k_frame_can_be_read_small(tmp_path, encode):
    path = encode(tmp_path / "film.avi", 1, size=(4320, 7680), codec="mjpeg", pix_fmt="yuvj420p", rate=1)
    film = probe(path)
    assert film.size == (4320, 7680)
    frame = next(iter(read(film, longest=960)))
    assert frame.image.shape == (540, 960)
    assert frame.scale == 0.125


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
@pytest.mark.parametrize("colour", [False, True])
def test_a_film_on_its_side_is_put_upright(tmp_path, encode, number_in, degrees, colour):
    film = probe(encode(tmp_path / "film.mp4", 6, rotation=degrees))
    quarter = degrees in (90, -90)
    assert film.size == ((160, 64) if quarter else (64, 160))
    for frame in read(film, colour=colour, longest=100, start=2, stop=5):
        assert frame.image.shape[:2] == ((100, 40) if quarter else (40, 100))
        # a positive angle turns counterclockwise; np.rot90 with a negative one brings the number back
        assert number_in(np.rot90(frame.image, -degrees // 90)) == frame.index
        assert frame.image.flags.c_contiguous


def test_an_animated_gif_is_a_film(tmp_path, encode, numbers):
    ticks = [0, 4, 8, 30, 34, 38]
    film = probe(
        encode(tmp_path / "film.GIF", 6, ticks=ticks, tick=Fraction(1, 100), codec="gif", pix_fmt="rgb8", rate=25)
    )
    np.testing.assert_allclose(film.times, np.array(ticks) / 100)
    assert numbers(read(film)) == list(range(6))
    assert next(iter(read(film, colour=True))).image.shape == (64, 160, 3)


@pytest.mark.parametrize("name", ["Zoë – 你好.mp4", "a:b %03d.mp4", "film"])
def test_any_file_name_will_do(tmp_path, encode, numbers, name):
    path = encode(tmp_path / "film.mp4", 3).rename(tmp_path / name)
    film = probe(str(path))
    assert film.id == path.stem
    assert numbers(read(film)) == [0, 1, 2]


def test_sound_beside_the_film_changes_nothing(tmp_path, encode, numbers):
    film = probe(encode(tmp_path / "film.mp4", 15, sound=True))
    assert (film.n_frames, film.declared_frames) == (15, 15)
    assert numbers(read(film, start=4)) == list(range(4, 15))


def test_no_more_than_one_frame_is_kept_alive(tmp_path, encode):
    film = probe(encode(tmp_path / "film.mp4", 60))
    seen: list[weakref.ref[np.ndarray]] = []
    gc.disable()
    try:
        for frame in read(film):
            seen.append(weakref.ref(frame.image))
            assert frame.image.base is None, "a view would keep the decoder's memory"
            assert sum(ref() is not None for ref in seen) <= 2
    finally:
        gc.enable()
    assert len(seen) == 60


def test_leaving_the_loop_early_closes_the_file(tmp_path, encode):
    film = probe(encode(tmp_path / "film.mp4", 30))
    for frame in read(film):
        if frame.index == 3:
            break
    film.path.unlink()
    assert frame.index == 3


@pytest.mark.parametrize("wrong", [{"start": -1}, {"stop": -2}, {"longest": 0}])
def test_impossible_wishes_are_refused_at_once(tmp_path, encode, wrong):
    film = probe(encode(tmp_path / "film.mp4", 2))
    with pytest.raises(ValueError, match="got"):
        read(film, **wrong)


@pytest.mark.shared
def test_real_clips_are_whole(shared):
    for path in sorted((shared / "clips").glob("*.mp4")):
        film = probe(path)
        stream = read(film, longest=480)
        assert [f.index for f in stream] == list(range(film.n_frames))
        assert film.n_frames == film.declared_frames
        assert stream.broke_at is None

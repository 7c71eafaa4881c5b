"""What a broken film gives: its whole frames, where it broke and why, or one clear line."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from micromask.core.errors import BadInputError
from micromask.recordings import probe, read

GROUP = {"g": "10", "bf": "2"}


def cut(path: Path, share: float) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_an_mp4_that_is_cut_off_gives_its_frames_up_to_the_cut(tmp_path, encode, numbers, share):
    path = cut(encode(tmp_path / "film.mp4", 60, movflags="faststart", options=GROUP), share)
    film = probe(path)
    assert film.declared_frames == 60
    assert 0 < film.n_frames < 60
    stream = read(film)
    frames = list(stream)
    assert numbers(frames) == [f.index for f in frames] == list(range(len(frames)))
    assert len(frames) >= film.n_frames - 3  # frames that wait for a lost one may be lost with it
    assert stream.broke_at == len(frames)
    assert "60 frames" in stream.reason or "cannot be decoded" in stream.reason


def test_a_range_before_the_cut_is_whole_and_one_beyond_it_is_not(tmp_path, encode, numbers):
    film = probe(cut(encode(tmp_path / "film.mp4", 60, movflags="faststart", options=GROUP), 0.6))
    before = read(film, start=5, stop=12)
    assert numbers(before) == list(range(5, 12))
    assert before.broke_at is None
    beyond = read(film, start=film.n_frames + 2)
    assert list(beyond) == []
    assert beyond.broke_at == film.n_frames


@pytest.mark.parametrize(("ending", "codec"), [("mkv", "libx264"), ("webm", "libvpx"), ("avi", "mjpeg")])
def test_other_containers_that_are_cut_off_say_so_too(tmp_path, encode, numbers, ending, codec):
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    film = probe(cut(encode(tmp_path / f"film.{ending}", 60, codec=codec, pix_fmt=pix_fmt), 0.6))
    assert film.declared_frames == 60
    stream = read(film)
    frames = list(stream)
    assert numbers(frames) == list(range(len(frames)))
    assert 20 < len(frames) < 50
    assert stream.broke_at == len(frames)


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_gif_that_is_cut_off_says_so(tmp_path, encode, numbers, share):
    film = probe(cut(encode(tmp_path / "film.gif", 20, codec="gif", pix_fmt="rgb8", rate=25), share))
    stream = read(film)
    assert numbers(stream) == list(range(film.n_frames))
    assert stream.broke_at == film.n_frames < 20 * share


def damaged(path: Path, seed: int) -> Path:
    """The same file with 3000 random bytes in its middle."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = np.random.default_rng(seed).bytes(3000)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("seed", range(4))
def test_a_film_with_damaged_bytes_ends_there_and_shows_no_broken_picture(tmp_path, encode, numbers, seed):
    stream = read(probe(damaged(encode(tmp_path / "film.mp4", 60, options=GROUP), seed)))
    frames = list(stream)
    assert numbers(frames) == [f.index for f in frames] == list(range(len(frames)))
    assert 20 <= len(frames) < 40
    assert stream.broke_at == len(frames)
    assert "damaged" in stream.reason


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_matroska_film_shows_whole_pictures_at_their_true_times(tmp_path, encode, numbers, seed):
    stream = read(probe(damaged(encode(tmp_path / "film.mkv", 60, options=GROUP), seed)))
    frames = list(stream)
    shown = numbers(frames)
    assert len(shown) >= 20
    assert shown == [round(f.time * 30) for f in frames]
    # the container can find its next cluster after the damage: then the lost frames are a gap in the times
    assert stream.broke_at == len(frames) or shown[-1] == 59


def test_a_film_whose_picture_changes_size_ends_there(tmp_path, encode):
    one, other = (encode(tmp_path / f"{w}.h264", 10, size=(64, w)) for w in (160, 320))
    path = tmp_path / "both.h264"
    path.write_bytes(one.read_bytes() + other.read_bytes())
    stream = read(probe(path))
    assert len(list(stream)) == stream.broke_at == 10
    assert "160x64" in stream.reason
    assert "320x64" in stream.reason


def test_a_film_cut_out_of_another_begins_at_its_first_key_frame(tmp_path, encode, numbers):
    path = encode(tmp_path / "film.ts", 60, options=GROUP)
    data = path.read_bytes()
    path.write_bytes(data[len(data) // 3 // 188 * 188 :])
    frames = list(read(probe(path)))
    shown = numbers(frames)
    assert len(shown) >= 25
    assert shown == list(range(shown[0], 60))
    assert np.diff([f.index for f in frames]).tolist() == [1] * (len(frames) - 1)


def no_index(path: Path, encode) -> None:
    cut(encode(path, 60), 0.6)


def only_sound(path: Path, encode) -> None:
    with av.open(str(path), "w") as container:
        voice = container.add_stream("aac", rate=16000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), format="fltp", layout="mono")
        silence.rate = 16000
        container.mux(voice.encode(silence))
        container.mux(voice.encode(None))


def no_frames(path: Path, encode) -> None:
    path.write_bytes(b"YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420\n")


def playlist(path: Path, encode) -> None:
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")


BAD = {
    "missing": (lambda path, encode: None, "no such file"),
    "empty": (lambda path, encode: path.touch(), "is empty"),
    "text": (lambda path, encode: path.write_text("hello\n" * 400), "is not a film"),
    "noise": (lambda path, encode: path.write_bytes(np.random.default_rng(0).bytes(5000)), "is not a film"),
    "no index": (no_index, "cut off before its index"),
    "only sound": (only_sound, "sound only"),
    "no frames": (no_frames, "no frame"),
    "playlist": (playlist, "film|video|frame"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_film_is_one_clear_line(tmp_path, encode, kind):
    make, line = BAD[kind]
    path = tmp_path / "film.mp4"
    make(path, encode)
    with pytest.raises(BadInputError, match=line) as caught:
        probe(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_film_that_vanishes_before_it_is_read_is_bad_input(tmp_path, encode):
    film = probe(encode(tmp_path / "film.mp4", 3))
    film.path.unlink()
    with pytest.raises(BadInputError, match="no such file"):
        list(read(film))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_wrong_the_answer_is_frames_or_bad_input(tmp_path, whole_films, data):
    ending, content = data.draw(st.sampled_from(whole_films))
    broken = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        length = data.draw(st.sampled_from([1, 4, 40, 400]))
        broken[at : at + length] = data.draw(st.binary(min_size=length, max_size=length))
    if data.draw(st.booleans()):
        broken = broken[: data.draw(st.integers(0, len(broken)))]
    path = tmp_path / f"film.{ending}"
    path.write_bytes(broken)
    try:
        stream = read(probe(path), longest=200)
        indexes = [frame.index for frame in stream]
    except BadInputError:
        return
    assert indexes == sorted(set(indexes))
    assert (stream.broke_at is None) == (stream.reason == "")

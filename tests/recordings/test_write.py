"""Whether what is written is there whole, at its exact times, and the same each time."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.recordings import probe, read, write_film, write_images


@pytest.fixture
def pictures(numbered):
    return [numbered(i) for i in range(15)]


def presented(path):
    with av.open(str(path)) as container:
        return [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), 30000 / 1001, 200.0, 1.0, Fraction(1, 2)])
def test_a_uniform_film_has_exact_times(tmp_path, pictures, numbers, rate):
    path = write_film(tmp_path / "film.mp4", iter(pictures), rate)
    exact = Fraction(rate).limit_denominator(1001)
    assert presented(path) == pytest.approx([float(i / exact) for i in range(15)], abs=1e-12)
    film = probe(path)
    assert (film.fps, film.n_frames, film.times) == (float(exact), 15, None)
    assert numbers(read(film)) == list(range(15))


@pytest.mark.parametrize(
    ("ending", "tick"), [("mp4", 1e-6), ("mov", 1e-6), ("mkv", 1e-3), ("webm", 1e-3), ("gif", 1e-2)]
)
def test_a_variable_film_has_the_times_it_was_given(tmp_path, pictures, numbers, ending, tick):
    times = np.cumsum(np.random.default_rng(2).uniform(0.021, 0.06, 15)) + 5
    path = write_film(tmp_path / f"film.{ending}", pictures, 25, times=times.tolist())
    np.testing.assert_allclose(presented(path), times - times[0], atol=tick * 0.51 if ending != "mkv" else tick)
    assert numbers(read(probe(path))) == list(range(15))


def test_half_an_hour_between_two_frames_is_kept(tmp_path, pictures):
    path = write_film(tmp_path / "film.mp4", pictures[:3], 30, times=[0, 0.033333, 1800.5])
    assert presented(path) == pytest.approx([0, 0.033333, 1800.5], abs=1e-6)


@pytest.mark.parametrize(("ending", "repeats"), [("mp4", 12), ("mkv", 2), ("gif", 2), ("webm", 2)])
def test_the_same_frames_give_the_same_bytes(tmp_path, pictures, ending, repeats):
    films = [write_film(tmp_path / f"{i}.{ending}", pictures, 30).read_bytes() for i in range(repeats)]
    assert len(set(films)) == 1


def test_pixels_survive(tmp_path, pictures):
    path = write_film(tmp_path / "film.avi", pictures, 30, codec="ffv1", pix_fmt="bgr0")
    for frame in read(probe(path), colour=True):
        np.testing.assert_array_equal(frame.image, pictures[frame.index])
    grey = [np.full((16, 16), 100 + i, np.uint8) for i in range(3)]
    path = write_film(tmp_path / "grey.mp4", grey, 30, crf=0, pix_fmt="gray")
    assert [f.image[0, 0] for f in read(probe(path))] == [100, 101, 102]


def test_a_smaller_crf_is_closer_to_the_truth(tmp_path, pictures):
    errors = []
    for crf in (5, 40):
        path = write_film(tmp_path / f"{crf}.mp4", pictures, 30, crf=crf)
        frames = read(probe(path), colour=True)
        errors.append(np.mean([np.abs(f.image.astype(int) - pictures[f.index]).mean() for f in frames]))
    assert errors[0] < errors[1]


def failing(pictures):
    yield from pictures[:10]
    raise RuntimeError("the source failed")


@pytest.mark.parametrize(
    ("frames", "how", "error", "line"),
    [
        (lambda p: [], {}, BadInputError, "no frame to write"),
        (lambda p: [p[0], p[0][:32]], {}, BadInputError, "differ in size"),
        (lambda p: [p[0][:33]], {}, BadInputError, "even sides"),
        (lambda p: p, {"times": [0, 1]}, BadInputError, "2 times but more frames"),
        (lambda p: p[:2], {"times": [0, 1, 2]}, BadInputError, "3 times but only 2 frames"),
        (lambda p: p[:3], {"times": [0, 2, 1]}, BadInputError, "must ascend"),
        (lambda p: p, {"fps": 0}, BadInputError, "fps must be positive"),
        (lambda p: p, {"codec": "no-such"}, BadOutputError, "cannot be written as no-such"),
        (lambda p: p, {"pix_fmt": "no-such"}, BadOutputError, "cannot be written as libx264, no-such"),
        (lambda p: p, {"pix_fmt": "rgb24"}, BadOutputError, "cannot be written as libx264, rgb24"),
        (failing, {}, RuntimeError, "the source failed"),
    ],
)
def test_after_an_error_the_folder_is_as_it_was(tmp_path, pictures, frames, how, error, line):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"the film of before")
    with pytest.raises(error, match=line):
        write_film(path, frames(pictures), **({"fps": 30} | how))
    assert [p.name for p in tmp_path.iterdir()] == ["film.mp4"]
    assert path.read_bytes() == b"the film of before"


def test_odd_sides_can_be_written_in_full_colour(tmp_path, numbered):
    path = write_film(tmp_path / "film.mp4", [numbered(1, (33, 161))], 30, pix_fmt="yuv444p")
    assert probe(path).size == (33, 161)


def test_a_place_that_is_not_there_is_one_clear_line(tmp_path, pictures):
    with pytest.raises(BadOutputError, match="is not there; make it first"):
        write_film(tmp_path / "no" / "film.mp4", pictures, 30)
    with pytest.raises(BadOutputError, match="no film is named like this"):
        write_film(tmp_path / "film.xyz", pictures, 30)


def test_a_full_disk_is_one_clear_line(tmp_path, pictures, monkeypatch):
    import errno

    def full(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(BadOutputError, match="No space left on device"):
        write_film(tmp_path / "film.mp4", pictures, 30)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_pictures_comes_back_as_it_was(tmp_path, pictures):
    folder = write_images(tmp_path / "out", iter(pictures))
    assert sorted(p.name for p in folder.iterdir())[:2] == ["000000.png", "000001.png"]
    for frame in read(probe(folder), colour=True):
        np.testing.assert_array_equal(frame.image, pictures[frame.index])
    with pytest.raises(BadOutputError, match="there already"):
        write_images(folder, pictures)


def test_a_folder_is_written_whole_or_not_at_all(tmp_path, pictures):
    with pytest.raises(RuntimeError):
        write_images(tmp_path / "out", failing(pictures))
    with pytest.raises(BadInputError, match="no frame"):
        write_images(tmp_path / "out", [])
    with pytest.raises(BadOutputError, match=r"cannot be written as \.xyz"):
        write_images(tmp_path / "out", pictures, suffix=".xyz")
    assert list(tmp_path.iterdir()) == []

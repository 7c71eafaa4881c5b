"""Clips hold exactly the frames of their interval, at the film's own times, as many times slower as was asked for."""

from __future__ import annotations

import av
import numpy as np
import pytest

from micromask.app.workspace.exports.clips import Cut, write_clip
from micromask.core.errors import BadInputError
from micromask.core.opinions import MarkedInterval
from micromask.recordings import probe, write_film


def interval(times, onset, apex, offset):
    return MarkedInterval(0, onset, apex, offset, times[onset], times[apex], times[offset], "micro", "fear")


@pytest.fixture
def film(made):
    return probe(made.workspace / "films" / "1" / "film.mp4")


@pytest.mark.parametrize("slower", [1, 8])
def test_a_clip_has_the_frames_of_its_interval_and_no_other(film, shown_times, look, tmp_path, slower):
    clip = write_clip(film, interval(shown_times, 37, 40, 52), tmp_path / "a.mp4", Cut(slower))
    assert (clip.first, clip.last, clip.captions) == (37, 52, None)
    seen = look(tmp_path / "a.mp4")
    assert [number for number, _ in seen] == list(range(37, 53))
    wanted = [slower * (time - shown_times[37]) for time in shown_times[37:53]]
    np.testing.assert_allclose([at for _, at in seen], wanted, atol=slower * 2e-6)
    with av.open(str(tmp_path / "a.mp4")) as container:
        track = container.streams.video[0]
        assert (track.width, track.height) == (192, 144)
        # The last frame is shown as long as a mean interval.
        assert float(track.duration * track.time_base) == pytest.approx(wanted[-1] + slower / film.fps, abs=1e-3)


def test_seconds_around_the_interval_stop_where_the_film_does(film, shown_times, look, tmp_path):
    clip = write_clip(film, interval(shown_times, 5, 8, 20), tmp_path / "a.mp4", Cut(1, around=0.5))
    numbers = [number for number, _ in look(tmp_path / "a.mp4")]
    last = max(n for n, time in enumerate(shown_times) if time <= shown_times[20] + 0.5)
    assert numbers == list(range(last + 1))
    assert (clip.first, clip.last) == (0, last)


def test_a_burnt_caption_stands_below_the_picture(film, shown_times, look, tmp_path):
    one = interval(shown_times, 37, 40, 41)
    write_clip(film, one, tmp_path / "plain.mp4", Cut(1))
    write_clip(film, one, tmp_path / "said.mp4", Cut(1, caption="burnt"), words="micro: fear, by Zoë " + 20 * "long ")
    assert [number for number, _ in look(tmp_path / "said.mp4")] == [37, 38, 39, 40, 41]
    pictures = []
    for name in ("plain.mp4", "said.mp4"):
        with av.open(str(tmp_path / name)) as container:
            pictures.append(next(container.decode(video=0)).to_ndarray(format="rgb24"))
    plain, said = pictures
    assert said.shape[0] > plain.shape[0]
    assert said.shape[0] % 2 == 0
    assert np.abs(said[:136].astype(int) - plain[:136]).mean() < 4
    below = said[146:].max(axis=2)
    assert below.max() > 200
    assert np.median(below) < 40


def test_a_separate_caption_is_a_file_beside_it(film, shown_times, tmp_path):
    one = interval(shown_times, 37, 40, 52)
    clip = write_clip(film, one, tmp_path / "a.mp4", Cut(8, caption="separate"), words="micro: fear")
    ends = round(1000 * (8 * (shown_times[52] - shown_times[37]) + 8 / film.fps))
    told = f"1\n00:00:00,000 --> 00:00:{ends // 1000:02d},{ends % 1000:03d}\nmicro: fear\n"
    assert clip.captions.name == "a.srt"
    assert clip.captions.read_text() == told


def test_odd_pictures_lose_a_row_and_a_column(tmp_path):
    pictures = [np.full((51, 71, 3), 10 * number, np.uint8) for number in range(10)]
    write_film(tmp_path / "odd.mkv", pictures, 25, codec="ffv1", pix_fmt="bgr0")
    odd = probe(tmp_path / "odd.mkv")
    write_clip(odd, MarkedInterval(0, 2, 3, 6, 0.08, 0.12, 0.24, "micro"), tmp_path / "a.mp4", Cut(4))
    with av.open(str(tmp_path / "a.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [frame.shape for frame in frames] == [(50, 70, 3)] * 5
    assert [round(frame.mean() / 10) for frame in frames] == [2, 3, 4, 5, 6]


def test_frames_that_are_not_in_the_film_are_refused(film, shown_times, tmp_path):
    beyond = MarkedInterval(0, 110, 115, 130, 3.6, 3.8, 4.3, "micro")
    with pytest.raises(BadInputError, match="frame 130 is not in the film, which has 120: another one"):
        write_clip(film, beyond, tmp_path / "a.mp4")
    assert list(tmp_path.glob("*.mp4")) == []


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"slower": 3}, "clips are 1, 2, 4, 8, 16 times slower, got 3"),
        ({"around": 2.0}, "clips have 0, 0.5, 1 s around, got 2"),
        ({"caption": "large"}, "a caption is none, burnt or separate, got 'large'"),
    ],
)
def test_other_cuts_are_refused(wrong, line):
    with pytest.raises(BadInputError, match=line):
        Cut(**wrong)

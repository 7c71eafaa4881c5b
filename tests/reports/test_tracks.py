"""tracks.npz: what was written comes back, whole or in part, and what is none is refused in one line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import FaceTrack
from micromask.reports.tracks import read_some_tracks, read_tracks, write_tracks


def track(face: int, frames: list[int]) -> FaceTrack:
    """A track whose every number says which face and frame it belongs to."""
    at = np.array(frames, dtype=np.int64)
    rows = 1000.0 * face + at
    return FaceTrack(
        "film",
        face,
        at,
        np.tile(rows[:, None], 4),
        np.tile(rows[:, None, None], (68, 2)),
        np.tile(rows[:, None, None], (2, 3)),
        rows / 10000,
        "mtcnn",
        (128, 128),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "tracks.npz"
    write_tracks([track(0, [0, 1, 2, 5, 6, 9]), track(3, [4, 5])], file)
    return file


def test_tracks_come_back_as_they_were(path: Path) -> None:
    first, second = read_tracks(path)
    assert (first.face_id, second.face_id) == (0, 3)
    assert (first.recording_id, first.method, first.aligned_size) == ("film", "mtcnn", (128, 128))
    assert first.frames.tolist() == [0, 1, 2, 5, 6, 9]
    assert first.boxes.tolist() == [[n] * 4 for n in (0, 1, 2, 5, 6, 9)]
    assert second.landmarks.shape == (2, 68, 2)
    np.testing.assert_array_equal(second.landmarks[:, 0, 0], [3004, 3005])
    np.testing.assert_array_equal(second.to_aligned[:, 1, 2], [3004, 3005])
    np.testing.assert_allclose(second.confidence, [0.3004, 0.3005])


def test_a_part_of_a_film_is_read_without_the_rest(path: Path) -> None:
    first, second = read_some_tracks(path, 2, 5)
    assert first.frames.tolist() == [2, 5]
    np.testing.assert_array_equal(first.landmarks[:, 67, 1], [2, 5])
    np.testing.assert_array_equal(first.boxes[:, 3], [2, 5])
    assert second.frames.tolist() == [4, 5]
    gone = read_some_tracks(path, 7, 8)
    assert [len(one.frames) for one in gone] == [0, 0]
    assert gone[0].landmarks.shape == (0, 68, 2)


def test_a_film_without_faces_has_no_tracks(tmp_path: Path) -> None:
    write_tracks([], tmp_path / "tracks.npz")
    assert read_tracks(tmp_path / "tracks.npz") == ()


def test_any_numpy_reads_the_arrays_without_pickles(path: Path) -> None:
    with np.load(path, allow_pickle=False) as stored:
        assert stored["3_frames"].tolist() == [4, 5]


@pytest.mark.parametrize("data", [b"", b"no archive", None])
def test_what_is_no_tracks_file_is_refused_in_one_line(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "tracks.npz"
    if data is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("other.npy", b"")
    else:
        path.write_bytes(data)
    with pytest.raises(BadInputError, match=r"is no tracks\.npz of a run .*; analyse the film again$"):
        read_tracks(path)


def test_a_file_that_was_cut_off_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(BadInputError, match="analyse the film again"):
        read_tracks(path)


def test_a_file_of_a_later_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tracks.npz"
    np.savez(path, about=np.array('{"format": "micromask-tracks/9", "faces": []}'))
    with pytest.raises(BadInputError, match=r"format 'micromask-tracks/9', wanted 'micromask-tracks/1'"):
        read_tracks(path)


def test_a_missing_file_and_a_missing_place_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"tracks\.npz: cannot be read \(No such file"):
        read_tracks(tmp_path / "tracks.npz")
    with pytest.raises(BadOutputError, match=r"tracks\.npz: cannot be written \(No such file"):
        write_tracks([], tmp_path / "nowhere" / "tracks.npz")

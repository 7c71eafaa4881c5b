"""Aligned faces and motion maps of a clip: right, and computed once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from micromask.core.clips import Annotation, Clip, Source
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets import load, prepare
from micromask.datasets.cache import Cache, cache_info
from micromask.datasets.pixels import read_frames
from micromask.datasets.prepare import clip_faces, clip_motion_map, clip_pictures, find_marks, motion_map_of
from micromask.datasets.synthetic import HeadMove, PlannedExpression, Script, landmarks_px, render
from micromask.faces.align import aligned_landmarks, apply, face_transform
from micromask.recordings import probe, write_film, write_images

SMILE = PlannedExpression(0.1, 0.3, 0.5, (("lip_corner_puller", 0.05),), "happiness")
SCRIPT = Script(0.6, 20, size=240, expressions=(SMILE,), noise=1.0, seed=4)


def a_clip(path: Path, apex: int | None = 6) -> Clip:
    recording = replace(probe(path, image_fps=20), subject=SubjectId("here", "A"))
    annotation = Annotation(2, apex, 9, "happy", "micro", Source(path), apex_from=None if apex is None else "coder")
    return Clip("A/smile", recording, annotation)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_images(tmp_path_factory.mktemp("smile") / "frames", render(SCRIPT))


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def no_work(monkeypatch):
    def worked(*_, **__):
        raise AssertionError("it was computed again")

    return lambda: monkeypatch.setattr(prepare, "find_marks", worked)


def test_a_map_shows_a_smile_at_the_corners_of_the_mouth(folder):
    motion = clip_motion_map(a_clip(folder))
    assert (motion.shape, motion.dtype) == ((28, 28, 3), np.uint8)
    u, v = motion[..., 0].astype(int), motion[..., 1].astype(int)
    left, right = np.s_[16:22, 3:10], np.s_[16:22, 18:25]  # the corners lie at 0.65 of the height
    assert u[left].min() < u[8:14].min()  # outward to the left
    assert u[right].max() > u[8:14].max()  # outward to the right
    assert min(v[left].min(), v[right].min()) == v.min()  # and up


def test_head_motion_leaves_the_map_nearly_as_it_was(folder, tmp_path):
    shaken = replace(SCRIPT, head=(HeadMove("shift_x", 0.05, 0.35, 0.08), HeadMove("roll", 0.05, 0.35, 3.0)))
    still = clip_motion_map(a_clip(folder)).astype(float)
    moved = clip_motion_map(a_clip(write_images(tmp_path / "moved", render(shaken)))).astype(float)
    for channel in (0, 1):
        assert np.corrcoef(still[..., channel].ravel(), moved[..., channel].ravel())[0, 1] > 0.9


def test_a_film_gives_nearly_the_map_of_its_frames(folder, tmp_path):
    film = write_film(tmp_path / "smile.mp4", render(SCRIPT), 20, crf=10)
    of_film, of_frames = (clip_motion_map(a_clip(path)).astype(float) for path in (film, folder))
    assert np.corrcoef(of_film.ravel(), of_frames.ravel())[0, 1] > 0.95


def test_a_map_is_computed_once(folder, cache, no_work):
    first = clip_motion_map(a_clip(folder), cache)
    no_work()
    np.testing.assert_array_equal(clip_motion_map(a_clip(folder), cache), first)
    assert cache_info(cache).entries == {"motion-map": 1}


def test_a_copy_of_the_frames_elsewhere_finds_the_map_and_a_changed_frame_does_not(folder, cache, tmp_path, no_work):
    copied = tmp_path / "copied"
    copied.mkdir()
    for path in folder.iterdir():
        (copied / path.name).write_bytes(path.read_bytes())
    first = clip_motion_map(a_clip(folder), cache)
    no_work()
    np.testing.assert_array_equal(clip_motion_map(a_clip(copied), cache), first)
    picture = cv2.imread(str(copied / "000006.png"))
    cv2.imwrite(str(copied / "000006.png"), 255 - picture)
    with pytest.raises(AssertionError, match="computed again"):
        clip_motion_map(a_clip(copied), cache)


@pytest.mark.parametrize("asked", [{"detector": "haar"}, {"method": "dis"}])
def test_other_settings_are_other_entries(folder, cache, no_work, asked):
    clip_motion_map(a_clip(folder), cache)
    no_work()
    with pytest.raises(AssertionError, match="computed again"):
        clip_motion_map(a_clip(folder), cache, **asked)


def test_another_apex_of_one_film_is_another_entry(tmp_path, cache, no_work):
    film = write_film(tmp_path / "smile.mp4", render(SCRIPT), 20)
    clip_motion_map(a_clip(film), cache)
    no_work()
    with pytest.raises(AssertionError, match="computed again"):
        clip_motion_map(a_clip(film, apex=5), cache)


def test_faces_have_their_eyes_where_all_have_them(folder):
    faces = clip_faces(a_clip(folder))
    assert (faces.shape, faces.dtype) == ((8, 128, 128), np.uint8)
    truth = face_transform(landmarks_px(SCRIPT).astype(float))
    found = face_transform(find_marks(next(image for _, image in read_frames(probe(folder), (0,), colour=True))))
    eyes = np.array([landmarks_px(SCRIPT)[36:42].mean(0), landmarks_px(SCRIPT)[42:48].mean(0)])
    assert np.abs(apply(found, eyes) - apply(truth, eyes)).max() < 2.0  # of 48 px between them


def test_faces_in_colour_of_some_frames_in_another_size_are_kept_too(folder, cache, no_work):
    asked = {"frames": (0, 5, 11), "size": 64, "colour": True}
    faces = clip_faces(a_clip(folder), cache, **asked)
    assert faces.shape == (3, 64, 64, 3)
    no_work()
    np.testing.assert_array_equal(clip_faces(a_clip(folder), cache, **asked), faces)
    with pytest.raises(AssertionError, match="computed again"):
        clip_faces(a_clip(folder), cache, **(asked | {"each": True}))


def test_faces_without_their_mouths_are_blank_there_and_elsewhere_the_same(folder, cache, no_work):
    whole, covered = clip_faces(a_clip(folder)), clip_faces(a_clip(folder), cache, region="no-mouth")
    same = (whole == covered).all(axis=0)
    assert (covered[:, ~same] == 128).all()
    x, y = aligned_landmarks().round().astype(int).T
    assert same[y[17:27], x[17:27]].all()
    assert same[y[36:48], x[36:48]].all()
    assert not same[y[48:60], x[48:60]].any()
    upper = clip_faces(a_clip(folder), cache, region="upper-face")
    assert (upper == 128).mean() > 0.7
    no_work()
    np.testing.assert_array_equal(clip_faces(a_clip(folder), cache, region="no-mouth"), covered)
    with pytest.raises(AssertionError, match="computed again"):
        clip_faces(a_clip(folder), cache)


def test_a_smile_leaves_no_trace_in_a_map_of_the_upper_face_but_in_the_whole_one(folder, cache, no_work):
    whole = clip_motion_map(a_clip(folder)).astype(int)
    upper = clip_motion_map(a_clip(folder), cache, region="upper-face").astype(int)
    assert np.argmin(whole[..., 1]) // 28 > 12  # it goes up most at the mouth
    assert all(np.ptp(upper[14:, :, channel]) == 0 for channel in range(3))
    assert not np.array_equal(upper, whole)
    no_work()
    np.testing.assert_array_equal(clip_motion_map(a_clip(folder), cache, region="upper-face"), upper)
    with pytest.raises(AssertionError, match="computed again"):
        clip_motion_map(a_clip(folder), cache, region="no-mouth")


@pytest.mark.parametrize("mouth", ["dimpler_left", "lip_corner_depressor", "jaw_drop"])
def test_a_map_of_the_upper_face_is_the_same_to_the_last_bit_whatever_the_mouth_does(mouth):
    maps = []
    for actions in ((("brow_lowerer", 0.03),), (("brow_lowerer", 0.03), (mouth, 0.06))):
        planned = PlannedExpression(0.1, 0.5, 0.9, actions, "any")
        script = replace(SCRIPT, times=(0.0, 0.5), expressions=(planned,), noise=0.0)
        marks = landmarks_px(script).astype(float)
        maps.append(motion_map_of(*render(script), face_transform(marks), region="upper-face", marks=marks))
    np.testing.assert_array_equal(maps[0], maps[1])
    assert np.ptp(maps[0][:10, :, 1]) == 255


def test_whole_pictures_are_covered_where_their_face_is(folder):
    clip = a_clip(folder)
    (plain,), (covered,) = (clip_pictures(clip, (2,), colour=True, region=each) for each in ("whole", "no-mouth"))
    marks = landmarks_px(SCRIPT).round().astype(int)
    changed = (plain != covered).any(axis=2)
    assert changed[marks[48:60, 1], marks[48:60, 0]].all()
    assert not changed[marks[36:48, 1], marks[36:48, 0]].any()
    assert (covered[changed] == 128).all()
    assert clip_pictures(clip, (2,), region="no-mouth")[0].shape == (240, 240)
    with pytest.raises(BadInputError, match="no region 'eyes'"):
        clip_pictures(clip, (2,), region="eyes")


def test_a_face_that_fills_the_picture_is_found(tmp_path):
    rest = next(iter(render(SCRIPT)))
    points = landmarks_px(SCRIPT)
    (x0, y0), (x1, y1) = points.min(0).astype(int) - 4, points.max(0).astype(int) + 4
    close_up = cv2.resize(rest[y0:y1, x0:x1], (231, 231), interpolation=cv2.INTER_CUBIC)
    found = face_transform(find_marks(close_up))
    stretch = np.array([231 / (x1 - x0), 231 / (y1 - y0)])
    eyes = (np.array([points[36:42].mean(0), points[42:48].mean(0)]) - (x0, y0) + 0.5) * stretch - 0.5
    assert np.abs(apply(found, eyes) - [[40, 39.7], [88, 39.7]]).max() < 5


def test_a_picture_without_a_face_is_told_with_what_to_do(tmp_path):
    blank = [np.full((96, 96, 3), 90, np.uint8)] * 12
    clip = a_clip(write_images(tmp_path / "blank", blank))
    with pytest.raises(BadInputError, match=r"A/smile: mtcnn finds no face of 40 px .* 96x96 px; try another detector"):
        clip_motion_map(clip)


def test_a_clip_without_an_apex_or_without_motion_has_no_map(folder):
    with pytest.raises(BadInputError, match="has no apex; load it with missing_apex"):
        clip_motion_map(a_clip(folder, apex=None))
    with pytest.raises(BadInputError, match="onset and apex are one frame"):
        clip_motion_map(a_clip(folder, apex=2))


def test_a_ready_made_map_is_given_as_it_is(tmp_path, corpora):
    clip = load("flow-table", corpora("flow_table").build(tmp_path))[0]
    stored = np.random.default_rng(1).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    cv2.imwrite(str(clip.motion.path), stored[..., ::-1])
    np.testing.assert_array_equal(clip_motion_map(clip), stored)
    assert (clip_motion_map(clip, region="upper-face")[10:, :, 2] == 0).all()
    with pytest.raises(BadInputError, match="has no pictures of faces"):
        clip_faces(clip)
    cv2.imwrite(str(clip.motion.path), stored[:20])
    with pytest.raises(BadInputError, match="a map is 28x28 px"):
        clip_motion_map(clip)


def test_frames_that_are_not_there_are_told(folder, tmp_path):
    with pytest.raises(BadInputError, match="has frames 0 to 11, wanted 12"):
        list(read_frames(probe(folder), (3, 12)))
    gone = Recording("gone", tmp_path / "gone", 20, 12, None)
    with pytest.raises(BadInputError, match="is not there any more"):
        list(read_frames(gone, (3,)))


def test_a_film_that_breaks_off_is_told_with_the_frame(tmp_path):
    film = write_film(tmp_path / "long.mkv", render(SCRIPT), 20)
    recording = probe(film)
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    with pytest.raises(BadInputError, match=r"frame \d+ cannot be read"):
        list(read_frames(recording, range(12)))

"""The live watcher, fed with films whose truth is known: what is told live is what the film's own analysis finds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Detection, Frame, Image
from micromask.datasets.synthetic import PlannedExpression, Script, landmarks_px, render
from micromask.faces.detect import detectors
from micromask.faces.detect.landmarks import span
from micromask.inference import stream
from micromask.inference.analyze import Settings, analyze
from micromask.inference.fitted import load_fitted
from micromask.inference.recent import Told
from micromask.inference.stream import LiveState, LiveWatcher
from micromask.recordings import probe, read, write_film

BROWS = PlannedExpression(1.2, 1.4, 1.62, (("inner_brow_raiser", 0.045), ("outer_brow_raiser", 0.045)), "surprise")
SMILE = PlannedExpression(4.2, 4.42, 4.66, (("lip_corner_puller", 0.05),), "positive")
SCRIPT = Script(seconds=6, fps=30, size=240, noise=1.0, expressions=(BROWS, SMILE), blinks=(3.0,), seed=4)


@pytest.fixture(scope="module")
def faces() -> list[Image]:
    return list(render(SCRIPT))


@pytest.fixture(scope="module")
def film(faces: list[Image], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "two.mp4", faces, 30)


def watched(frames: Iterator[Frame] | list[Frame], **settings: Any) -> tuple[list[Told], list[LiveState]]:
    with LiveWatcher(in_step=True, **settings) as watcher:
        states = [watcher.step(frame) for frame in frames]
    return [told for state in states for told in state.told], states


def placed(faces: list[Image], size: tuple[int, int], places: Any, count: int) -> Iterator[Frame]:
    """Frames of grey with a rendered face at each place: a list, or a function of the frame's number."""
    for index in range(count):
        picture = np.full((*size, 3), 110, np.uint8)
        for x, y, side in places(index) if callable(places) else places:
            face = faces[index % len(faces)]
            picture[y : y + side, x : x + side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        yield Frame(index, index / 30, picture)


def test_what_is_told_live_is_what_the_analysis_of_the_film_finds(film: Path) -> None:
    recording = probe(film)
    offline = analyze(recording, Settings(detector="haar")).expressions
    told, states = watched(read(recording, colour=True), detector="haar")
    assert [one.emotion for one in offline] == ["surprise", "positive"]
    assert [one.emotion for one in told] == ["surprise", "positive"]
    for live, found in zip(told, offline, strict=True):
        for name in ("onset", "apex", "offset"):
            assert abs(getattr(live.interval, name) - getattr(found, name)) <= 2, name
        assert live.interval.kind == found.kind == "micro"
        assert live.interval.strength == pytest.approx(found.strength, rel=0.1)
        assert live.fps == pytest.approx(30, abs=0.1)
    # a face is known for three seconds first; later ones are told as soon as they are surely over
    assert told[0].interval.offset_s + told[0].delay_s == pytest.approx(3.0, abs=0.5)
    assert 0.4 <= told[1].delay_s <= 0.8
    assert {face.face for state in states for face in state.faces} == {0}
    # the curve has every moment once, in order, and rises over the threshold at both apexes
    course = [point for state in states for face in state.faces for point in face.course]
    times = [at for at, _ in course]
    assert times == sorted(set(times))
    threshold = states[-1].faces[0].threshold
    for apex in (BROWS.apex_s, SMILE.apex_s):
        assert max(strength for at, strength in course if abs(at - apex) < 0.1) > threshold


def test_the_same_frames_in_step_give_the_same(film: Path) -> None:
    frames = list(read(probe(film), colour=True, stop=100))
    first, second = (watched(frames, detector="haar") for _ in range(2))
    assert [one.interval for one in first[0]] == [one.interval for one in second[0]]
    assert [one.probabilities for one in first[0]] == [one.probabilities for one in second[0]]
    assert [face.box for state in first[1] for face in state.faces] == [
        face.box for state in second[1] for face in state.faces
    ]


def test_frames_go_on_while_a_detector_takes_its_time(faces: list[Image], monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    looks = []
    haar = detectors["haar"]()

    def slow(image: Image, smallest: float = 40) -> list[Detection]:
        looks.append(time.monotonic())
        assert free.wait(20)
        return haar(image, smallest)

    monkeypatch.setattr(stream, "detectors", {"haar": lambda: slow})
    with LiveWatcher(detector="haar") as watcher:
        try:
            frames = list(placed(faces, (240, 320), [(40, 0, 240)], 60))
            states = [watcher.step(frame) for frame in frames[:30]]
            assert len(looks) == 1  # still at the first one, and thirty frames were answered
            assert [state.faces for state in states] == [()] * 30
            free.set()
            for frame in frames[30:]:
                state = watcher.step(frame)
                time.sleep(0.02)
        finally:
            free.set()
    assert [face.face for face in state.faces] == [0]
    truth = span(landmarks_px(SCRIPT) + [40, 0])
    np.testing.assert_allclose(state.faces[0].box, truth, atol=10)


def test_two_people_keep_their_numbers_also_when_one_was_away(
    faces: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "FULL_SECONDS", 0.5)
    both = [(0, 0, 200), (240, 20, 160)]
    # somebody else: darker, the other way round
    mirrored = [np.ascontiguousarray(face[:, ::-1] // 2) for face in faces]

    def frames() -> Iterator[Frame]:
        for index in range(150):
            here = both if not 60 <= index < 100 else both[:1]
            picture = np.full((220, 420, 3), 110, np.uint8)
            for people, (x, y, side) in zip((faces, mirrored), here, strict=False):
                picture[y : y + side, x : x + side] = cv2.resize(people[index], (side, side))
            yield Frame(index, index / 30, picture)

    _, states = watched(frames(), detector="haar")
    shown = [{face.face: "right" if face.box[0] > 200 else "left" for face in state.faces} for state in states]
    assert shown[59] == shown[149]
    assert sorted(shown[59]) == [0, 1]
    (left,) = (number for number, place in shown[59].items() if place == "left")
    assert shown[95] == {left: "left"}


def test_of_a_very_small_face_no_movement_is_claimed(faces: list[Image]) -> None:
    told, states = watched(placed(faces, (240, 320), [(100, 100, 60)], 180), detector="mtcnn")
    assert told == []
    (face,) = states[-1].faces
    assert 16 < face.width < stream.MEASURED_WIDTH
    assert (face.strength, face.course) == (None, ())


def test_what_is_kept_is_bounded_however_long_it_runs(faces: list[Image], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WINDOW_SECONDS", 2.0)
    kept = []
    with LiveWatcher(detector="haar", in_step=True) as watcher:
        for frame in placed(faces, (240, 320), [(40, 0, 240)], 540):
            watcher.step(frame)
            (face,), (person,) = watcher._crowd.faces.values(), watcher._people.values()
            kept.append(max(len(face.frames), len(face.aligned), len(person.patches), 10 * len(person.told)))
    # two seconds and the one that is forgotten at a time, at 30 frames/s
    assert max(kept) <= 3 * 30 + 2
    assert kept[-1] >= 2 * 30 - 2


def test_a_person_who_left_is_forgotten_after_the_window(faces: list[Image], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WINDOW_SECONDS", 1.0)
    with LiveWatcher(detector="haar", in_step=True) as watcher:
        for frame in placed(faces, (240, 320), lambda index: [(40, 0, 240)] if index < 40 else [], 150):
            state = watcher.step(frame)
        assert state.faces == ()
        assert watcher._people == {}


def test_an_expression_is_not_sought_across_a_pause_of_the_camera(faces: list[Image]) -> None:
    with LiveWatcher(detector="haar", in_step=True) as watcher:
        for frame in placed(faces, (240, 320), [(40, 0, 240)], 60):
            late = 0.0 if frame.index < 40 else 5.0
            watcher.step(Frame(frame.index, frame.time + late, frame.image))
        (face,) = watcher._crowd.faces.values()
    assert len(set(face.segments[:40])) == 1
    assert face.segments[40] > face.segments[39]


def test_another_size_begins_anew(faces: list[Image]) -> None:
    with LiveWatcher(detector="haar", in_step=True) as watcher:
        for frame in placed(faces, (240, 320), [(40, 0, 240)], 30):
            watcher.step(frame)
        for frame in placed(faces, (300, 400), [(100, 40, 240)], 30):
            state = watcher.step(Frame(frame.index + 30, frame.time + 1, frame.image))
    assert state.size == (300, 400)
    (face,) = state.faces
    np.testing.assert_allclose(face.box, span(landmarks_px(SCRIPT) + [100, 40]), atol=10)


def test_frames_that_run_backwards_or_are_grey_are_refused() -> None:
    picture = np.zeros((240, 320, 3), np.uint8)
    with LiveWatcher(detector="haar", in_step=True) as watcher:
        watcher.step(Frame(3, 1.0, picture))
        with pytest.raises(ValueError, match="must ascend"):
            watcher.step(Frame(3, 1.1, picture))
        with pytest.raises(ValueError, match="must ascend"):
            watcher.step(Frame(4, 1.0, picture))
        with pytest.raises(ValueError, match="RGB"):
            watcher.step(Frame(4, 1.1, picture[..., 0]))


def test_a_model_that_reads_no_single_pictures_is_refused() -> None:
    with pytest.raises(BadInputError, match="which a picture does not show"):
        LiveWatcher(model=load_fitted())


def test_a_model_of_single_pictures_says_what_each_face_shows(
    faces: list[Image],
    picture_folder: Path,
    fit_file: Callable[..., Any],
    tmp_path: Path,
) -> None:
    from micromask.datasets import open_corpus

    clips = open_corpus("image-folder", picture_folder, subject_pattern=r"^(S\d+)_").clips
    fit_file(clips, tmp_path / "mine.safetensors", "mer-cnn1", size=(48, 40), epochs=1, detector="haar")
    model = load_fitted(tmp_path / "mine.safetensors")
    _, states = watched(placed(faces, (240, 320), [(40, 0, 240)], 45), detector="haar", model=model)
    emotions = states[-1].faces[0].emotions
    assert set(emotions) == set(model.classes)
    assert sum(emotions.values()) == pytest.approx(1)

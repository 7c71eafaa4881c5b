"""A model of one's own in use: it gets exactly what it was fitted on, and says of itself what is in its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micromask.core.clips import Annotation, Clip, Source
from micromask.core.errors import BadInputError
from micromask.core.types import FaceTrack, SubjectId
from micromask.datasets import load, open_corpus
from micromask.datasets.prepare import find_faces, landmarks_of
from micromask.datasets.synthetic import CorpusPlan, PlannedExpression, Script, landmarks_px, render, synthesize
from micromask.faces.align import face_transform
from micromask.inference.analyze import Settings, analyze
from micromask.inference.fitted import (
    Fitted,
    face_grad_cam,
    face_inputs,
    face_probabilities,
    interval_probabilities,
    load_fitted,
)
from micromask.inference.own_models import own_models
from micromask.inference.spot import Interval
from micromask.models import load_model, to_input
from micromask.recordings import probe, write_images
from micromask.recordings.images import read_image
from micromask.training.fit import predict_logits

PEOPLE = r"^(S\d+)_"


@pytest.fixture(scope="module")
def pictures(picture_folder: Path) -> Any:
    return open_corpus("image-folder", picture_folder, subject_pattern=PEOPLE).clips


def shares(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits.astype(np.float64))
    return raised / raised.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("channels", "preparation"),
    [
        pytest.param(3, {"detector": "haar"}, id="faces in colour"),
        pytest.param(1, {}, id="grey faces by the usual detector"),
        pytest.param(3, {"detector": "haar", "tone": "clahe", "region": "upper-face"}, id="upper faces, equalised"),
        pytest.param(1, {"crop": "whole"}, id="whole grey pictures"),
        pytest.param(3, {"crop": "whole", "region": "no-mouth", "detector": "haar"}, id="whole pictures, no mouth"),
    ],
)
def test_a_picture_gives_the_input_and_the_probabilities_that_it_gave_in_training(
    pictures: Any, fit_file: Callable[..., Any], tmp_path: Path, channels: int, preparation: dict[str, str]
) -> None:
    file = tmp_path / "mine.safetensors"
    material = fit_file(pictures, file, "mer-cnn1", size=(48, 40), channels=channels, epochs=1, **preparation)
    fitted = load_fitted(file)
    seen = [read_image(clip.recording.path, colour=True) for clip in pictures]
    detector = preparation.get("detector", "mtcnn")
    marks = [landmarks_of(image, find_faces(image, detector)[0]) for image in seen]
    np.testing.assert_array_equal(face_inputs(fitted, seen, marks), material.pictures)
    model, _ = load_model(file)
    before = shares(predict_logits(model, to_input(material.pictures, model.input)))
    np.testing.assert_allclose(face_probabilities(fitted, seen, marks), before, atol=1e-5)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("films") / "corpus"
    emotions = ("happiness", "surprise")
    plan = CorpusPlan(subjects=2, clips_per_subject=2, fps=25, seconds=0.6, size=160, noise=1.0, emotions=emotions)
    synthesize(root, plan)
    return load("synthetic", root)


def track_of(clip: Clip, box: tuple[float, float, float, float], marks: np.ndarray, face: int = 0) -> FaceTrack:
    """A face that stays where it is, throughout a recording."""
    n = clip.recording.n_frames
    return FaceTrack(
        clip.recording.id,
        face,
        np.arange(n),
        np.tile(np.array(box), (n, 1)),
        np.tile(marks, (n, 1, 1)),
        np.tile(face_transform(marks), (n, 1, 1)),
        np.ones(n),
        "mtcnn",
        (128, 128),
    )


def followed(clip: Clip) -> FaceTrack:
    frames = gather_frames(clip)
    (found,) = find_faces(frames[0])
    return track_of(clip, found.box, landmarks_of(frames[0], found))


def gather_frames(clip: Clip) -> list[np.ndarray]:
    from micromask.recordings import read

    return [frame.image for frame in read(clip.recording, colour=True)]


def interval(clip: Clip, face: int = 0) -> Interval:
    coded = clip.annotation
    assert coded.apex is not None
    return Interval(face, coded.onset, coded.apex, coded.offset, 0.0, 0.1, 0.3, "micro", 2.0, (), 0.0)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        pytest.param("shallow-flow", {"flow": "dis"}, id="motion"),
        pytest.param("mbcc-cnn", {"size": (32, 32), "frames": 3}, id="single frames"),
        pytest.param("mbcc-cnn", {"size": (32, 32), "crop": "whole", "pick": "all"}, id="whole frames"),
        pytest.param("cnn-lstm", {"size": (32, 32)}, id="sequences"),
    ],
)
def test_an_interval_of_a_film_gives_what_a_clip_of_it_gave_in_training(
    films: Any, fit_file: Callable[..., Any], tmp_path: Path, name: str, asked: dict[str, Any]
) -> None:
    file = tmp_path / "mine.safetensors"
    material = fit_file(films, file, name, epochs=1, **asked)
    fitted = load_fitted(file)
    model, _ = load_model(file)
    before = shares(predict_logits(model, to_input(material.pictures, model.input)))
    for clip in films:
        rows = [number for number, sample in enumerate(material.samples) if sample.clip == clip.id]
        told = interval_probabilities(fitted, clip.recording, [followed(clip)], [interval(clip)])
        np.testing.assert_allclose(told, before[rows].mean(axis=0, keepdims=True), atol=1e-5)


def test_of_two_people_the_one_that_the_track_follows_is_read(
    films: Any, fit_file: Callable[..., Any], tmp_path: Path
) -> None:
    fit_file(films, tmp_path / "m.safetensors", "mbcc-cnn", size=(48, 48), epochs=1, frames=1)
    fitted = load_fitted(tmp_path / "m.safetensors")
    smile = PlannedExpression(0.1, 0.3, 0.5, (("lip_corner_puller", 0.05),), "happiness")
    scripts = [Script(0.6, 20, size=160, expressions=(smile,), seed=4, subject=one) for one in (0, 3)]
    both = [np.hstack(pair) for pair in zip(*(list(render(one)) for one in scripts), strict=True)]
    recording = replace(probe(write_images(tmp_path / "both", both), image_fps=20), subject=SubjectId("here", "two"))
    clip = Clip("two", recording, Annotation(2, 6, 9, "", "micro", Source(tmp_path), apex_from="coder"))
    tracks, alone = [], []
    for face, script in enumerate(scripts):
        marks = landmarks_px(script) + np.array([160 * face, 0])
        box = (*marks.min(axis=0), *marks.max(axis=0))
        tracks.append(track_of(clip, box, marks, face))
        image = next(iter(render(script)))
        alone.append(face_probabilities(fitted, [image], [landmarks_of(image, find_faces(image)[0])])[0])
    told = interval_probabilities(fitted, recording, tracks, [interval(clip, 0), interval(clip, 1)])
    far = np.abs(alone[0] - alone[1]).max()
    assert np.abs(told[0] - alone[0]).max() < 0.5 * far
    assert np.abs(told[1] - alone[1]).max() < 0.5 * far


def test_without_a_file_it_is_the_recogniser_that_is_shipped_and_it_reads_motion() -> None:
    fitted = load_fitted()
    assert (fitted.shipped, fitted.reads, fitted.classes) == (True, "motion", ("negative", "positive", "surprise"))
    assert "on people it had not seen UF1 0.78" in fitted.describe
    image, marks = np.zeros((64, 64, 3), np.uint8), np.zeros((68, 2))
    with pytest.raises(BadInputError, match="reads the motion between two frames, which a picture does not show"):
        face_probabilities(fitted, [image], [marks])


@pytest.fixture(scope="module")
def mine(films: Any, fit_file: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("models") / "mine.safetensors"
    fit_file(films, path, "shallow-flow", epochs=1, flow="dis")
    return path


def test_a_folder_of_models_lists_each_with_its_line_and_each_that_cannot_be_used_with_the_reason(mine: Path) -> None:
    (mine.parent / "torn.safetensors").write_bytes(mine.read_bytes()[:100])
    (mine.parent / "notes.txt").write_text("no model")
    good, torn = own_models(mine.parent)
    assert (good.name, good.reads, good.classes, good.why) == ("shallow-flow", "motion", ("happiness", "surprise"), "")
    assert good.describe == (
        "shallow-flow (mine.safetensors), 2 classes: happiness, surprise; "
        "how good it is on people it has not seen was never measured"
    )
    assert "damaged or cut short" in torn.why
    assert own_models(mine.parent / "nowhere") == ()


def test_an_analysis_names_intervals_with_the_model_that_was_asked_for(mine: Path, tmp_path: Path) -> None:
    from micromask.datasets.synthetic import write

    raised = PlannedExpression(1.2, 1.4, 1.62, (("inner_brow_raiser", 0.03), ("outer_brow_raiser", 0.03)), "surprise")
    write(Script(seconds=2.4, fps=30, size=200, noise=1.0, expressions=(raised,), seed=4), tmp_path / "brows.mp4")
    told = analyze(tmp_path / "brows.mp4", Settings(model=mine))
    (one,) = told.expressions
    assert tuple(one.probabilities) == ("happiness", "surprise")
    assert told.recognizer.startswith("shallow-flow (mine.safetensors), 2 classes")
    fitted = load_fitted(mine)
    again = interval_probabilities(fitted, told.recording, told.tracks, told.expressions)
    np.testing.assert_allclose(again[0], list(one.probabilities.values()), atol=1e-6)


def test_where_a_model_cannot_read_an_interval_it_says_nothing(mine: Path, films: Any) -> None:
    still = replace(interval(films[0]), apex=films[0].annotation.onset)
    told = interval_probabilities(
        load_fitted(mine), films[0].recording, [followed(films[0])], [still, interval(films[0])]
    )
    assert np.isnan(told[0]).all()
    assert told[1].sum() == pytest.approx(1)


def test_the_map_of_a_face_has_the_size_of_what_the_model_read(
    pictures: Any, fit_file: Callable[..., Any], tmp_path: Path
) -> None:
    fit_file(pictures, tmp_path / "m.safetensors", "mer-cnn1", size=(48, 48), epochs=1, detector="haar")
    fitted: Fitted = load_fitted(tmp_path / "m.safetensors")
    image = read_image(pictures[0].recording.path, colour=True)
    marks = landmarks_of(image, find_faces(image, "haar")[0])
    heat = face_grad_cam(fitted, [image, image], [marks, marks], [0, 1])
    assert heat.shape == (2, 48, 48)
    assert 0 <= heat.min() <= heat.max() <= 1
    assert face_grad_cam(fitted, [], []).shape == (0, 48, 48)

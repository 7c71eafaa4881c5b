"""Single pictures: every face a row, and a model that gets each as it was fitted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from micromask.core.errors import BadInputError
from micromask.datasets import open_corpus
from micromask.faces.detect import detectors
from micromask.inference.fitted import Fitted, load_fitted
from micromask.inference.predict import Asked, predict
from micromask.inference.snapshot import snapshot
from micromask.models import to_input
from micromask.recordings.images import read_image
from micromask.training.fit import predict_logits


@pytest.fixture(scope="module")
def clips(picture_folder: Path) -> Any:
    return open_corpus("image-folder", picture_folder, subject_pattern=r"^(S\d+)_").clips


@pytest.fixture(scope="module")
def fit(clips: Any, fit_file: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    def made(name: str, model: str = "mer-cnn1", **asked: Any) -> tuple[Fitted, Any]:
        file = tmp_path_factory.mktemp("models") / f"{name}.safetensors"
        material = fit_file(clips, file, model, size=(48, 48), epochs=1, **asked)
        return load_fitted(file), material

    return made


@pytest.mark.parametrize("crop", ["face", "whole"])
def test_a_picture_of_the_training_folder_gets_the_probabilities_that_it_had_in_training(
    clips: Any, fit: Callable[..., Any], crop: str
) -> None:
    fitted, material = fit(crop, crop=crop)
    model = fitted.engine
    logits = predict_logits(model, to_input(material.pictures, model.input)).astype(np.float64)
    before = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for clip, row in list(zip(clips, before, strict=True))[::4]:
        read = predict(clip.recording.path, fitted)
        assert read.why == ""
        np.testing.assert_allclose(list(read.faces[0].probabilities.values()), row, atol=1e-5)
        heat = read.faces[0].heat
        assert heat is not None
        assert heat.shape == read.faces[0].shown.shape[:2]


def test_every_face_is_a_row_and_the_largest_comes_first(clips: Any, fit: Callable[..., Any], tmp_path: Path) -> None:
    fitted, _ = fit("many", detector="mtcnn")
    large = read_image(clips[0].recording.path, colour=True)
    other = read_image(clips[-1].recording.path, colour=True)
    scene = np.full((240, 460, 3), 128, np.uint8)
    scene[20:220, 230:430] = large
    scene[60:180, 30:150] = np.asarray(Image.fromarray(other).resize((120, 120), Image.Resampling.LANCZOS))
    Image.fromarray(scene).save(tmp_path / "two.png")
    first, second = predict(tmp_path / "two.png", fitted).faces
    assert first.box is not None
    assert second.box is not None
    assert first.box[0] > 230 > 150 > second.box[2]
    assert first.emotion in fitted.classes
    assert any(step.startswith("enlarged") for step in second.steps)


def test_a_snapshot_reads_the_enhanced_face_and_the_picture_as_it_is(clips: Any, fit: Callable[..., Any]) -> None:
    fitted, _ = fit("camera", detector="mtcnn")
    path = clips[0].recording.path
    (face,) = snapshot(read_image(path, colour=True), detectors["mtcnn"](), model=fitted)
    for read, asked in ((face.probabilities, Asked(enhanced=True)), (face.as_it_is, Asked())):
        (known,) = predict(path, fitted, asked).faces
        assert list(read) == list(fitted.classes)
        np.testing.assert_allclose(list(read.values()), list(known.probabilities.values()), atol=1e-3)
    assert face.probabilities != face.as_it_is


def test_without_a_model_faces_are_found_and_nothing_is_said_of_them(clips: Any) -> None:
    (face,) = predict(clips[0].recording.path).faces
    assert (face.emotion, dict(face.probabilities), face.heat) == (None, {}, None)
    assert face.shown.shape == (256, 256, 3)


def test_a_model_may_read_the_enhanced_face_and_the_row_says_so(clips: Any, fit: Callable[..., Any]) -> None:
    fitted, _ = fit("enhanced")
    path = clips[0].recording.path
    plain, good = (predict(path, fitted, Asked(enhanced=each)).faces[0] for each in (False, True))
    assert "the model read the enhanced face, which is not how it was fitted" in good.cautions
    assert plain.cautions == ()
    assert plain.probabilities != good.probabilities


def test_a_model_of_whole_pictures_gives_one_row_and_says_what_does_not_fit(
    clips: Any, fit: Callable[..., Any], tmp_path: Path
) -> None:
    fitted, _ = fit("whole", crop="whole")
    image = read_image(clips[0].recording.path, colour=True)
    far = np.full((600, 900, 3), 120, np.uint8)
    far[100:300, 100:300], far[100:300, 500:700] = image, image[:, ::-1]
    Image.fromarray(far).save(tmp_path / "far.png")
    (row,) = predict(tmp_path / "far.png", fitted).faces
    told = " ".join(row.cautions)
    assert "2 faces were found" in told
    assert "the face fills little of the picture" in told
    Image.fromarray(np.full((100, 150, 3), 90, np.uint8)).save(tmp_path / "wall.png")
    (row,) = predict(tmp_path / "wall.png", fitted).faces
    assert row.box is None
    assert "no face was found in it" in row.cautions


def test_a_classical_model_answers_and_says_that_it_cannot_show_where_it_looked(
    clips: Any, fit: Callable[..., Any]
) -> None:
    fitted, _ = fit("svm", "svm-linear")
    (face,) = predict(clips[0].recording.path, fitted).faces
    assert face.heat is None
    assert "svm-linear cannot show where it looked" in face.cautions
    assert sum(face.probabilities.values()) == pytest.approx(1)


def test_a_picture_that_cannot_be_read_is_an_answer_and_a_model_of_motion_is_an_error(
    tmp_path: Path, clips: Any
) -> None:
    (tmp_path / "no.jpg").write_bytes(b"nothing")
    read = predict(tmp_path / "no.jpg", name="holiday.jpg")
    assert (read.name, read.size, read.faces) == ("holiday.jpg", None, ())
    assert read.why.startswith("is no picture that can be read")
    with pytest.raises(BadInputError, match="reads the motion between two frames"):
        predict(clips[0].recording.path, load_fitted())


def test_a_picture_of_one_pixel_has_no_face(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    assert predict(tmp_path / "dot.png").faces == ()

"""The three networks: layers against plain numpy, behaviour against the portrait."""

from __future__ import annotations

import hashlib
import json

import cv2
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from skimage.data import astronaut

from micromask.core.errors import MissingPartError
from micromask.faces.detect import mtcnn
from micromask.faces.detect.mtcnn import WEIGHTS, MtcnnDetector


@pytest.fixture(scope="module")
def detector() -> MtcnnDetector:
    torch.set_num_threads(1)
    return MtcnnDetector()


def test_five_landmarks_lie_on_the_eyes_the_nose_and_the_corners_of_the_mouth(detector):
    (face,) = detector(astronaut()[:300, :400])
    by_eye = [(203.4, 101.0), (247.0, 103.5), (225, 129), (202, 139.5), (245, 141)]
    assert np.abs(face.landmarks - by_eye).max() < 3
    assert face.confidence > 0.99


def test_a_mirrored_face_gives_mirrored_landmarks_in_the_order_of_the_viewer(detector):
    image = astronaut()[:300, 100:400]
    (face,), (mirrored,) = detector(image), detector(image[:, ::-1])
    swapped = mirrored.landmarks[[1, 0, 2, 4, 3]] * [-1, 1] + [299, 0]
    assert np.abs(swapped - face.landmarks).max() < 3


def test_a_rolled_head_is_found(detector):
    turn = cv2.getRotationMatrix2D((225, 130), 25, 1)
    (face,) = detector(cv2.warpAffine(astronaut()[:300, :400], turn, (400, 300), borderMode=cv2.BORDER_REPLICATE))
    eyes = face.landmarks[1] - face.landmarks[0]
    assert np.degrees(np.arctan2(-eyes[1], eyes[0])) == pytest.approx(25 - 3, abs=4)  # the portrait leans by 3 degrees


def test_the_first_network_answers_as_plain_numpy_does(detector):
    w = load_file(WEIGHTS)
    x = np.random.default_rng(0).normal(size=(3, 12, 12)).astype(np.float32)

    def convolve(x, name):
        kernel = w[f"pnet.{name}.weight"]
        windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[2:], axis=(1, 2))
        return np.einsum("cijkl,ockl->oij", windows, kernel) + w[f"pnet.{name}.bias"][:, None, None]

    def bend(x, number):
        return np.where(x > 0, x, x * w[f"pnet.prelu{number}"][:, None, None])

    y = bend(convolve(x, "conv1"), 1).reshape(10, 5, 2, 5, 2).max(axis=(2, 4))
    y = bend(convolve(bend(convolve(y, "conv2"), 2), "conv3"), 3)
    logits = convolve(y, "face").ravel()
    shift, face = detector._pnet(torch.from_numpy(x[None]))
    np.testing.assert_allclose(shift.ravel(), convolve(y, "box").ravel(), atol=1e-4)
    assert face.item() == pytest.approx(1 / (1 + np.exp(logits[0] - logits[1])), abs=1e-4)


def test_windows_that_all_fail_the_last_network_are_no_error(detector, monkeypatch):
    monkeypatch.setattr(mtcnn, "FACE", (0.6, 0.7, 1.1))
    assert detector(astronaut()[:300, :400]) == []
    monkeypatch.setattr(mtcnn, "FACE", (0.6, 1.1, 0.95))
    assert detector(astronaut()[:300, :400]) == []


def test_the_number_of_threads_is_left_alone(detector):
    before = torch.get_num_threads()
    detector(astronaut()[:100, :100])
    assert torch.get_num_threads() == before


def test_the_weights_are_those_of_the_card_and_their_licence_lies_beside_them():
    card = json.loads(WEIGHTS.with_suffix(".json").read_text())
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == card["sha256"]
    assert sum(array.size for array in load_file(WEIGHTS).values()) == card["parameters"] == 495_850
    notice = (WEIGHTS.parent / "NOTICE.txt").read_text()
    assert "Permission is hereby granted, free of charge" in notice
    assert "mtcnn 1.0.0" in notice


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(MissingPartError, match="weights of 'mtcnn' are missing"):
        MtcnnDetector(tmp_path / "none.safetensors")

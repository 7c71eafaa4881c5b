"""What the recogniser is given from film: faces with known actions, no training data."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.datasets.synthetic import PlannedExpression, Script, landmarks_px, render
from micromask.faces.align import ALIGNED_SIZE, aligned_landmarks, face_transform, warp_face
from micromask.imaging.tone import normalise_light, to_grey
from micromask.inference.recognise import load_recognizer, recognise
from micromask.motion.maps import encode_map
from micromask.motion.strain import optical_strain
from micromask.motion.window import MAP_EYE_HEIGHT, MAP_EYES, MAP_MOUTH_HEIGHT, map_window, own_flow


@pytest.mark.parametrize("size", [96, 128, 256])
def test_the_window_shows_eyes_and_mouth_where_the_training_maps_have_them(size: int) -> None:
    rows, columns = map_window(size)
    points = aligned_landmarks(size)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    assert 0 <= rows.start < rows.stop <= size
    assert 0 <= columns.start < columns.stop <= size
    eyes = points[36:42].mean(0), points[42:48].mean(0)
    for eye, wanted in zip(eyes, MAP_EYES, strict=True):
        assert (eye[0] - columns.start) / width == pytest.approx(wanted, abs=0.02)
        assert (eye[1] - rows.start) / height == pytest.approx(MAP_EYE_HEIGHT, abs=0.02)
    assert (points[[48, 54], 1].mean() - rows.start) / height == pytest.approx(MAP_MOUTH_HEIGHT, abs=0.02)


@pytest.mark.parametrize(
    ("actions", "emotion"),
    [
        pytest.param((("lip_corner_puller", 0.04),), "positive", id="smile"),
        pytest.param((("brow_lowerer", 0.04),), "negative", id="frown"),
        pytest.param((("inner_brow_raiser", 0.04), ("outer_brow_raiser", 0.04)), "surprise", id="raised brows"),
    ],
)
@pytest.mark.parametrize("subject", [0, 3])
def test_an_action_is_recognised_as_the_emotion_it_belongs_to(
    actions: tuple[tuple[str, float], ...], emotion: str, subject: int
) -> None:
    planned = PlannedExpression(0.05, 0.2, 0.39, actions, emotion)
    script = Script(seconds=0.4, fps=10, size=320, subject=subject, seed=subject, expressions=(planned,))
    frames = [to_grey(frame) for frame in render(script)]
    to_aligned = face_transform(landmarks_px(script), ALIGNED_SIZE)
    faces = [normalise_light(warp_face(frames[index], to_aligned)) for index in (0, 2)]
    rows, columns = map_window(ALIGNED_SIZE)
    window = own_flow(faces[0], faces[1])[:, rows, columns]
    recognizer = load_recognizer()
    chances = recognise(recognizer, encode_map(window, optical_strain(window))[None])[0]
    assert recognizer.classes[int(chances.argmax())] == emotion
    assert chances.sum() == pytest.approx(1)


def test_a_head_that_only_moved_leaves_next_to_no_flow_of_its_own() -> None:
    y, x = np.mgrid[0:160, 0:160].astype(float)
    texture = np.clip(128 + 50 * np.sin(x / 5) * np.cos(y / 6) + 30 * np.sin((x + y) / 9), 0, 255).astype(np.uint8)
    still, moved = texture[16:144, 16:144], texture[18:146, 13:141]
    assert np.abs(own_flow(still, moved, "dis")[:, 30:110, 20:108]).mean() < 0.3

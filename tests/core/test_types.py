from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from micromask.core.types import Detection, Evidence, Expression, FaceTrack, MotionMap, Recording

EVIDENCE = Evidence(face_px=200, fps=30, blur=50, head_motion=1)


def expression(**changes: object) -> Expression:
    facts: dict[str, object] = {
        "face": 0, "onset": 3, "apex": 5, "offset": 9, "onset_s": 0.1, "apex_s": 0.2, "offset_s": 0.3,
        "kind": "micro", "strength": 2.0, "regions": ("chin",), "evidence": EVIDENCE,
    }  # fmt: skip
    return Expression(**{**facts, **changes})  # type: ignore[arg-type]


def test_an_expression_has_its_apex_between_onset_and_offset() -> None:
    with pytest.raises(ValueError, match="onset <= apex <= offset"):
        expression(apex=10)


def test_probabilities_add_to_one_and_the_emotion_is_the_most_probable() -> None:
    assert expression(probabilities={"negative": 0.2, "positive": 0.8}).emotion == "positive"
    assert expression().emotion is None
    with pytest.raises(ValueError, match="add to 1"):
        expression(probabilities={"negative": 0.2})


def test_a_recording_refuses_a_clock_of_another_length() -> None:
    with pytest.raises(ValueError, match=r"times must be \(5,\)"):
        Recording("x", Path("x.mp4"), 30.0, 5, (10, 10), times=np.arange(4.0))


def test_a_track_refuses_frames_that_do_not_ascend() -> None:
    arrays = np.zeros((2, 4)), np.zeros((2, 68, 2)), np.zeros((2, 2, 3)), np.zeros(2)
    with pytest.raises(ValueError, match="must ascend"):
        FaceTrack("x", 0, np.array([3, 3]), *arrays, method="dlib", aligned_size=(128, 128))


def test_a_motion_map_refuses_opencv_order() -> None:
    with pytest.raises(ValueError, match=r"flow must be \(2, H, W\)"):
        MotionMap(np.zeros((8, 8, 2)), np.zeros((8, 8)), 0, 1, "dis")


def test_a_box_has_an_inside() -> None:
    with pytest.raises(ValueError, match="x1 > x0"):
        Detection((3, 0, 3, 5), 1.0)

"""A face that is followed by its skin, on film whose every movement is known."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from micromask.core.types import Image
from micromask.datasets.synthetic import HeadMove, PlannedExpression, Script, inter_ocular_px, landmarks_px, render
from micromask.faces.align import apply, invert
from micromask.faces.regions import EYES, SPOT_NAMES
from micromask.motion.follow import Follower, Step

STILL = Script(seconds=1.0, fps=20, seed=5)


def grey(script: Script) -> list[Image]:
    return [np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)) for frame in render(script)]


def follow(script: Script) -> tuple[Follower, list[Step]]:
    pictures = grey(script)
    follower = Follower(pictures[0], landmarks_px(script))
    return follower, [follower.step(picture) for picture in pictures]


def test_a_still_noisy_face_gives_a_flat_timeline() -> None:
    _, steps = follow(replace(STILL, noise=4.0))
    travel = np.stack([step.travel for step in steps])
    assert np.abs(travel).max() < 0.6, "per cent of the distance between the eyes"
    head = np.ptp(np.stack([step.head for step in steps]), axis=0)
    assert head[:4].max() < 0.4, "place, roll and size"
    assert head[4:].max() < 1.5, "yaw and pitch, which hang on less"
    assert min(step.likeness for step in steps) > 0.95


def test_a_drifting_face_is_held_still_and_its_skin_does_not_move() -> None:
    script = replace(STILL, head=(HeadMove("shift_x", 0, 0.9, 0.3, False),))
    follower, steps = follow(script)
    assert np.abs(np.stack([step.travel for step in steps])).max() < 1.0
    assert steps[-1].head[0] == pytest.approx(30, abs=1)
    assert follower.box()[0] == pytest.approx(landmarks_px(script)[:, 0].min() + 0.3 * inter_ocular_px(script), abs=2)


def test_a_head_that_tilts_is_held_upright() -> None:
    _, steps = follow(replace(STILL, head=(HeadMove("roll", 0, 0.9, 5, False),)))
    assert np.abs(np.stack([step.travel for step in steps])).max() < 1.0
    assert steps[-1].head[2] == pytest.approx(100 * np.deg2rad(5), abs=0.5)


def test_a_turning_head_leaves_little_on_the_skin_and_is_seen_as_yaw() -> None:
    _, steps = follow(replace(STILL, head=(HeadMove("yaw", 0, 2.0, 8),)))
    eyes = [name in EYES for name in SPOT_NAMES]
    travel = np.stack([step.travel for step in steps])[:, ~np.array(eyes)]
    assert np.abs(steps[-1].head[4]) > 3
    assert np.linalg.norm(travel, axis=2).max() < 0.5 * np.abs(steps[-1].head[[0, 4]]).max()


@pytest.mark.parametrize(
    ("action", "region", "direction"),
    [
        pytest.param("lip_corner_puller", "mouth_left", (1, -1), id="smile: the left corner goes right and up"),
        pytest.param("lip_corner_depressor", "mouth_right", (0, 1), id="frown: the corner goes down"),
        pytest.param("outer_brow_raiser", "brow_left", (0, -1), id="surprise: the brow goes up"),
        pytest.param("brow_lowerer", "brow_right", (0, 1), id="anger: the brow goes down"),
    ],
)
def test_an_action_moves_its_own_region_its_own_way(action: str, region: str, direction: tuple[int, int]) -> None:
    planned = PlannedExpression(0.1, 0.5, 0.95, ((action, 0.05),), "any")
    _, steps = follow(replace(STILL, expressions=(planned,)))
    apex = steps[10].travel
    own = [index for index, name in enumerate(SPOT_NAMES) if name == region]
    strongest = apex[max(own, key=lambda index: float(np.linalg.norm(apex[index])))]
    for moved, wanted in zip(strongest, direction, strict=True):
        assert moved * wanted >= 0
    assert np.linalg.norm(strongest) > 2
    assert np.abs(steps[-1].travel - steps[0].travel).max() < 0.8, "and comes back"


def test_a_face_that_jumps_farther_than_flow_sees_is_found_again() -> None:
    picture = grey(replace(STILL, seconds=0.05))[0]
    follower = Follower(picture, landmarks_px(STILL))
    before = follower.box()
    moved = np.asarray(cv2.warpAffine(picture, np.array([[1.0, 0, 40], [0, 1, 24]]), (480, 480), borderMode=1))
    step = follower.step(moved)
    assert step.likeness > 0.9
    assert follower.box()[0] - before[0] == pytest.approx(40, abs=1)
    assert follower.box()[1] - before[1] == pytest.approx(24, abs=1)


def test_a_picture_without_the_face_is_unlike_it() -> None:
    picture = grey(replace(STILL, seconds=0.05))[0]
    follower = Follower(picture, landmarks_px(STILL))
    noise = np.random.default_rng(0).integers(0, 255, picture.shape, dtype=np.uint8)
    assert follower.step(noise).likeness < 0.5


def test_landmarks_that_agree_to_their_jitter_change_nothing_and_others_pull_the_alignment_softly() -> None:
    picture = grey(replace(STILL, seconds=0.05))[0]
    follower = Follower(picture, landmarks_px(STILL))
    follower.step(picture)
    shifted = landmarks_px(STILL) + [10.0, 0]
    assert not follower.look(picture, landmarks_px(STILL) + [3.0, 0])
    assert follower.drift(shifted) == pytest.approx(10 / inter_ocular_px(STILL), rel=0.1)
    middle = apply(invert(follower.to_aligned), np.array([64.0, 64.0]))
    assert follower.look(picture, shifted)
    moved = apply(invert(follower.to_aligned), np.array([64.0, 64.0])) - middle
    assert 3 < moved[0] < 7
    assert np.abs(follower.step(picture).travel).max() < 0.3

import math

import pytest
import torch

from micromask.models.inputs import Input
from micromask.training.augment import augment, augmentations, mirror

FRAME = Input("frame", 1, 16, 16)
INPUTS = {"frame": FRAME, "frames": Input("frames", 2, 12, 12, frames=5), "motion": Input("motion", 3, 28, 28, low=-1)}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def batch(given, n=6):
    return torch.rand((n, *given.shape), generator=generator(9)) * (given.high - given.low) + given.low


@pytest.mark.parametrize("name", sorted(augmentations))
@pytest.mark.parametrize("reads", sorted(INPUTS))
def test_every_augmentation_keeps_shape_and_range_and_follows_its_seed(name, reads):
    given, known = INPUTS[reads], augmentations[name]
    if reads not in known.reads:
        assert known.reads  # refused by check_augment, which test_fit shows
        return
    inputs = batch(given)
    kept = inputs.clone()
    one, same, other = (augment(inputs, (name,), given, generator(seed)) for seed in (1, 1, 6))
    assert one.shape == inputs.shape
    assert one.dtype == torch.float32
    assert given.low - 1e-5 <= one.min() <= one.max() <= given.high + 1e-5
    assert torch.equal(inputs, kept)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not torch.equal(one, inputs)


def test_a_mirrored_motion_map_changes_the_sign_of_u_about_the_middle_of_its_range():
    given = Input("motion", 3, 28, 28)
    maps = batch(given)
    mirrored = mirror(maps, given)
    assert torch.allclose(mirrored[:, 0], 1 - maps[:, 0].flip(-1))
    assert torch.equal(mirrored[:, 1:], maps[:, 1:].flip(-1))
    assert torch.allclose(mirror(mirrored, given), maps)


def test_flip_mirrors_some_samples_and_leaves_the_others():
    inputs = batch(FRAME, 40)
    flipped = augment(inputs, ("flip",), FRAME, generator())
    is_same = (flipped == inputs).flatten(1).all(1)
    is_mirrored = (flipped == inputs.flip(-1)).flatten(1).all(1)
    assert (is_same | is_mirrored).all()
    assert 10 < is_same.sum() < 30


def test_rotation_turns_by_no_more_than_ten_degrees_about_the_middle():
    given = Input("frame", 1, 65, 65)
    inputs = torch.zeros(8, 1, 65, 65)
    inputs[:, 0, 32, 52] = 1.0  # 20 px right of the middle
    inputs[:, 0, 32, 32] = 1.0
    turned = augment(inputs, ("rotation",), given, generator())
    for picture in turned[:, 0]:
        assert picture[31:34, 31:34].sum() > 0.9
        picture[31:34, 31:34] = 0
        y, x = divmod(int(picture.argmax()), 65)
        assert abs(math.degrees(math.atan2(y - 32, x - 32))) <= 10 + 3
        assert math.hypot(y - 32, x - 32) == pytest.approx(20, abs=1)


def test_blur_keeps_the_mean_and_smooths():
    inputs = torch.zeros(4, 1, 16, 16)
    inputs[:, 0, 8, 8] = 1.0
    blurred = augment(inputs, ("blur",), FRAME, generator())
    torch.testing.assert_close(blurred.sum((1, 2, 3)), torch.ones(4))
    peaks = blurred.flatten(1).amax(1)
    assert (peaks <= 1).all()
    assert peaks.min() < 0.6


def test_brightness_adds_a_constant():
    inputs = torch.full((5, 1, 16, 16), 0.5)
    changed = augment(inputs, ("brightness",), FRAME, generator()) - inputs
    assert torch.allclose(changed.flatten(1).amax(1), changed.flatten(1).amin(1))
    assert changed.abs().max() <= 0.2


def test_frame_jitter_moves_whole_frames():
    given = INPUTS["frames"]
    inputs = torch.arange(5.0)[None, None, :, None, None].expand(30, 2, 5, 12, 12).contiguous() / 5
    moved = augment(inputs, ("frame-jitter",), given, generator())[:, 0, :, 0, 0] * 5
    rows = {tuple(round(value) for value in row) for row in moved.tolist()}
    assert rows == {(0, 0, 1, 2, 3), (0, 1, 2, 3, 4), (1, 2, 3, 4, 4)}

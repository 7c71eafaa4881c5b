"""Training samples changed a little at random, batch by batch, after the split; each as its modality allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from micromask.core.errors import BadInputError
from micromask.core.registry import Registry
from micromask.models.inputs import Input, Reads

Change = Callable[[Tensor, Input, torch.Generator], Tensor]
"""From a batch (N, *shape) in the input's range to a changed one of the same shape."""

PICTURES: tuple[Reads, ...] = ("frame", "frames")
ALL: tuple[Reads, ...] = ("frame", "frames", "motion")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """A change by name, and the kinds of input that bear it."""

    name: str
    title: str
    reads: tuple[Reads, ...]
    change: Change


augmentations: Registry[Augmentation] = Registry("augmentation")


def augmentation(name: str, title: str, reads: tuple[Reads, ...]) -> Callable[[Change], Change]:
    """Decorator that enters a change in the registry."""

    def enter(change: Change) -> Change:
        augmentations.add(name)(Augmentation(name, title, reads, change))
        return change

    return enter


def check_augment(names: Sequence[str], given: Input) -> None:
    """Raise BadInputError for a name that is not known or not for this kind of input."""
    for name in names:
        known = augmentations[name]
        if given.reads not in known.reads:
            able = ", ".join(each for each in augmentations if given.reads in augmentations[each].reads)
            raise BadInputError(f"augmentation {name!r} is not for inputs of {given.reads!r}; those that are: {able}")


def augment(batch: Tensor, names: Sequence[str], given: Input, generator: torch.Generator) -> Tensor:
    """The batch (N, *shape) with each named change applied in turn."""
    for name in names:
        batch = augmentations[name].change(batch, given, generator)
    return batch


def mirror(batch: Tensor, given: Input) -> Tensor:
    """The batch seen in a mirror: left and right change places, and motion to the right becomes motion to the left.

    Examples
    --------
    >>> one = torch.zeros(1, 3, 4, 4)
    >>> one[0, 0, 1, 0] = 1.0
    >>> mirror(one, Input("motion", 3, 4, 4, low=-1))[0, 0, 1]
    tensor([ 0.,  0.,  0., -1.])
    """
    mirrored = batch.flip(-1)
    if given.reads == "motion":
        mirrored[:, 0] = (given.low + given.high) - mirrored[:, 0]
    return mirrored


@augmentation("flip", "every second sample mirrored; horizontal flow changes its sign", ALL)
def flip(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """Each sample mirrored with probability one half."""
    chosen = torch.rand(len(batch), generator=generator) < 0.5
    return torch.where(_wide(chosen, batch), mirror(batch, given), batch)


@augmentation("shift", "the whole batch moved by up to one pixel, edges repeated", ALL)
def shift(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """One draw of up to a pixel down and right for the whole batch."""
    down, right = torch.randint(-1, 2, (2,), generator=generator).tolist()
    height, width = batch.shape[-2:]
    planes = functional.pad(_planes(batch), (1, 1, 1, 1), mode="replicate")
    return planes[..., 1 + down : 1 + down + height, 1 + right : 1 + right + width].reshape(batch.shape)


@augmentation("crop", "a window of seven eighths of the sides, anywhere, brought back to size", ALL)
def crop(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """A window of 7/8 of the height and width of each sample, at random, scaled back to the full size."""
    room = 1 / 8
    place = (torch.rand(len(batch), 2, generator=generator) * 2 - 1) * room
    return _warp(batch, torch.full((len(batch),), 1 - room), torch.zeros(len(batch)), place)


@augmentation("rescale", "each sample scaled by 0.9 to 1.1 about its middle", ALL)
def rescale(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """Each sample enlarged or shrunk by up to a tenth, edges repeated."""
    zoom = 0.9 + 0.2 * torch.rand(len(batch), generator=generator)
    return _warp(batch, 1 / zoom, torch.zeros(len(batch)), torch.zeros(len(batch), 2))


@augmentation("rotation", "each sample turned by up to 10 degrees", PICTURES)
def rotation(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """Each sample turned about its middle by -10 to 10 degrees, edges repeated.

    Not for motion maps: their channels are scaled each by itself, so that their vectors cannot be turned.
    """
    angle = (torch.rand(len(batch), generator=generator) * 2 - 1) * math.radians(10)
    return _warp(batch, torch.ones(len(batch)), angle, torch.zeros(len(batch), 2))


@augmentation("blur", "a Gaussian blur of up to one pixel", PICTURES)
def blur(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """Each sample blurred with a Gaussian of 0 to 1 px, over 5 x 5 px."""
    sigma = torch.rand(len(batch), generator=generator).clamp(min=0.05)
    steps = torch.arange(-2.0, 3.0)
    kernel = torch.exp(-0.5 * (steps / sigma[:, None]) ** 2)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).to(batch)
    planes = _planes(batch)
    count, depth = planes.shape[:2]
    weights = kernel.repeat_interleave(depth, dim=0)
    padded = functional.pad(planes, (2, 2, 2, 2), mode="replicate").reshape(1, count * depth, *_padded(planes))
    across = functional.conv2d(padded, weights[:, None, None, :], groups=count * depth)
    both = functional.conv2d(across, weights[:, None, :, None], groups=count * depth)
    return both.reshape(batch.shape)


@augmentation("brightness", "each sample lighter or darker by up to a fifth of the range", PICTURES)
def brightness(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """A constant of up to a fifth of the range added to each sample, cut off at the range's ends."""
    change = (torch.rand(len(batch), generator=generator) * 2 - 1) * 0.2 * (given.high - given.low)
    return (batch + _wide(change, batch).to(batch)).clamp(given.low, given.high)


@augmentation("frame-jitter", "each sequence one frame early, late or as it is", ("frames",))
def frame_jitter(batch: Tensor, given: Input, generator: torch.Generator) -> Tensor:
    """Each sequence moved by -1, 0 or 1 frame, the first or last frame repeated."""
    late = torch.randint(-1, 2, (len(batch), 1), generator=generator)
    index = (torch.arange(given.frames)[None] + late).clamp(0, given.frames - 1).to(batch.device)
    index = index[:, None, :, None, None].expand(-1, given.channels, -1, given.height, given.width)
    return batch.gather(2, index)


def _planes(batch: Tensor) -> Tensor:
    """(N, C, T, H, W) or (N, C, H, W) as (N, C * T, H, W)."""
    return batch.reshape(len(batch), -1, *batch.shape[-2:])


def _padded(planes: Tensor) -> tuple[int, int]:
    return planes.shape[-2] + 4, planes.shape[-1] + 4


def _wide(values: Tensor, batch: Tensor) -> Tensor:
    return values.reshape(-1, *[1] * (batch.ndim - 1)).to(batch.device)


def _warp(batch: Tensor, zoom: Tensor, angle: Tensor, place: Tensor) -> Tensor:
    """Each sample sampled anew: ``zoom`` (N,) of its half sides, turned by ``angle`` (N,), around ``place`` (N, 2)."""
    planes = _planes(batch)
    ratio = planes.shape[-2] / planes.shape[-1]
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = torch.stack(
        [
            torch.stack([cos, -sin * ratio, place[:, 0]], dim=1),
            torch.stack([sin / ratio, cos, place[:, 1]], dim=1),
        ],
        dim=1,
    ).to(batch)
    grid = functional.affine_grid(rows, list(planes.shape), align_corners=False)
    warped = functional.grid_sample(planes, grid, padding_mode="border", align_corners=False)
    return warped.reshape(batch.shape)

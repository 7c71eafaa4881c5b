"""Changed copies of samples, made before anything is split: what some papers did, and a leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from micromask.evaluation.material import Material
from micromask.models.inputs import Input, to_input
from micromask.training.augment import augment, check_augment


def with_copies(material: Material, names: Sequence[str], given: Input, seed: int = 0) -> Material:
    """The material with a changed copy of every sample for each change, ``ID~flip`` beside ``ID``.

    A copy has its original's clip, person and class. Split at random afterwards, originals and copies are on both
    sides: this is here to show what a published figure owes to that.

    Parameters
    ----------
    material : Material
    names : sequence of str
        Names in ``training.augment.augmentations``.
    given : Input
        What the pictures are.
    seed : int

    Raises
    ------
    BadInputError
        If a change is not known or not for this input.
    """
    check_augment(names, given)
    pictures, samples = [material.pictures], list(material.samples)
    plain = to_input(material.pictures, given)
    for place, name in enumerate(names):
        generator = torch.Generator().manual_seed(seed * 1000 + place)
        changed = plain.clone()
        if name == "flip":  # half of them would be copies that nothing has changed
            changed = changed.flip(-1)
        else:
            changed = augment(changed, [name], given, generator)
        pictures.append(_bytes(changed, given, material.pictures.ndim))
        samples += [replace(sample, id=f"{sample.id}~{name}") for sample in material.samples]
    return replace(material, samples=tuple(samples), pictures=np.concatenate(pictures))


def _bytes(inputs: torch.Tensor, given: Input, dimensions: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Back from (N, C, H, W) in the input's range to pictures as they were, (N, H, W) or (N, H, W, C) uint8."""
    scaled = (inputs - given.low) * (255 / (given.high - given.low))
    planes = np.moveaxis(scaled.round().clamp(0, 255).numpy().astype(np.uint8), 1, -1)
    return planes[..., 0] if dimensions == 3 else planes

"""What every network with ImageNet weights begins with: a picture in [0, 1], as those weights expect it."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

MEAN = (0.485, 0.456, 0.406)
SPREAD = (0.229, 0.224, 0.225)
"""Red, green and blue over ImageNet's training pictures, with which most weights were fitted."""

Grey = Literal["repeat", "sum"]
"""How one channel enters a network of three: repeated, or through a stem whose weights are summed over the channels."""


class ImageNetInput(nn.Module):
    """Pictures in [0, 1] to numbers with ImageNet's mean and spread.

    With ``channels=3``, three channels are scaled each by its own mean and spread, and one channel is repeated before:
    a grey picture then gives exactly what the same picture in colour gives. With ``channels=1``, for a network with a
    summed stem, one channel is scaled by the average mean and spread. That spares two thirds of the first convolution
    and is the same only where the three channels have one mean and one spread.

    Examples
    --------
    >>> ImageNetInput(1, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))(torch.tensor([[[[1.0, 0.0]]]])).tolist()
    [[[[1.0, -1.0]]]]
    """

    def __init__(
        self,
        channels: int = 3,
        mean: tuple[float, ...] = MEAN,
        spread: tuple[float, ...] = SPREAD,
    ) -> None:
        super().__init__()
        if channels == 1:
            mean, spread = (sum(mean) / len(mean),), (sum(spread) / len(spread),)
        self.channels = channels
        self.mean: Tensor
        self.spread: Tensor
        # Constants of the entry, not weights: they are not saved with them.
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("spread", torch.tensor(spread).view(1, -1, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures (N, 1 or 3, H, W) in [0, 1] to (N, channels, H, W)."""
        return (pictures.expand(-1, self.channels, -1, -1) - self.mean) / self.spread


def stem_channels(channels: int, grey: Grey) -> int:
    """How many channels the first convolution reads, for pictures of ``channels``."""
    return 1 if channels == 1 and grey == "sum" else 3

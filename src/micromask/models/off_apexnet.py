"""OFF-ApexNet: a stream for the motion right and one for the motion down, joined before two wide layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input


def _stream() -> nn.Sequential:
    """One plane (N, 1, 28, 28) to features (N, 784)."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    )


class OffApexNet(nn.Module):
    """Optical flow features from the apex frame, for maps of 28 x 28 pixels.

    u and v each have a stream of their own: a 5 x 5 convolution with 6 filters, max pool, one with 16 filters, max
    pool. The 2 x 784 features are joined and go through two layers of 1024 units. The strain is not used.

    Parameters
    ----------
    classes : int
    dropout : float

    Source
    ------
    Gan, Liong, Yau, Huang, Tan 2019, doi:10.1016/j.image.2019.02.005

    Examples
    --------
    >>> OffApexNet(3)(torch.zeros(2, 3, 28, 28)).shape
    torch.Size([2, 3])
    """

    def __init__(self, classes: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.right, self.down = _stream(), _stream()
        self.first, self.second = nn.Linear(2 * 16 * 7 * 7, 1024), nn.Linear(1024, 1024)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(1024, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) float to logits (N, classes)."""
        joined = torch.cat([self.right(maps[:, 0:1]), self.down(maps[:, 1:2])], dim=1)
        hidden = self.dropout(torch.relu(self.first(joined)))
        hidden = self.dropout(torch.relu(self.second(hidden)))
        logits: Tensor = self.head(hidden)
        return logits


enter(
    ModelEntry(
        name="off-apexnet",
        title="Optical flow features from the apex frame, two streams",
        family="motion network",
        input=Input("motion", 3, 28, 28),
        build=lambda given, n_classes, pretrained: OffApexNet(n_classes),
        stages=(("right", "down"), ("first", "second"), ("head",)),
        paper="Gan, Liong, Yau, Huang, Tan 2019, OFF-ApexNet on micro-expression recognition system",
        doi="10.1016/j.image.2019.02.005",
        layers=(
            Layer("flow right: convolution 5 x 5, 6 filters", "right.0"),
            Layer("max pool 2 x 2", "right.2"),
            Layer("convolution 5 x 5, 16 filters", "right.3"),
            Layer("max pool 2 x 2", "right.5"),
            Layer("flow down: convolution 5 x 5, 6 filters", "down.0"),
            Layer("max pool 2 x 2", "down.2"),
            Layer("convolution 5 x 5, 16 filters", "down.3"),
            Layer("max pool 2 x 2", "down.5"),
            Layer("both joined, fully connected, 1024", "first"),
            Layer("fully connected, 1024", "second"),
            Layer("fully connected, 1024 to classes", "head"),
        ),
        open_points=(
            "Padding: that which keeps the planes at 28 and 14 pixels, so that each stream ends in 16 planes of 7 x 7; "
            "the count of 2.66 million parameters that others give for the network comes out with it.",
            "Activation and dropout: relu after each convolution and each wide layer, dropout of 0.5 after the wide "
            "layers.",
            "The range of the values: 0 to 1.",
            "The input is the common motion map of three planes; the strain, the third, is left out.",
        ),
    )
)

"""One shallow stream over a motion map: wide filters, coarse pooling, one linear layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input


class ShallowFlowNet(nn.Module):
    """A single-stream network for maps of 28 x 28 pixels, about as small as such data bear.

    A 5 x 5 convolution with 16 filters and stride 2, batch norm, relu, a 2 x 2 average pool, dropout and one linear
    layer over 16 x 7 x 7 numbers: a learnt counterpart of orientation histograms over a grid of cells.

    Parameters
    ----------
    classes : int
    dropout : float

    Examples
    --------
    >>> ShallowFlowNet(3)(torch.zeros(2, 3, 28, 28)).shape
    torch.Size([2, 3])
    """

    def __init__(self, classes: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.filters = nn.Conv2d(3, 16, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm2d(16)
        self.pool = nn.AvgPool2d(2)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(16 * 7 * 7, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) float to logits (N, classes)."""
        planes = self.pool(torch.relu(self.norm(self.filters(maps))))
        logits: Tensor = self.head(self.dropout(planes).flatten(1))
        return logits


class Centre(nn.Module):
    """Maps in [0, 1] as the network wants them: each plane in 0-255 less its median, in 64ths.

    The median takes away what the head moved and, roughly, where the scaling of the map put zero. Of an even number of
    pixels it is the mean of the two in the middle.

    Examples
    --------
    The median of 0, 0.2, 0.4 and 1 is 0.3:

    >>> Centre()(torch.tensor([[[[0.0, 0.2], [0.4, 1.0]]]])) * 64 / 255
    tensor([[[[-0.3000, -0.1000],
              [ 0.1000,  0.7000]]]])
    """

    def forward(self, maps: Tensor) -> Tensor:
        """(N, planes, height, width), and the same out."""
        pixels = maps.flatten(2)
        many = pixels.shape[-1]
        # The larger half in descending order: its end is the middle. torch.median would take the lower of the two.
        upper = torch.topk(pixels, many // 2 + 1, dim=-1).values
        middle = upper[..., -1:] if many % 2 else upper[..., -2:].mean(dim=-1, keepdim=True)
        return (maps - middle.unsqueeze(-1)) * (255 / 64)


class CentredFlowNet(ShallowFlowNet):
    """The same network on maps in [0, 1], which it centres itself."""

    def __init__(self, classes: int = 3, dropout: float = 0.5) -> None:
        super().__init__(classes, dropout)
        self.centre = Centre()

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) in [0, 1] to logits (N, classes)."""
        return super().forward(self.centre(maps))


enter(
    ModelEntry(
        name="shallow-flow",
        title="One shallow stream, a learnt counterpart of orientation histograms",
        family="motion network",
        input=Input("motion", 3, 28, 28),
        build=lambda given, n_classes, pretrained: CentredFlowNet(n_classes),
        stages=(("filters", "norm"), ("head",)),
        paper="None: a network of this project, after histograms of oriented flow (Dalal, Triggs, Schmid 2006)",
        doi="10.1007/11744047_33",
        layers=(
            Layer("each plane less its median", "centre"),
            Layer("orientation of the motion at each place: convolution 5 x 5 of stride 2, 16 filters", "filters"),
            Layer("batch norm, relu", "norm"),
            Layer("sums over a grid of 7 x 7 cells: average pool 2 x 2", "pool"),
            Layer("dropout 0.5", "dropout"),
            Layer("fully connected, 784 to classes", "head"),
        ),
        open_points=("There is no paper: the layers and their sizes are this project's own.",),
    )
)

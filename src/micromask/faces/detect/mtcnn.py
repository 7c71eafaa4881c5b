"""MTCNN: three small convolutional networks that propose, refine and finish faces, with five landmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as nn

from micromask.core.errors import MissingPartError
from micromask.core.types import Detection, Image
from micromask.faces.detect.convention import BoxShape, as_rgb, check_request, largest_first, without_doubles

WEIGHTS = Path(__file__).with_name("weights") / "mtcnn.safetensors"

OWN_BOX = BoxShape(right=0.0, down=0.14, width=1.045, height=0.778)
"""The common box in MTCNN's (see `convention`)."""

WINDOW, STRIDE = 12, 2
"""Window and step in px with which the first network walks over a picture."""

STEP = 0.709
"""Ratio of two neighbouring sizes of the picture: each has half the area of the one before."""

FACE = (0.6, 0.7, 0.95)
"""Probability of a face that lets a window pass each of the networks.

The last one is above the authors' 0.7: on film, faces have 0.99 and clothes up to 0.93.
"""

Floats = NDArray[np.float64]


class MtcnnDetector:
    """Three cascaded networks in PyTorch on the CPU; five landmarks: eyes (viewer's left first), nose, mouth corners.

    Weights: wheel of mtcnn 1.0.0 (MIT), converted by scripts/convert_mtcnn_weights.py. The number of threads is
    PyTorch's and is left alone.

    Source
    ------
    Zhang et al. 2016, doi:10.1109/LSP.2016.2603342
    """

    name = "mtcnn"
    landmarks = 5

    def __init__(self, weights: str | Path = WEIGHTS) -> None:
        if not Path(weights).is_file():
            raise MissingPartError(f"{weights}: the weights of 'mtcnn' are missing; install micromask again")
        self._weights = load_file(weights)

    def __call__(self, image: Image, smallest: float = 40) -> list[Detection]:
        """Faces in a picture, largest first; see `micromask.faces.detect.Detector`."""
        check_request(image, smallest)
        rgb = as_rgb(image)
        with torch.inference_mode():
            boxes = self._propose(rgb, smallest / OWN_BOX.width)
            refined = self._look(rgb, boxes, "rnet", 24, FACE[1])
            boxes = refined.boxes[without_doubles(refined.boxes, refined.scores, 0.7)]
            last = self._look(rgb, boxes, "onet", 48, FACE[2])
        kept = without_doubles(last.boxes, last.scores, 0.7, of_smaller=True)
        return largest_first(
            [
                Detection(OWN_BOX.to_common(tuple(last.boxes[i].tolist())), float(last.scores[i]), last.points[i])
                for i in kept
            ]
        )

    def _propose(self, rgb: Image, smallest: float) -> Floats:
        """Windows (N, 4) that may hold a face of at least `smallest` px, from the first network at every size."""
        every: list[Floats] = []
        every_score: list[Floats] = []
        scale = WINDOW / smallest
        while min(rgb.shape[:2]) * scale >= WINDOW:
            size = [round(side * scale) for side in rgb.shape[1::-1]]
            ratio = np.array(rgb.shape[1::-1]) / size
            resized = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
            shift, face = self._pnet(_tensor(resized[None]))
            rows, columns = np.nonzero(face > FACE[0])
            corner = STRIDE * np.stack([columns, rows], axis=1).astype(float)
            cells = np.concatenate([corner, corner + WINDOW], axis=1) + WINDOW * shift[:, rows, columns].T
            scores = face[rows, columns]
            kept = without_doubles(cells, scores, 0.5)
            every.append(cells[kept] * np.tile(ratio, 2))
            every_score.append(scores[kept])
            scale *= STEP
        boxes, scores = np.concatenate([np.empty((0, 4)), *every]), np.concatenate([np.empty(0), *every_score])
        return boxes[without_doubles(boxes, scores, 0.7)]

    def _look(self, rgb: Image, boxes: Floats, net: str, side: int, least: float) -> _Seen:
        """What one of the two later networks makes of boxes (N, 4): those that stay, moved, with scores and points."""
        squares = _square(boxes)
        usable = (squares[:, 2] - squares[:, 0] >= 2) & _inside(squares, rgb)
        squares = squares[usable]
        if not len(squares):
            return _Seen(np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2)))
        patches = np.stack([_patch(rgb, square, side) for square in squares])
        shift, face, points = self._later(net, _tensor(patches))
        good = face > least
        squares, shift, points = squares[good], shift[good], points[good]
        corner, size = squares[:, None, :2], (squares[:, 2:] - squares[:, :2])[:, None]
        where = corner + points.reshape(-1, 2, 5).transpose(0, 2, 1) * size
        return _Seen(squares + shift * np.tile(size[:, 0], 2), face[good], where)

    def _pnet(self, x: Tensor) -> tuple[Floats, Floats]:
        x = self._conv("pnet", 1, x)
        x = nn.max_pool2d(x, 2, 2, ceil_mode=True)
        x = self._conv("pnet", 3, self._conv("pnet", 2, x))
        box, face = (nn.conv2d(x, *self._layer(f"pnet.{head}"))[0] for head in ("box", "face"))
        return _array(box), _array(face.softmax(dim=0)[1])

    def _later(self, net: str, x: Tensor) -> tuple[Floats, Floats, Floats]:
        x = nn.max_pool2d(self._conv(net, 1, x), 3, 2, ceil_mode=True)
        x = nn.max_pool2d(self._conv(net, 2, x), 3, 2)
        x = self._conv(net, 3, x)
        if net == "onet":
            x = self._conv(net, 4, nn.max_pool2d(x, 2, 2))
        x = nn.linear(x.flatten(1), *self._layer(f"{net}.fc"))
        x = nn.prelu(x, self._weights[f"{net}.prelu{5 if net == 'onet' else 4}"])
        points = nn.linear(x, *self._layer("onet.points")) if net == "onet" else x.new_zeros(len(x), 10)
        box, face = (nn.linear(x, *self._layer(f"{net}.{head}")) for head in ("box", "face"))
        return _array(box), _array(face.softmax(dim=1)[:, 1]), _array(points)

    def _conv(self, net: str, number: int, x: Tensor) -> Tensor:
        return nn.prelu(nn.conv2d(x, *self._layer(f"{net}.conv{number}")), self._weights[f"{net}.prelu{number}"])

    def _layer(self, name: str) -> tuple[Tensor, Tensor]:
        return self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]


class _Seen(NamedTuple):
    boxes: Floats
    scores: Floats
    points: Floats


def _tensor(pictures: Image) -> Tensor:
    """(N, H, W, 3) uint8 to (N, 3, H, W) float32 in [-1, 1], as the networks were trained."""
    return (torch.from_numpy(pictures).permute(0, 3, 1, 2).float() - 127.5) / 128


def _array(x: Tensor) -> Floats:
    return x.double().numpy()


def _square(boxes: Floats) -> Floats:
    """The square around the centre of each box (N, 4) with its longer side, on whole pixels."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.round(np.concatenate([centre - half, centre + half], axis=1))


def _inside(squares: Floats, rgb: Image) -> NDArray[np.bool_]:
    """Which squares (N, 4) share a pixel with the picture."""
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = squares.T
    inside: NDArray[np.bool_] = (x0 < width) & (y0 < height) & (x1 > 0) & (y1 > 0)
    return inside


def _patch(rgb: Image, square: Any, side: int) -> Image:
    """The square of the picture at (side, side); beyond its edge it is black."""
    x0, y0, x1, y1 = (int(v) for v in square)
    height, width = rgb.shape[:2]
    part = rgb[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
    over = (max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width))
    if any(over):
        part = cv2.copyMakeBorder(part, *over, cv2.BORDER_CONSTANT)
    shrinks = x1 - x0 > side
    patch: Image = cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return patch

"""Where the face lies in the training maps, and how their strain was made: what a map from film must match."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recognizer_data import CLASSES, Maps


def places(data: Maps) -> dict[str, dict[str, list[float]]]:
    """Where eyes and mouth corners lie, by data set, as shares of the map's side: x right, y down.

    The eyes are the centroids of the mean strain in the upper part left and right (it peaks at the lids' margins); the
    mouth corners those of the mean upward motion of positive clips in the lower part. The part of each window below its
    60th percentile counts nothing. Rows and columns of the windows are fixed, so the figures lean to their middles.
    """
    flow = data.maps.astype(np.float64)
    flow -= np.median(flow, axis=(1, 2), keepdims=True)
    found = {}
    datasets = np.array([person.dataset for person in data.subjects.values()])
    for name in sorted(set(datasets)):
        own = datasets == name
        strain = data.maps[own, ..., 2].astype(np.float64).mean(axis=0)
        upward = np.maximum(-flow[own & (data.labels == CLASSES.index("positive")), ..., 1].mean(axis=0), 0)
        lids = np.abs(flow[own, ..., 1]).mean(axis=0)
        found[name] = {
            "eye on the left": _centroid(strain, (5, 12), (2, 10)),
            "eye on the right": _centroid(strain, (5, 12), (18, 26)),
            "lid motion on the left": _centroid(lids, (6, 10), (2, 10)),
            "lid motion on the right": _centroid(lids, (6, 10), (18, 26)),
            "mouth corner on the left": _centroid(upward, (14, 24), (3, 12)),
            "mouth corner on the right": _centroid(upward, (14, 24), (16, 25)),
        }
    return found


def _centroid(plane: NDArray[np.float64], rows: tuple[int, int], columns: tuple[int, int]) -> list[float]:
    window = plane[slice(*rows), slice(*columns)]
    weight = np.maximum(window - np.percentile(window, 60), 0)
    y, x = np.mgrid[slice(*rows), slice(*columns)] + 0.5
    return [
        round(float((x * weight).sum() / weight.sum() / 28), 3),
        round(float((y * weight).sum() / weight.sum() / 28), 3),
    ]


def strain_agreement(data: Maps) -> dict[str, dict[str, float]]:
    """How the strain channel goes with the strain of the two flow channels of the same map, by data set.

    u and v are scaled each on its own, and the crop was squeezed to a square, so for each map the best ratio of the
    two scales is taken, and for each data set the height of the crop (in widths) that fits all its maps best. Strain
    worked out on the map itself would agree wholly (1.0); less means that it was worked out on the larger crop and
    then shrunk. ``neighbours`` are the correlations of a pixel with its right neighbour.
    """
    heights, ratios = np.arange(0.8, 1.81, 0.1), 2.0 ** np.arange(-2, 2.1, 0.5)
    agreement = np.zeros((len(data.maps), len(heights)))
    for row, picture in enumerate(data.maps.astype(np.float64)):
        uy, ux = np.gradient(picture[..., 0])
        vy, vx = np.gradient(picture[..., 1])
        for column, height in enumerate(heights):
            of_flow = [
                np.sqrt(ux**2 + (ratio * vy / height) ** 2 + 0.5 * (uy / height + ratio * vx) ** 2) for ratio in ratios
            ]
            agreement[row, column] = max(_correlation(one, picture[..., 2]) for one in of_flow)
    datasets = np.array([person.dataset for person in data.subjects.values()])
    found = {}
    for name in sorted(set(datasets)):
        own = agreement[datasets == name]
        best = int(own.mean(axis=0).argmax())
        found[name] = {"correlation": round(float(own[:, best].mean()), 3), "height": round(float(heights[best]), 1)}
        for channel, letter in enumerate(("u", "v", "strain")):
            planes = data.maps[datasets == name, ..., channel].astype(np.float64)
            beside = [_correlation(plane[:, 1:], plane[:, :-1]) for plane in planes]
            found[name][f"neighbours {letter}"] = round(float(np.mean(beside)), 3)
    return found


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.corrcoef(one[1:-1, 1:-1].ravel(), other[1:-1, 1:-1].ravel())[0, 1])

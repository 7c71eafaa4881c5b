"""The candidates for the shipped recogniser: each fits on the training part of a fold, choosing inside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from micromask.evaluation.metrics import confusion, uf1
from micromask.evaluation.protocols import five_subject_folds
from micromask.inference.recognise import softmax
from micromask.models.flow_histogram import (
    HistogramLayout,
    SupportVectorMachine,
    class_scores,
    flow_histograms,
    mirror_maps,
    pair_decisions,
)
from micromask.models.shallow_flow import ShallowFlowNet
from micromask.models.ststnet import STSTNet
from micromask.training.fit import Side, fit, predict_logits
from micromask.training.fit_svm import SvmRecipe, fit_features
from micromask.training.recipe import Recipe, recipes
from micromask.training.temperature import fit_temperature
from recognizer_data import CENTRED, CLASSES, Maps, centred

SEEDS = (0, 1, 2, 3, 4)

Predictions = list[NDArray[np.float64]]
"""For each set of test maps: probabilities (seeds, M, K)."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a candidate says of each set of test maps, what it chose inside, and the SVM's votes where it has any."""

    predictions: Predictions
    chosen: dict[str, float]
    votes: NDArray[np.int64] | None = None


Candidate = Callable[[Maps, list[NDArray[np.uint8]]], Outcome]


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """The histograms (N, F) of some maps and of their mirror images."""

    plain: NDArray[np.float32]
    mirrored: NDArray[np.float32]

    def fit(self, rows: NDArray[np.int64], labels: NDArray[np.int64], recipe: SvmRecipe) -> SupportVectorMachine:
        """A machine fitted on these rows and their mirror images; ``labels`` (N,) are of all rows."""
        return fit_features(self.plain[rows], self.mirrored[rows], labels[rows], recipe)


def histograms_of(maps: NDArray[np.uint8], layout: HistogramLayout) -> Histograms:
    """The histograms of maps (N, 28, 28, 3) uint8."""
    return Histograms(flow_histograms(maps, layout), flow_histograms(mirror_maps(maps), layout))


def svm_scores(machine: SupportVectorMachine, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """A score a class (N, K) of histograms (N, F)."""
    return class_scores(pair_decisions(machine, features), len(CLASSES))


def inner_scores(train: Maps, features: Histograms, recipe: SvmRecipe) -> NDArray[np.float64]:
    """Scores (N, K) of each training map by a machine that did not see its subject."""
    scores = np.zeros((len(train.labels), len(CLASSES)))
    for split in five_subject_folds(train.subjects):
        machine = features.fit(train.rows(split.train), train.labels, recipe)
        rows = train.rows(split.test)
        scores[rows] = svm_scores(machine, features.plain[rows])
    return scores


def _votes(decisions: NDArray[np.float64]) -> NDArray[np.int64]:
    """LIBSVM's own way to name a class: one vote a pair, the first class of those with most."""
    first = decisions > 0
    ballots = np.stack(
        [first[:, 0] + 0 + first[:, 1], ~first[:, 0] + 0 + first[:, 2], ~first[:, 1] + 0 + ~first[:, 2]], axis=1
    )
    return ballots.argmax(axis=1)


def svm(recipes: list[SvmRecipe]) -> Candidate:
    """The histogram machine; of several recipes of one layout, the (first) one with the best UF1 on the inner folds."""

    def run(train: Maps, tests: list[NDArray[np.uint8]]) -> Outcome:
        layout = recipes[0].layout
        features = histograms_of(train.maps, layout)
        inner = [inner_scores(train, features, recipe) for recipe in recipes]
        figures = [uf1(confusion(train.labels, scores.argmax(axis=1), len(CLASSES))) for scores in inner]
        best = int(np.argmax(figures))
        recipe, temperature = recipes[best], fit_temperature(inner[best], train.labels)
        machine = features.fit(np.arange(len(train.labels)), train.labels, recipe)
        decisions = [pair_decisions(machine, flow_histograms(maps, layout)) for maps in tests]
        return Outcome(
            [softmax(class_scores(d, len(CLASSES)) / temperature)[None] for d in decisions],
            {"temperature": temperature, "cost": recipe.cost, "width": recipe.width},
            _votes(decisions[0]),
        )

    return run


def network(build: Callable[[], nn.Module], recipe: Recipe, device: torch.device) -> Candidate:
    """A network at the epoch that is best on inner folds.

    Inner fold k is left out by seed k; the held-out logits of the five are pooled epoch by epoch. The epoch is the one
    with the best UF1, meant over three neighbouring epochs. Then five networks are fitted on all training subjects.
    """

    def run(train: Maps, tests: list[NDArray[np.uint8]]) -> Outcome:
        inner = np.zeros((recipe.epochs, len(train.labels), len(CLASSES)))
        for seed, split in zip(SEEDS, five_subject_folds(train.subjects), strict=True):
            part, rows = train.of(split.train), train.rows(split.test)
            side = Side(centred(part.maps), part.labels)
            watch = centred(train.maps[rows])
            fitted = fit(build, CENTRED, side, len(CLASSES), recipe, seed, device, watch=watch)
            inner[:, rows] = fitted.watched
        figures = [uf1(confusion(train.labels, logits.argmax(axis=1), len(CLASSES))) for logits in inner]
        smooth = np.convolve(np.pad(figures, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
        best = int(np.argmax(smooth))
        temperature = fit_temperature(inner[best], train.labels)
        full = replace(recipe, epochs=best + 1)
        side = Side(centred(train.maps), train.labels)
        said: list[list[NDArray[np.float64]]] = [[] for _ in tests]
        for seed in SEEDS:
            fitted = fit(build, CENTRED, side, len(CLASSES), full, 100 + seed, device)
            for told, maps in zip(said, tests, strict=True):
                logits = predict_logits(fitted.network, centred(maps), device).astype(np.float64)
                told.append(softmax(logits / temperature))
        return Outcome([np.stack(told) for told in said], {"temperature": temperature, "epoch": best + 1})

    return run


SOFT = HistogramLayout(soft=True)
SHIPPED_RECIPE = SvmRecipe()
BAR = "svm"
NETWORK_RECIPES = {
    "ststnet": replace(recipes["motion"], epochs=20),
    "shallow": recipes["motion"],
}


def candidates(device: torch.device) -> dict[str, tuple[str, Candidate]]:
    """Name to a line about it and how it is run."""
    grid = [SvmRecipe(SOFT, cost, width) for cost in (3.0, 1.0, 10.0) for width in (1.0, 0.3)]
    return {
        BAR: ("SVM, hard bins, C = 3 (the bar)", svm([SHIPPED_RECIPE])),
        "svm-soft": ("SVM, bins and cells shared softly, C = 3", svm([SvmRecipe(SOFT)])),
        "svm-chosen": ("the same, C (1, 3, 10) and gamma (x 0.3, x 1) chosen inside", svm(grid)),
        "ststnet": ("STSTNet, epoch (of 20) chosen inside", network(STSTNet, NETWORK_RECIPES["ststnet"], device)),
        "shallow": (
            "one shallow stream, epoch (of 30) chosen inside",
            network(ShallowFlowNet, NETWORK_RECIPES["shallow"], device),
        ),
    }


MEANS = {
    "svm-soft + shallow": "mean of the probabilities of both, net by net",
    "svm-soft + 5 shallow": "mean of the SVM and of the mean of the five nets",
}


def mean_of(svm_said: Predictions, nets_said: Predictions, pooled: bool) -> Predictions:
    """The two means: with each net on its own, or with the mean of all nets as one."""
    nets = [said.mean(axis=0, keepdims=True) if pooled else said for said in nets_said]
    return [(one + many) / 2 for one, many in zip(svm_said, nets, strict=True)]

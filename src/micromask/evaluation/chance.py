"""Whether chance plays a part in a fit, so that a second seed could give another figure."""

from __future__ import annotations

WITHOUT_CHANCE = frozenset({"svm-linear", "svm-rbf", "lbp-top-svm", "flow-histogram-svm", "flow-histogram-svm-soft"})
"""Models whose fit draws nothing: a support vector machine is one optimum. What is not here is taken to need seeds."""


def seed_matters(model: str) -> bool:
    """Whether a seed can change what a model learns: networks, trees and perceptrons draw, support vector machines do
    not; of a model that is not in the catalogue nobody knows, so it is taken to.

    >>> seed_matters("ststnet"), seed_matters("decision-tree"), seed_matters("flow-histogram-svm")
    (True, True, False)
    """
    return model not in WITHOUT_CHANCE

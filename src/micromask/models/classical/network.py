"""A classical method as a network: features, scaled and put into clusters where it is asked for, and a decision."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.models.classical.arrays import STANDARDISE, Fitted, Method
from micromask.models.classical.clusters import CLUSTERED, CLUSTERS, WeighAlike
from micromask.models.classical.decision import over_classes


class Features(Protocol):
    """A module that makes vectors of ``length`` numbers of inputs."""

    @property
    def length(self) -> int:
        """Numbers in one vector."""

    def __call__(self, inputs: Tensor) -> Tensor:
        """Inputs (N, ...) to (N, length)."""


class ClassicalNetwork(nn.Module):
    """Inputs to features to scores; nothing in it is learnt by gradients, `training.fit_classical` fills it.

    Parameters
    ----------
    name : str
        Of the model, for what is said to a person.
    features : Features
    method : Method
        Of the decision.
    n_classes : int
    standardise : bool
        Scale each number by its mean and spread in the training data.
    kinds : tuple of int
        Where features are of several kinds, how many numbers each has: they are weighed alike, and which of `CLUSTERS`
        clusters of the training data a sample belongs to is joined to them.
    """

    def __init__(
        self,
        name: str,
        features: Features,
        method: Method,
        n_classes: int,
        *,
        standardise: bool = False,
        kinds: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self.name = name
        self.features = features
        self.method = method
        self.scale = Fitted(STANDARDISE, features.length) if standardise else nn.Identity()
        self.weigh = WeighAlike(kinds) if kinds else nn.Identity()
        self.clusters = Fitted(CLUSTERED, features.length) if kinds else nn.Identity()
        length = features.length + (CLUSTERS if kinds else 0)
        self.decision = Fitted(over_classes(method, n_classes), length)

    def forward(self, inputs: Tensor) -> Tensor:
        """Inputs to scores (N, n_classes).

        Raises
        ------
        BadInputError
            If it is not fitted.
        """
        if not self.decision.fitted:
            raise BadInputError(f"{self.name} is not fitted: training.fit_classical fits it")
        scores: Tensor = self.decision(self.clusters(self.weigh(self.scale(self.features(inputs)))))
        return scores

"""A classical method as a network: features, scaled where the method asks for it, and a decision."""

from __future__ import annotations

from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.models.classical.arrays import Standardise
from micromask.models.classical.decision import Decision
from micromask.models.classical.flow_orientation import FlowOrientation
from micromask.models.classical.lbp_top import LbpTop
from micromask.models.classical.pixels import Pixels

Features = Pixels | LbpTop | FlowOrientation


class ClassicalNetwork(nn.Module):
    """Inputs to features to scores; nothing in it is learnt by gradients, `training.fit_classical` fills it.

    Parameters
    ----------
    name : str
        Of the model, for what is said to a person.
    features : module
        Inputs to vectors of ``features.length`` numbers.
    decision : Decision
    standardise : bool
        Scale each number by its mean and spread in the training data.
    """

    def __init__(self, name: str, features: Features, decision: Decision, *, standardise: bool) -> None:
        super().__init__()
        self.name = name
        self.features = features
        self.scale = Standardise(features.length) if standardise else nn.Identity()
        self.decision = decision

    def forward(self, inputs: Tensor) -> Tensor:
        """Inputs to scores (N, n_classes).

        Raises
        ------
        BadInputError
            If it is not fitted.
        """
        if not self.decision.fitted:
            raise BadInputError(f"{self.name} is not fitted: training.fit_classical fits it")
        scores: Tensor = self.decision(self.scale(self.features(inputs)))
        return scores

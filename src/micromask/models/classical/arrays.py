"""Arrays that a fit fills: buffers whose shapes the training data decide, and that a saved state brings along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from micromask.core.errors import BadInputError


class FittedArrays(nn.Module):
    """A module that is empty until it is filled or loaded; then its buffers have the shapes that were given.

    A class of this kind names its buffers and their types, says in ``misfit`` what is wrong with arrays that do not go
    together, and makes in ``settle`` what follows from them.
    """

    def __init__(self, **kinds: torch.dtype) -> None:
        super().__init__()
        self._kinds = kinds
        for name, kind in kinds.items():
            self.register_buffer(name, torch.empty(0, dtype=kind))

    @property
    def fitted(self) -> bool:
        """Whether arrays are there."""
        return all(self.get_buffer(name).numel() > 0 for name in self._kinds)

    def fill(self, arrays: Mapping[str, Tensor]) -> None:
        """Take these arrays, one for each buffer.

        Raises
        ------
        ValueError
            If one is missing or they do not fit together.
        """
        if set(arrays) != set(self._kinds):
            raise ValueError(f"wanted the arrays {sorted(self._kinds)}, got {sorted(arrays)}")
        wrong = self.misfit(arrays)
        if wrong:
            raise ValueError(wrong)
        for name, kind in self._kinds.items():
            device = self.get_buffer(name).device
            setattr(self, name, arrays[name].detach().to(device=device, dtype=kind, copy=True).contiguous())
        self.settle()

    def misfit(self, arrays: Mapping[str, Tensor]) -> str:
        """What is wrong with these arrays, or nothing."""
        raise NotImplementedError

    def settle(self) -> None:
        """Make what follows from the arrays."""

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        saved = {name: state_dict[prefix + name] for name in self._kinds if prefix + name in state_dict}
        if len(saved) < len(self._kinds):  # torch says which keys are missing
            super()._load_from_state_dict(state_dict, prefix, *rest)
            return
        empty = all(each.numel() == 0 for each in saved.values())
        wrong = "" if empty else self.misfit(saved)
        if wrong:
            raise BadInputError(f"these weights do not fit {prefix.rstrip('.') or 'the model'}: {wrong}")
        for name, kind in self._kinds.items():
            setattr(self, name, torch.empty(saved[name].shape, dtype=kind, device=self.get_buffer(name).device))
        super()._load_from_state_dict(state_dict, prefix, *rest)
        if not empty:
            self.settle()


class Standardise(FittedArrays):
    """Features less the training data's mean, over its spread, each on its own; a feature without spread is left."""

    mean: Tensor
    spread: Tensor

    def __init__(self, n_features: int) -> None:
        super().__init__(mean=torch.float32, spread=torch.float32)
        self.n_features = n_features

    def misfit(self, arrays: Mapping[str, Tensor]) -> str:
        """See `FittedArrays`."""
        for name in ("mean", "spread"):
            if tuple(arrays[name].shape) != (self.n_features,):
                return f"{name} must be ({self.n_features},), got {tuple(arrays[name].shape)}"
        return "" if bool((arrays["spread"] > 0).all()) else "every spread must be positive"

    def forward(self, features: Tensor) -> Tensor:
        """(N, F) to (N, F)."""
        return (features - self.mean) / self.spread

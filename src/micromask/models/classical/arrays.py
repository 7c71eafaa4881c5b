"""What a fit leaves behind: arrays whose shapes the training data decide, and that a saved state brings along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from micromask.core.errors import BadInputError

Arrays = Mapping[str, Tensor]


def _nothing(arrays: Arrays) -> dict[str, Tensor]:
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """A way to compute something of features, once a fit has filled its arrays.

    ``kinds`` are the arrays by name with their types. ``misfit`` says what is wrong with arrays for so many features,
    or nothing. ``apply`` takes features (N, F) and the arrays, among them those of ``derive``: what follows from the
    others and is not saved.
    """

    kinds: Mapping[str, torch.dtype]
    misfit: Callable[[Arrays, int], str]
    apply: Callable[[Tensor, Arrays], Tensor]
    derive: Callable[[Arrays], dict[str, Tensor]] = _nothing


class Fitted(nn.Module):
    """A method with its arrays: empty until they are filled or loaded, then of the shapes that were given."""

    def __init__(self, method: Method, n_features: int) -> None:
        super().__init__()
        self.method = method
        self.n_features = n_features
        for name, kind in method.kinds.items():
            self.register_buffer(name, torch.empty(0, dtype=kind))

    @property
    def fitted(self) -> bool:
        """Whether arrays are there."""
        return all(self.get_buffer(name).numel() > 0 for name in self.method.kinds)

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, F) to what the method makes of them."""
        return self.method.apply(features, self._arrays())

    def fill(self, arrays: Arrays) -> None:
        """Take these arrays, one for each of the method's.

        Raises
        ------
        ValueError
            If one is missing or they do not fit together.
        """
        kinds = self.method.kinds
        if set(arrays) != set(kinds):
            raise ValueError(f"wanted the arrays {sorted(kinds)}, got {sorted(arrays)}")
        wrong = self.method.misfit(arrays, self.n_features)
        if wrong:
            raise ValueError(wrong)
        for name, kind in kinds.items():
            device = self.get_buffer(name).device
            setattr(self, name, arrays[name].detach().to(device=device, dtype=kind, copy=True).contiguous())
        self._derive()

    def _arrays(self) -> Arrays:
        return dict(self.named_buffers(remove_duplicate=False))

    def _derive(self) -> None:
        for name, each in self.method.derive(self._arrays()).items():
            self.register_buffer(name, each, persistent=False)

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        kinds = self.method.kinds
        saved = {name: state_dict[prefix + name] for name in kinds if prefix + name in state_dict}
        if len(saved) < len(kinds):  # torch says which keys are missing
            super()._load_from_state_dict(state_dict, prefix, *rest)
            return
        empty = all(each.numel() == 0 for each in saved.values())
        wrong = "" if empty else self.method.misfit(saved, self.n_features)
        if wrong:
            raise BadInputError(f"these weights do not fit {prefix.rstrip('.') or 'the model'}: {wrong}")
        for name, kind in kinds.items():
            setattr(self, name, torch.empty(saved[name].shape, dtype=kind, device=self.get_buffer(name).device))
        super()._load_from_state_dict(state_dict, prefix, *rest)
        if not empty:
            self._derive()


def shape_misfit(arrays: Arrays, **wanted: tuple[int, ...]) -> str:
    """The first array whose shape is not the wanted one, in words, or nothing."""
    for name, shape in wanted.items():
        if tuple(arrays[name].shape) != shape:
            return f"{name} must be {shape}, got {tuple(arrays[name].shape)}"
    return ""


def _spread_misfit(arrays: Arrays, n_features: int) -> str:
    wrong = shape_misfit(arrays, mean=(n_features,), spread=(n_features,))
    return wrong or ("" if bool((arrays["spread"] > 0).all()) else "every spread must be positive")


def _standardised(features: Tensor, arrays: Arrays) -> Tensor:
    return (features - arrays["mean"]) / arrays["spread"]


STANDARDISE = Method(dict.fromkeys(("mean", "spread"), torch.float32), _spread_misfit, _standardised)
"""Features less the training data's ``mean`` (F,), over its ``spread`` (F,)."""

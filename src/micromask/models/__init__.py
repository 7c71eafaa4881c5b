"""Networks and classifiers by name: tensors in, logits out.

``create(name, n_classes)`` builds one, ``models`` are the names with what each reads. A new model is a line in
`micromask.models.known`. Nothing is imported before it is asked for: the recogniser reads arrays and needs no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from micromask.models.catalogue import Model, ModelEntry, create, entry_of, models
    from micromask.models.cost import multiply_adds, parameter_count
    from micromask.models.export import export_onnx
    from micromask.models.inputs import Input, example_inputs, to_input
    from micromask.models.store import Promise, load_model, save_model

__all__ = [
    "Input",
    "Model",
    "ModelEntry",
    "Promise",
    "create",
    "entry_of",
    "example_inputs",
    "export_onnx",
    "load_model",
    "models",
    "multiply_adds",
    "parameter_count",
    "save_model",
    "to_input",
]

_PLACES = {
    "catalogue": ("Model", "ModelEntry", "create", "entry_of", "models"),
    "cost": ("multiply_adds", "parameter_count"),
    "export": ("export_onnx",),
    "inputs": ("Input", "example_inputs", "to_input"),
    "store": ("Promise", "load_model", "save_model"),
}


def __getattr__(name: str) -> Any:
    for place, names in _PLACES.items():
        if name in names:
            import_module("micromask.models.known")
            return getattr(import_module(f"micromask.models.{place}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

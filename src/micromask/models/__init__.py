"""Networks and classifiers by name: tensors in, logits out.

``create(name, n_classes)`` builds one, ``models`` are the names with what each reads.
"""

from micromask.models import (  # noqa: F401  (each enters itself in the catalogue)
    ststnet,
)
from micromask.models.catalogue import Model, ModelEntry, create, models
from micromask.models.inputs import Input, example_inputs, to_input

__all__ = ["Input", "Model", "ModelEntry", "create", "example_inputs", "models", "to_input"]

"""A model as ONNX: one file for any batch, written only where onnxruntime gives PyTorch's logits."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict
from importlib.util import find_spec
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from micromask import __version__
from micromask.core.errors import BadOutputError, MissingPartError
from micromask.models.catalogue import Model
from micromask.models.cost import evaluation_mode
from micromask.models.inputs import example_inputs

ALLOWED = 1e-4
"""How far a logit may be from PyTorch's: as a share of the largest one where that is above 1."""

BATCHES = (1, 3)
"""The batches that are compared; the export itself sees one of 2."""

PARTS = ("onnx", "onnxscript", "onnxruntime")


def export_onnx(
    model: Model, path: str | Path, *, classes: Sequence[str] | None = None, overwrite: bool = False
) -> float:
    """Write a model to an ONNX file and compare it with PyTorch under onnxruntime.

    The file is complete in itself up to 2 GB. It reads ``input`` (batch, *model.input.shape) float32, any batch, and
    gives ``logits`` (batch, classes). Its metadata has ``name``, ``classes`` and ``input`` (both JSON) and
    ``micromask``, the version.

    Parameters
    ----------
    model : Model
        Exported as it is used: in evaluation mode.
    path : path
    classes : sequence of str
        Names in the order of the logits; ``0``, ``1``, ... where none are given.
    overwrite : bool
        Replace a file that is there.

    Returns
    -------
    float
        The largest difference of a logit from PyTorch's, at most ``ALLOWED``; its share of the largest logit where that
        is above 1.

    Raises
    ------
    ValueError
        If there is another number of classes than logits.
    BadInputError
        If the model is a classical one that was not fitted.
    MissingPartError
        If onnx, onnxscript or onnxruntime is not installed.
    BadOutputError
        If the file is there already or cannot be written, the network cannot be expressed in ONNX, or a logit differs
        by more; no file is left then.
    """
    path = Path(path)
    names = [str(number) for number in range(model.n_classes)] if classes is None else list(classes)
    if len(names) != model.n_classes:
        raise ValueError(f"{model.name} has {model.n_classes} classes, got {len(names)} names: {', '.join(names)}")
    missing = [part for part in PARTS if find_spec(part) is None]
    if missing:
        raise MissingPartError(f"exporting to ONNX needs {' and '.join(missing)}: pip install 'micromask[export]'")
    if path.exists() and not overwrite:
        raise BadOutputError(f"{path} exists; choose another name or overwrite it (overwrite=True, --overwrite)")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
    except OSError as error:
        raise BadOutputError(f"cannot write {path}: {error.strerror or error}") from error
    temporary = Path(name)
    try:
        with evaluation_mode(model):
            _write(model, temporary, path, names)
            difference = _difference(model, temporary, path)
        if not difference <= ALLOWED:
            raise BadOutputError(
                f"{path}: a logit of {model.name} differs by {difference:.1e} between onnxruntime and PyTorch, "
                f"allowed is {ALLOWED:.0e}; nothing was written"
            )
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise BadOutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def _write(model: Model, temporary: Path, path: Path, classes: list[str]) -> None:
    inputs = _inputs(model, 2)
    with torch.no_grad():
        model(inputs)  # a model that cannot be used says so itself, better than the exporter
    # The exporter talks: of its steps on stdout, of torch's own deprecations in warnings.
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        try:
            program = torch.onnx.export(
                model,
                (inputs,),
                dynamo=True,
                input_names=["input"],
                output_names=["logits"],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                external_data=False,
                verbose=False,
            )
        except torch.onnx.OnnxExporterError as error:
            why = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise BadOutputError(f"{path}: {model.name} cannot be written as ONNX: {why}") from error
        assert program is not None
        program.model.metadata_props.update(
            {
                "name": model.name,
                "classes": json.dumps(classes, ensure_ascii=False),
                "input": json.dumps(asdict(model.input), sort_keys=True),
                "micromask": __version__,
            }
        )
        program.save(temporary, external_data=False)


def _difference(model: Model, file: Path, path: Path) -> float:
    """The largest difference of a logit between onnxruntime and PyTorch; not a number where one of them gave none.

    Where the largest logit is above 1, its share of that: float32 has seven digits, wherever the point stands.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    differences = []
    for batch in BATCHES:
        inputs = _inputs(model, batch)
        with torch.no_grad():
            ours = model(inputs).cpu().numpy()
        try:
            (theirs,) = session.run(["logits"], {"input": inputs.cpu().numpy()})
        except Exception as error:  # onnxruntime's errors have no name in common
            why = str(error).splitlines()[0]
            raise BadOutputError(f"{path}: {model.name} as ONNX does not take a batch of {batch}: {why}") from error
        same = theirs.shape == ours.shape
        differences.append(float(np.abs(ours - theirs).max() / max(1, np.abs(ours).max())) if same else float("nan"))
    return float(np.max(differences))


def _inputs(model: Model, batch: int) -> torch.Tensor:
    tensors: Any = chain(model.parameters(), model.buffers())
    device = next((each.device for each in tensors), torch.device("cpu"))
    return example_inputs(model.input, batch, seed=batch).to(device)

"""How many images a second does each model of the catalogue read on one CPU thread, one at a time and 32 together?

Everything is measured in one run on one machine, and STSTNet again before each model, so the ratios to it count, not
the images. A network is as it is drawn, on random inputs; a classical model is fitted on random examples first, and the
parameters are the numbers that it then keeps. Of a support vector machine nearly all examples become support vectors,
which is the slowest that it can be. Prints a table and writes benchmarks/results/model-speed-DATE.json.

    python benchmarks/model_speed.py [--seconds 1.5] [--examples 442] [--out FOLDER] [MODEL ...]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from micromask.core.errors import MicromaskError
from micromask.models import Model, create, example_inputs, models, multiply_adds, parameter_count
from micromask.training.fit_classical import fit_classical

REFERENCE = "ststnet"
BATCHES = (1, 32)
CLASSES = 3
REPEATS = 200
"""At most so many; how many there were is written down."""


def ready(name: str, examples: int) -> Model:
    """The model in evaluation mode; a classical one is fitted on random examples."""
    torch.manual_seed(0)
    model = create(name, CLASSES)
    if models[name].family == "classical":
        inputs = example_inputs(model.input, examples, seed=1)
        fit_classical(model, inputs, np.arange(examples) % CLASSES)
    return model.eval()


def numbers_kept(model: Model) -> int:
    """Parameters of a network; of a classical model, which has none to learn by gradients, its fitted arrays."""
    if models[model.name].family == "classical":
        return sum(each.numel() for each in model.buffers())
    return parameter_count(model)


def images_per_second(model: Model, batch: int, seconds: float) -> dict[str, float]:
    """Median over the repeats that the time is enough for, after a first pass that is not counted.

    Where that first pass alone takes longer, it is the one repeat: the model has been warmed up by smaller batches.
    """
    inputs = example_inputs(model.input, batch)
    with torch.inference_mode():
        spent = [_pass(model, inputs)]
        if spent[0] < seconds:
            spent = []
            while len(spent) < REPEATS and sum(spent) < seconds:
                spent.append(_pass(model, inputs))
    return {"images_per_second": batch / statistics.median(spent), "repeats": len(spent)}


def _pass(model: Model, inputs: torch.Tensor) -> float:
    begin = time.perf_counter()
    model(inputs)
    return time.perf_counter() - begin


def measure(name: str, reference: Model, seconds: float, examples: int) -> dict[str, Any]:
    """What the model is and costs, and its speed beside that of the reference a moment earlier."""
    model = ready(name, examples)
    row: dict[str, Any] = {
        "family": models[name].family,
        "input": str(model.input),
        "parameters": numbers_kept(model),
        "multiply_adds": multiply_adds(model),
    }
    for batch in BATCHES:
        beside = images_per_second(reference, batch, min(seconds, 0.3))["images_per_second"]
        speed = images_per_second(model, batch, seconds)
        ratio = speed["images_per_second"] / beside
        row[f"batch_{batch}"] = {**speed, f"times_{REFERENCE}": ratio, f"{REFERENCE}_images_per_second": beside}
    return row


def main() -> None:
    """Measure, print, write; 1 where a model could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="MODEL", help="all of the catalogue where none is named")
    parser.add_argument("--seconds", type=float, default=1.5, help="for each model and batch")
    parser.add_argument("--examples", type=int, default=442, help="that classical models are fitted on")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    args = parser.parse_args()
    torch.set_num_threads(1)
    began = time.perf_counter()
    reference = ready(REFERENCE, args.examples)
    results: dict[str, dict[str, Any]] = {}
    failed: dict[str, str] = {}
    print(f"{'':20}{'':>14}{'':>12}{'images a second':>20}{'times ' + REFERENCE:>20}")
    print(f"{'model':20}{'parameters':>14}{'10^6 madds':>12}" + 2 * "".join(f"{f'batch {b}':>10}" for b in BATCHES))
    for name in args.names or models:
        try:
            row = results[name] = measure(name, reference, args.seconds, args.examples)
        except MicromaskError as error:
            failed[name] = str(error)
            print(f"{name:20} not measured: {error}")
            continue
        rows = [row[f"batch_{batch}"] for batch in BATCHES]
        print(
            f"{name:20}{row['parameters']:14,}{row['multiply_adds'] / 1e6:12,.2f}"
            + "".join(f"{each['images_per_second']:10,.1f}" for each in rows)
            + "".join(f"{each[f'times_{REFERENCE}']:10.5f}" for each in rows),
            flush=True,
        )
    facts = {
        "date": f"{date.today():%Y-%m-%d}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "classes": CLASSES,
        "seconds_for_each": args.seconds,
        "examples_of_classical_models": args.examples,
        "seconds_of_the_run": time.perf_counter() - began,
        "results": results,
        "not_measured": failed,
    }
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / f"model-speed-{date.today():%Y-%m-%d}.json"
    path.write_text(json.dumps(facts, indent=1) + "\n")
    print(f"\n{len(results)} models in {facts['seconds_of_the_run']:.0f} s; wrote {path}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

"""Make the shipped recogniser: compare candidates on held-out people, fit what ships, write weights, card and results.

    python scripts/train_recognizer.py --maps ../shared/data/megc-flow

writes src/micromask/models/weights/flow-histogram-svm.safetensors (the same bytes each time on the same machine),
CARD.md beside it and benchmarks/results/recognizer.json. --weights-only leaves the comparison out: the weights do not
depend on it. A run that was stopped goes on where --work holds its folds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch

from micromask.core.errors import MicromaskError
from micromask.inference.recognise import NAME
from micromask.models.weights_file import write_weights
from micromask.training.temperature import fit_temperature
from recognizer_candidates import (
    BAR,
    MEANS,
    SEEDS,
    SHIPPED_RECIPE,
    candidates,
    histograms_of,
    inner_scores,
    mean_of,
)
from recognizer_card import facts, render
from recognizer_data import read_maps
from recognizer_figures import difference, figures
from recognizer_folds import Run, run_protocol
from recognizer_geometry import places, strain_agreement

ROOT = Path(__file__).parents[1]
SHIPS = BAR


def main() -> None:
    """Read the maps, run the folds, write what ships."""
    asked = _arguments()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    data = read_maps(asked.maps)
    known = candidates(torch.device("cpu"))  # the CPU always: what is written must not depend on the machine's GPU
    names = [SHIPS] if asked.weights_only else list(known)
    runs: dict[str, dict[str, Run]] = {}
    for protocol in ("loso", "hde"):
        runs[protocol] = {name: run_protocol(protocol, name, known[name][1], data, asked.work) for name in names}
        if not asked.weights_only:
            _add_means(runs[protocol])
    told = {protocol: {name: figures(data, run) for name, run in by_name.items()} for protocol, by_name in runs.items()}

    features = histograms_of(data.maps, SHIPPED_RECIPE.layout)
    machine = features.fit(np.arange(len(data.labels)), data.labels, SHIPPED_RECIPE)
    temperature = fit_temperature(inner_scores(data, features, SHIPPED_RECIPE), data.labels)
    card = facts(data, machine, temperature, SHIPPED_RECIPE, told["loso"][SHIPS], told["hde"][SHIPS])
    asked.out.mkdir(parents=True, exist_ok=True)
    weights = asked.out / f"{NAME}.safetensors"
    tensors = {
        "support": machine.support,
        "per_class": machine.per_class,
        "dual": machine.dual.astype(np.float32),
        "intercept": machine.intercept.astype(np.float32),
    }
    write_weights(weights, tensors, card)
    print(f"weights    {weights} ({weights.stat().st_size} bytes)")
    if asked.weights_only:
        return

    face = {"places": places(data), "strain": strain_agreement(data)}
    for name, parts in face["places"].items():
        print(f"face       {name}: " + ", ".join(f"{part} x {x:.3f} y {y:.3f}" for part, (x, y) in parts.items()))
    for name, agreement in face["strain"].items():
        print(f"strain     {name}: " + ", ".join(f"{what} {value}" for what, value in agreement.items()))

    lines = {name: line for name, (line, _) in known.items()} | MEANS
    differences = {
        protocol: {n: difference(data, run, by_name[BAR]) for n, run in by_name.items() if n != BAR}
        for protocol, by_name in runs.items()
    }
    better = [name for name in differences["loso"] if _beyond_doubt(name, differences)]
    if better:
        raise SystemExit(f"train_recognizer: {', '.join(better)} beat the bar beyond doubt: ship one of them (SHIPS)")
    results = {
        "question": "Which recogniser is best on people it has not seen?",
        "date": date.today().isoformat(),
        "command": "python scripts/train_recognizer.py --maps ../shared/data/megc-flow",
        "maps": len(data.labels),
        "subjects": len(set(data.subjects.values())),
        "seeds": list(SEEDS),
        "ships": SHIPS,
        "candidates": lines,
        "figures": told,
        "differences from the bar": differences,
        "support vectors": len(machine.support),
        "chosen inside": {name: run.chosen for name, run in runs["loso"].items()},
        "face": face,
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "torch": torch.__version__},
    }
    asked.results.mkdir(parents=True, exist_ok=True)
    _write(asked.results / "recognizer.json", json.dumps(results, indent=1) + "\n")
    page = asked.out / "CARD.md"
    _write(page, render(card, results, page.read_text(encoding="utf-8") if page.is_file() else ""))
    print(f"card       {page}\nresults    {asked.results / 'recognizer.json'}")


def _beyond_doubt(name: str, differences: dict[str, dict[str, dict[str, dict[str, float]]]]) -> bool:
    return differences["loso"][name]["uf1"]["low"] > 0


def _add_means(runs: dict[str, Run]) -> None:
    one, many = runs["svm-soft"].predictions, runs["shallow"].predictions
    for name, pooled in zip(MEANS, (False, True), strict=True):
        runs[name] = Run(mean_of(one, many, pooled), {}, None)


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maps", type=Path, required=True, help="folder of the flow maps, with its manifest.csv")
    parser.add_argument("--out", type=Path, default=ROOT / "src/micromask/models/weights", help="where weights go")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results", help="where the figures go")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "micromask-recognizer",
        help="where finished folds are kept, so that a stopped run can go on",
    )
    parser.add_argument("--weights-only", action="store_true", help="fit and write the weights, compare nothing")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except MicromaskError as error:
        raise SystemExit(f"train_recognizer: {error}") from None

"""How long does STSTNet take leaving one subject out: `evaluate`, or a plain PyTorch loop? Writes loso-speed-DATE.json.

*plain*: one subject after another in one process with torch's own number of threads, a DataLoader of shuffled batches
of 256, Adam 5e-5, cross-entropy, and the test subject read after the last epoch: as one would write it down. Its
network is ``create("ststnet", 3)`` itself; that of *plain-authors* has the three streams apart, as the authors' code.
*ours*: ``micromask.evaluation.run.evaluate`` with the recipe ``ststnet`` of as many epochs, nothing chosen.
Each side runs in a fresh process, in turn, so that all meet the same machine. Reading the maps and importing torch are
not timed; that our processes have to start is. Each repeat has a seed of its own: times are medians, UF1 is the mean.

    python benchmarks/loso_speed.py --maps ../shared/data/megc-flow [--repeats 3] [--jobs 2]

``--subjects N`` and ``--epochs N`` try it with fewer, ``--threads N`` gives the plain sides so many threads (several of
them on a machine that others use wait for each other most of the time); then nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from micromask.datasets import load
from micromask.evaluation.material import Material, gather
from micromask.evaluation.metrics import confusion, uf1
from micromask.evaluation.run import Plan, evaluate
from micromask.evaluation.unit import ModelChoice
from micromask.models import create, models, to_input
from micromask.training.recipe import recipes
from ststnet_paper import PlainSTSTNet

EPOCHS, CLASSES = 100, 3
SIDES = ("plain", "plain-authors", "ours")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
ALLOWED = 0.02
RESULTS = Path(__file__).with_name("results")


def plain(material: Material, epochs: int, seed: int, build: Callable[[], nn.Module]) -> NDArray[np.int64]:
    """The class (N,) that the plain loop says of each sample."""
    inputs = to_input(material.pictures, models["ststnet"].input)
    targets = torch.from_numpy(material.codes)
    people = np.array([str(sample.subject) for sample in material.samples])
    said = np.zeros(len(targets), np.int64)
    for person in sorted(set(people)):
        test = torch.from_numpy(people == person)
        torch.manual_seed(seed)
        said[test.numpy()] = train_and_read(build(), inputs[~test], targets[~test], inputs[test], epochs)
    return said


def train_and_read(network: nn.Module, inputs: Tensor, targets: Tensor, test: Tensor, epochs: int) -> NDArray[Any]:
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=256, shuffle=True)
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-5)
    loss_of = nn.CrossEntropyLoss()
    network.train()
    for _ in range(epochs):
        for batch, wanted in loader:
            optimiser.zero_grad()
            loss_of(network(batch), wanted).backward()
            optimiser.step()
    network.eval()
    with torch.no_grad():
        return network(test).argmax(dim=1).numpy()


def ours(material: Material, epochs: int, seed: int, jobs: int) -> NDArray[np.int64]:
    recipe = replace(recipes["ststnet"], epochs=epochs)
    plan = Plan(ModelChoice("ststnet"), recipe, protocol="loso", select="last", seeds=(seed,))
    results = evaluate(material, plan, dataset="maps", jobs=jobs)
    said = {each.sample: int(np.argmax(each.probabilities)) for each in results.predictions}
    return np.array([said[sample.id] for sample in material.samples])


def read(maps: Path, subjects: int | None) -> Material:
    clips = load("flow-table", maps)
    names = sorted({str(clip.subject) for clip in clips})[:subjects]
    kept = [clip for clip in clips if str(clip.subject) in names]
    return gather(kept, "own", models["ststnet"].input)


def one_side(asked: argparse.Namespace) -> dict[str, Any]:
    """What a fresh process does: one side, one seed."""
    material = read(asked.maps, asked.subjects)
    if asked.threads:
        torch.set_num_threads(asked.threads)
    began, spent = time.perf_counter(), _cpu()
    if asked.side == "ours":
        said = ours(material, asked.epochs, asked.seed, asked.jobs)
    else:
        authors = asked.side == "plain-authors"
        said = plain(
            material, asked.epochs, asked.seed, PlainSTSTNet if authors else lambda: create("ststnet", CLASSES)
        )
    seconds = time.perf_counter() - began
    return {
        "side": asked.side,
        "seed": asked.seed,
        "wall_s": round(seconds, 2),
        "cpu_s": round(_cpu() - spent, 2),
        "threads": torch.get_num_threads() if asked.side != "ours" else 1,
        "uf1": round(uf1(confusion(material.codes, said, len(material.labels))), 4),
        "clips": len(material.samples),
        "subjects": len({sample.subject for sample in material.samples}),
    }


def _cpu() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def fresh(asked: argparse.Namespace, side: str, seed: int) -> dict[str, Any]:
    """One side in a process of its own, with torch's own number of threads."""
    command = [sys.executable, __file__, "--maps", str(asked.maps), "--side", side, "--seed", str(seed)]
    command += ["--epochs", str(asked.epochs), "--jobs", str(asked.jobs)]
    for name in ("subjects", "threads"):
        command += [f"--{name}", str(getattr(asked, name))] if getattr(asked, name) else []
    environment = {name: value for name, value in os.environ.items() if name not in THREADS}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{side:14s} seed {seed}: {told['wall_s']:7.1f} s, {told['cpu_s']:7.1f} s of processor, UF1 {told['uf1']:.3f}"
    )
    sys.stdout.flush()
    return told


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians by side, and each plain side against ours, pair by pair of one seed."""
    by_side = {side: {run["seed"]: run for run in runs if run["side"] == side} for side in SIDES}
    sides = {
        side: {
            "wall_s": statistics.median(run["wall_s"] for run in own.values()),
            "cpu_s": statistics.median(run["cpu_s"] for run in own.values()),
            "uf1": round(statistics.fmean(run["uf1"] for run in own.values()), 4),
        }
        for side, own in by_side.items()
    }
    pairs = {
        side: {
            name: round(statistics.median(run[name] / by_side["ours"][seed][name] for seed, run in own.items()), 3)
            for name in ("wall_s", "cpu_s")
        }
        for side, own in by_side.items()
        if side != "ours"
    }
    apart = max(abs(told["uf1"] - sides["ours"]["uf1"]) for told in sides.values())
    return {"sides": sides, "times_ours": pairs, "uf1_apart": round(apart, 4), "uf1_within_allowed": apart <= ALLOWED}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maps", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--subjects", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(one_side(asked)))
        return
    load_before = os.getloadavg()[0]
    runs = [fresh(asked, side, seed) for seed in range(asked.repeats) for side in SIDES]
    found = summary(runs)
    for side, told in found["times_ours"].items():
        print(f"{side} takes {told['wall_s']:.2f} times as long as ours, {told['cpu_s']:.2f} times the processor")
    print(f"UF1 {found['uf1_apart']:.3f} apart at most (allowed: {ALLOWED})")
    if asked.epochs != EPOCHS or asked.subjects is not None or asked.threads is not None:
        print("tried only: nothing written")
        return
    today = datetime.now(UTC).date().isoformat()
    record = {
        "date": today,
        "command": f"python benchmarks/loso_speed.py --maps MAPS --repeats {asked.repeats} --jobs {asked.jobs}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load_before": round(load_before, 2),
        "epochs": asked.epochs,
        "runs": runs,
    } | found
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"loso-speed-{today}.json"
    target.write_text(json.dumps(record, indent=1) + "\n")
    print(f"written: {target.name}")


if __name__ == "__main__":
    main()

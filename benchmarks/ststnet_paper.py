"""Does our STSTNet learn what a plain reading of its paper's training learns? Writes ststnet-paper-DATE.json.

Two sides, the same maps, people and seeds. *plain*: the network as the authors' PyTorch code lays it out, stream by
stream, and its training as one would write it down, here and nowhere else. *ours*: ``micromask.models.create`` and
``to_input``, fitted by ``micromask.training.fit`` with the recipe ``ststnet``.
Both are trained as the paper says, Adam 5e-5, 800 epochs, batches of 256, nothing chosen, and read after the last
epoch, leaving one subject out. Counts are pooled over the subjects.

    python benchmarks/ststnet_paper.py --maps ../shared/data/megc-flow [--seeds 0] [--processes 2] [--notes FILE]

A fold takes about a minute of one core, so all of it is more than an hour on two. ``--notes`` keeps each fold as it is
done, and a second run with the same file goes on where the first was stopped. The figures go into the page
docs/why/ststnet-benchmark.md, too. ``--subjects N`` takes the first N people
only, ``--epochs`` fewer epochs: to try it, never for a figure (nothing is written then).
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import platform
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from micromask.datasets import load
from micromask.evaluation.metrics import confusion, uar, uf1
from micromask.models import create, parameter_count, to_input
from micromask.training.fit import Side, fit
from micromask.training.recipe import recipes

CLASSES = ("negative", "positive", "surprise")
LEARNING_RATE, EPOCHS, BATCH = 5e-5, 800, 256
SIDES = ("plain", "ours")
ALLOWED = 0.03
RESULTS = Path(__file__).with_name("results")
PAGE = Path(__file__).parents[1] / "docs" / "why" / "ststnet-benchmark.md"
BEGIN, END = "<!-- figures: written by benchmarks/ststnet_paper.py -->", "<!-- end of figures -->"


class PlainSTSTNet(nn.Module):
    """The published network: three streams over the whole map, joined, half of the joined planes' numbers dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.three, self.five, self.eight = stream(3), stream(5), stream(8)
        self.dropout = nn.Dropout(0.5)
        self.average = nn.AvgPool2d(2, stride=2)
        self.classify = nn.Linear(16 * 5 * 5, len(CLASSES))

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28), 0-255, to logits (N, 3)."""
        joined = torch.cat([self.three(maps), self.five(maps), self.eight(maps)], dim=1)
        logits: Tensor = self.classify(self.average(self.dropout(joined)).flatten(1))
        return logits


def stream(filters: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, filters, kernel_size=3, padding=2),
        nn.ReLU(),
        nn.BatchNorm2d(filters),
        nn.MaxPool2d(kernel_size=3, stride=3, padding=1),
    )


def plain_network(inputs: Tensor, targets: Tensor, epochs: int, seed: int) -> nn.Module:
    """The paper's training, its batches drawn anew in each epoch."""
    order = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    # The same numbers in another order of memory, which a CPU reads faster.
    network = PlainSTSTNet().to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(inputs), generator=order), BATCH):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(inputs[batch]), targets[batch]).backward()
            optimiser.step()
    return network.eval()


def our_network(inputs: Tensor, labels: NDArray[np.int64], epochs: int, seed: int) -> nn.Module:
    def build() -> nn.Module:
        return create("ststnet", len(CLASSES)).to(memory_format=torch.channels_last)

    side = Side(inputs.to(memory_format=torch.channels_last), labels)
    recipe = replace(recipes["ststnet"], epochs=epochs)
    given = create("ststnet", len(CLASSES)).input
    return fit(build, given, side, len(CLASSES), recipe, seed, torch.device("cpu")).network


@dataclass(frozen=True, slots=True)
class Data:
    """Maps (N, 28, 28, 3) uint8, labels (N,) and whose each one is (N,)."""

    maps: NDArray[np.uint8]
    labels: NDArray[np.int64]
    people: NDArray[np.str_]

    @property
    def names(self) -> list[str]:
        """Everybody, in alphabetical order."""
        return sorted(set(self.people.tolist()))


@cache
def read(folder: Path) -> Data:
    clips = load("flow-table", folder)
    pictures = [cv2.cvtColor(cv2.imread(str(clip.motion.path)), cv2.COLOR_BGR2RGB) for clip in clips]
    labels = [CLASSES.index(clip.annotation.emotion) for clip in clips]
    return Data(np.stack(pictures), np.array(labels), np.array([str(clip.subject) for clip in clips]))


@dataclass(frozen=True, slots=True)
class Fold:
    """One subject left out, of one side and seed."""

    side: str
    seed: int
    subject: str
    epochs: int


def run(fold: Fold, folder: Path) -> tuple[list[int], float]:
    """What is said of the held-out person's maps after the last epoch, and the CPU seconds that it took."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    begin = time.process_time()
    data = read(folder)
    held = data.people == fold.subject
    seed = 1000 * fold.seed + data.names.index(fold.subject)
    if fold.side == "plain":
        inputs = torch.from_numpy(data.maps.astype(np.float32)).permute(0, 3, 1, 2)
        network = plain_network(inputs[~held], torch.from_numpy(data.labels[~held]), fold.epochs, seed)
    else:
        inputs = to_input(data.maps, create("ststnet", len(CLASSES)).input)
        network = our_network(inputs[~held], data.labels[~held], fold.epochs, seed)
    with torch.no_grad():
        said = network(inputs[held]).argmax(dim=1)
    return said.tolist(), time.process_time() - begin


def key(fold: Fold, data: Data) -> str:
    """Under what a fold is kept: notes of other data, another network or another torch are not used."""
    network = PlainSTSTNet() if fold.side == "plain" else create("ststnet", len(CLASSES))
    code = inspect.getsource(type(network))
    told = repr(
        (fold, network, code, recipes["ststnet"], torch.__version__, data.people.tolist(), data.labels.tolist())
    ).encode()
    return hashlib.sha256(told + data.maps.tobytes()).hexdigest()


def run_all(folds: list[Fold], folder: Path, processes: int, notes: Path | None) -> dict[Fold, tuple[list[int], float]]:
    data = read(folder)
    kept = {}
    if notes is not None and notes.exists():
        kept = {note["key"]: note for note in map(json.loads, notes.read_text().splitlines())}
    keys = {fold: key(fold, data) for fold in folds}
    done = {fold: (kept[keys[fold]]["said"], kept[keys[fold]]["seconds"]) for fold in folds if keys[fold] in kept}
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(run, fold, folder): fold for fold in folds if fold not in done}
        for future in as_completed(waiting):
            fold = waiting[future]
            done[fold] = said, seconds = future.result()
            told = f"{fold.side:5s} seed {fold.seed}  {fold.subject}  {seconds:.0f} s CPU"
            print(f"{len(done):3d} of {len(folds)}  {told}", flush=True)
            if notes is not None:
                with notes.open("a") as file:
                    file.write(json.dumps({"key": keys[fold], "said": said, "seconds": round(seconds, 2)}) + "\n")
    return done


def figures(data: Data, said: dict[str, list[int]]) -> dict[str, Any]:
    """UF1 and UAR of one LOSO run, counts pooled over the subjects in ``said``."""
    truth = np.concatenate([data.labels[data.people == name] for name in said])
    counts = confusion(truth, np.concatenate([np.array(each) for each in said.values()]), len(CLASSES))
    return {"uf1": round(uf1(counts), 4), "uar": round(uar(counts), 4), "confusion": counts.tolist()}


def summary(
    data: Data, done: dict[Fold, tuple[list[int], float]], seeds: list[int], names: list[str]
) -> dict[str, Any]:
    sides: dict[str, Any] = {}
    for side in SIDES:
        runs = []
        for seed in seeds:
            own = {fold.subject: done[fold] for fold in done if (fold.side, fold.seed) == (side, seed)}
            runs.append({"seed": seed} | figures(data, {name: own[name][0] for name in names}))
        sides[side] = {
            "runs": runs,
            "mean_uf1": round(float(np.mean([each["uf1"] for each in runs])), 4),
            "mean_uar": round(float(np.mean([each["uar"] for each in runs])), 4),
            "spread_uf1": round(float(np.ptp([each["uf1"] for each in runs])), 4),
            "spread_uar": round(float(np.ptp([each["uar"] for each in runs])), 4),
            "cpu_s_a_fold": round(float(np.mean([done[fold][1] for fold in done if fold.side == side])), 1),
        }
    difference = {
        name: round(sides["ours"][f"mean_{name}"] - sides["plain"][f"mean_{name}"], 4) for name in ("uf1", "uar")
    }
    return {"sides": sides, "ours_less_plain": difference, "within_allowed": abs(difference["uf1"]) <= ALLOWED}


def show(found: dict[str, Any]) -> None:
    for side, told in found["sides"].items():
        runs = ", ".join(f"{each['uf1']:.3f} / {each['uar']:.3f}" for each in told["runs"])
        print(f"{side:5s}  UF1 / UAR by seed: {runs}; mean {told['mean_uf1']:.3f} / {told['mean_uar']:.3f}")
    told = found["ours_less_plain"]
    print(f"ours less plain: UF1 {told['uf1']:+.3f}, UAR {told['uar']:+.3f} (allowed: UF1 within {ALLOWED})")


def table(record: dict[str, Any], name: str) -> str:
    """The figures as the page shows them."""
    sides, seeds = record["sides"], [each["seed"] for each in record["sides"]["plain"]["runs"]]
    rows = ["|  | UF1 | UAR |", "|---|---|---|"]
    for number, seed in enumerate(seeds):
        for side, told in sides.items():
            run = told["runs"][number]
            rows.append(f"| {side}, seed {seed} | {run['uf1']:.3f} | {run['uar']:.3f} |")
    for side, told in sides.items() if len(seeds) > 1 else ():
        rows.append(f"| {side}, mean | {told['mean_uf1']:.3f} | {told['mean_uar']:.3f} |")
    less = record["ours_less_plain"]
    rows.append(f"| ours less plain | {less['uf1']:+.3f} | {less['uar']:+.3f} |")
    spread = " and ".join(f"{told['spread_uf1']:.3f} ({side})" for side, told in sides.items())
    cost = " and ".join(f"{told['cpu_s_a_fold']:.0f} s ({side})" for side, told in sides.items())
    apart = f" The seeds of one side lie {spread} of UF1 apart." if len(seeds) > 1 else ""
    words = [
        f"{record['maps']} maps of {record['subjects']} people.{apart} Both sides draw the same random numbers.",
        f"A fold took {cost} of one core.",
    ]
    return "\n".join([*rows, "", *words, "", f"Source: `benchmarks/results/{name}`."])


def fill_page(record: dict[str, Any], name: str) -> None:
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{PAGE.name} has no place for the figures: wanted {BEGIN} and {END}")
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(record, name)}\n\n{END}{after}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maps", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--notes", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--subjects", type=int)
    asked = parser.parse_args()
    data = read(asked.maps)
    names = data.names[: asked.subjects]
    folds = [Fold(side, seed, name, asked.epochs) for seed in asked.seeds for name in names for side in SIDES]
    print(f"{len(data.maps)} maps, {len(data.names)} subjects; {len(folds)} folds of {asked.epochs} epochs", flush=True)
    begin = time.perf_counter()
    done = run_all(folds, asked.maps, asked.processes, asked.notes)
    found = summary(data, done, asked.seeds, names)
    show(found)
    if asked.epochs != EPOCHS or asked.subjects is not None:
        print("tried only: nothing written")
        return
    today = datetime.now(UTC).date().isoformat()
    record = {
        "date": today,
        "command": f"python benchmarks/ststnet_paper.py --maps MAPS --seeds {' '.join(map(str, asked.seeds))}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "maps": len(data.maps),
        "subjects": len(names),
        "classes": {name: int((data.labels == index).sum()) for index, name in enumerate(CLASSES)},
        "training": {"optimiser": "Adam", "learning_rate": LEARNING_RATE, "epochs": EPOCHS, "batch": BATCH},
        "recipe_of_ours": asdict(recipes["ststnet"]),
        "read": "after the last epoch; nothing is chosen",
        "parameters": {"plain": parameter_count(PlainSTSTNet()), "ours": parameter_count(create("ststnet", 3))},
        "wall_s": round(time.perf_counter() - begin),
        "cpu_s": round(sum(seconds for _, seconds in done.values())),
    } | found
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"ststnet-paper-{today}.json"
    target.write_text(json.dumps(record, indent=2) + "\n")
    fill_page(record, target.name)
    print(f"written: {target.name}, {PAGE.name}")


if __name__ == "__main__":
    main()

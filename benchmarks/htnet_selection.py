"""What is a published selection rule worth? The HTNet-like network by its epoch on the test person, and without that.

Two runs of the same network on the same maps, one subject left out, all else equal: *as-published* takes of each fold
the epoch that is best on the person who is tested (a leak, LK004), *inner* the one that is best on people of the
training side. Each is what ``micromask evaluate flow-table --root MAPS --model htnet --select NAME`` runs, its audit
too, and the two are compared as ``micromask compare`` does: the same people drawn for both, and swapped whole.

    python benchmarks/htnet_selection.py --maps ../shared/data/megc-flow [--work FOLDER] [--resume] [--jobs 1]

Writes htnet-selection-DATE.json. Finished folds are kept in ``--work``; ``--resume`` goes on from there. ``--time``
runs one fold of each side and says how long all of them would take; it writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from micromask import __version__
from micromask.datasets import load
from micromask.evaluation.audit import Facts
from micromask.evaluation.compare import Run, compare
from micromask.evaluation.document import document_of
from micromask.evaluation.material import Material, gather, stills
from micromask.evaluation.protocols import make_splits
from micromask.evaluation.run import Plan, evaluate
from micromask.evaluation.unit import ModelChoice, Outcome, Select, input_of
from micromask.training.recipe import recipe_of

MODEL = "htnet"
SIDES: tuple[Select, ...] = ("as-published", "inner")
RESULTS = Path(__file__).with_name("results")


def plan_of(select: Select, seeds: Sequence[int]) -> tuple[str, Plan]:
    """What `evaluate --model htnet --select NAME` runs where nothing else is said, and its recipe's name."""
    choice = ModelChoice(MODEL)
    name, recipe = recipe_of(MODEL, input_of(choice).reads)
    return name, Plan(choice, recipe, protocol="loso", select=select, seeds=tuple(seeds))


def one_fold_each(material: Material) -> None:
    """Time the first fold of each side and say what all of them would take."""
    everything = 0.0
    for select in SIDES:
        _, plan = plan_of(select, [0])
        splits = make_splits("loso", material.samples, plan.options)
        begin = time.process_time()
        evaluate(material, replace(plan, splits=tuple(splits[:1])), dataset="flow-table")
        seconds = time.process_time() - begin
        everything += seconds * len(splits)
        print(
            f"{select}: one fold {seconds:.1f} s of one core, {len(splits)} folds {seconds * len(splits) / 60:.0f} min"
        )
    print(f"both: about {everything / 60:.0f} min of one core")


def run(material: Material, plan: Plan, work: Path, jobs: int) -> Run:
    """One side, from its folds to its document with the audit's findings."""

    def came(done: int, total: int, outcome: Outcome) -> None:
        print(f"{plan.select}: {done} of {total} folds; the last took {outcome.seconds:.0f} s", flush=True)

    results = evaluate(material, plan, dataset="flow-table", work=work / plan.select, jobs=jobs, on_unit=came)
    facts = Facts(fitted_on_test=(), augmented_before_split=False)
    document = document_of(results, facts=facts, pictures=stills(material, input_of(plan.model)))
    return Run(plan.select, document, results)


def side(told: Run) -> dict[str, Any]:
    """What is kept of a run: figures with 95 % intervals over people, the epochs it took, what the audit found."""
    metrics = told.document["metrics"]
    figures = {
        key: {"value": metrics[key], "low": metrics["intervals"][key][0], "high": metrics["intervals"][key][1]}
        for key in ("uf1", "uar", "accuracy")
    }
    return figures | {
        "epochs": told.document["epochs"],
        "findings": [each for each in told.document["findings"] if each["severity"] != "note"],
        "fitting_s": round(told.results.seconds["fitting"]),
    }


def show(sides: Mapping[str, Mapping[str, Any]], pair: Mapping[str, Any]) -> None:
    for name, told in sides.items():
        uf1 = told["uf1"]
        codes = " ".join(each["code"] for each in told["findings"])
        print(f"{name:13s} UF1 {uf1['value']:.3f} [{uf1['low']:.3f}, {uf1['high']:.3f}]   {codes}")
    print(pair["words"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maps", type=Path, required=True)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--time", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    material = gather(load("flow-table", asked.maps), "own", input_of(ModelChoice(MODEL)))
    people = len({sample.subject for sample in material.samples})
    print(f"{len(material.samples)} maps, {people} subjects", flush=True)
    if asked.time:
        one_fold_each(material)
        return
    if asked.work is not None and asked.work.exists() and not asked.resume:
        raise SystemExit(f"{asked.work} holds a run that was cut off: go on with --resume, or remove it")
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as passing:
        work = asked.work or Path(passing)
        runs = [run(material, plan_of(select, asked.seeds)[1], work, asked.jobs) for select in SIDES]
    compared = compare(runs)
    sides = {told.name: side(told) for told in runs}
    # of the two rows' order, the one that says how much more the leaking side seems to be worth
    (pair,) = compared["pairs"]
    sign = 1 if pair["first"] == SIDES[0] else -1
    uf1 = pair["uf1"]
    low, high = sorted(sign * uf1[end] for end in ("low", "high"))
    today = datetime.now(UTC).date().isoformat()
    name, plan = plan_of("inner", asked.seeds)
    record = {
        "date": today,
        "version": __version__,
        "command": f"python benchmarks/htnet_selection.py --maps MAPS --seeds {' '.join(map(str, asked.seeds))}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "model": MODEL,
        "maps": len(material.samples),
        "subjects": people,
        "protocol": "loso",
        "seeds": asked.seeds,
        "recipe_name": name,
        "recipe": asdict(plan.recipe),
        "sides": sides,
        "as_published_less_inner": {"uf1": sign * uf1["difference"], "low": low, "high": high, "p": uf1["p"]},
        "words": pair["words"],
        "always_most_frequent_uf1": compared["majority"]["uf1"],
        "wall_s_of_this_start": round(time.perf_counter() - begin),
    }
    show(sides, pair)
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"htnet-selection-{today}.json"
    target.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(f"written: {target.name}")


if __name__ == "__main__":
    main()

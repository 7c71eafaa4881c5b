"""A run: every fold and seed of a protocol, in parallel, each kept on disk once it is done."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from micromask.core.errors import BadInputError, MicromaskError
from micromask.core.results import Prediction, Results, Split
from micromask.core.workers import end_with, one_thread_each
from micromask.evaluation.keep import Kept
from micromask.evaluation.material import Material
from micromask.evaluation.protocols import SplitOptions, make_splits, with_validation
from micromask.evaluation.unit import ModelChoice, Outcome, Select, Unit, run_unit
from micromask.models import entry_of
from micromask.training.checkpoint import fit_key
from micromask.training.memory import keep_memory
from micromask.training.recipe import Recipe

PARTS = ("micromask", "torch", "torchvision", "timm", "numpy", "scikit-learn", "opencv-contrib-python-headless")

STOP = "stop"
"""A file beside the shared pictures: where it is, the workers end at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run: model, recipe, protocol with its options, seeds, and by what the epoch is chosen.

    ``splits`` are used instead of the protocol's where they are given (read from a file); ``protocol`` then names them.
    """

    model: ModelChoice
    recipe: Recipe
    protocol: str = "loso"
    options: SplitOptions = field(default_factory=SplitOptions)
    select: Select = "inner"
    seeds: tuple[int, ...] = (0,)
    splits: tuple[Split, ...] = ()
    device: str = "cpu"

    def __post_init__(self) -> None:
        if not self.seeds or len(set(self.seeds)) != len(self.seeds):
            raise BadInputError(f"one seed or more, each once, got {self.seeds}")


OnUnit = Callable[[int, int, Outcome], None]
"""Called with the units done, the units in all, and the one that has come."""


def evaluate(
    material: Material,
    plan: Plan,
    *,
    dataset: str,
    work: Path | None = None,
    jobs: int = 1,
    on_unit: OnUnit | None = None,
) -> Results:
    """Run a plan on material: every fold with every seed.

    Parameters
    ----------
    material : Material
        As the model reads it.
    plan : Plan
    dataset : str
        What the material is called in the results.
    work : Path, optional
        A folder in which finished units and checkpoints are kept; the same run started again goes on from there. The
        units of another run in it are not used.
    jobs : int
        Processes of one thread each; 1 runs here.
    on_unit : callable, optional

    Returns
    -------
    Results
        Predictions by fold, then seed, then sample; the same on every run and for any number of jobs. Its findings are
        those of the material: the audit is `evaluation.audit`'s.

    Raises
    ------
    BadInputError
        If the protocol cannot split these samples, or nothing can be chosen on a training side.
    """
    started = time.perf_counter()
    splits = _splits(material, plan)
    units = _units(material, plan, splits, work)
    kept = None if work is None else Kept(work, _key(material, plan, splits))
    outcomes = _run(units, material, kept, jobs, on_unit)
    predictions = tuple(_predictions(material, splits, units, outcomes))
    curves: tuple[Mapping[str, float | int | str], ...] = tuple(
        {"fold": splits[each.fold].held_out, "seed": each.seed, **row} for each in outcomes for row in each.curves
    )
    spent = {"fitting": sum(each.seconds for each in outcomes), "wall": time.perf_counter() - started}
    return Results(
        model=plan.model.name,
        protocol=plan.protocol,
        dataset=dataset,
        labels=material.labels,
        samples=material.samples,
        splits=splits,
        predictions=predictions,
        seeds=plan.seeds,
        selection=plan.select if by_epochs(plan) else "last",
        findings=material.findings,
        curves=curves,
        settings=_settings(material, plan, outcomes, splits),
        versions=versions(),
        seconds=spent,
    )


def versions() -> dict[str, str]:
    """The versions of what a figure depends on, Python's own among them."""
    found = {"python": platform.python_version()}
    for part in PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            continue
    return found


def by_epochs(plan: Plan) -> bool:
    """Whether the model is fitted by epochs, so that one of them can be chosen; a classical one is not."""
    return entry_of(plan.model.name).family != "classical"


def _splits(material: Material, plan: Plan) -> tuple[Split, ...]:
    made = plan.splits or make_splits(plan.protocol, material.samples, plan.options)
    if plan.select != "inner" or not by_epochs(plan):
        return tuple(made)
    inside = replace(SplitOptions(), seed=plan.options.seed)
    return tuple(with_validation(split, material.samples, inside) for split in made)


def _units(material: Material, plan: Plan, splits: Sequence[Split], work: Path | None) -> list[Unit]:
    units = []
    for fold, split in enumerate(splits):
        rows = [material.rows(side) for side in (split.train, split.validation, split.test)]
        for seed in plan.seeds:
            units.append(
                Unit(
                    fold=fold,
                    held_out=split.held_out,
                    seed=seed,
                    model=plan.model,
                    n_classes=len(material.labels),
                    recipe=plan.recipe,
                    select=plan.select,
                    train=rows[0],
                    validation=rows[1],
                    test=rows[2],
                    device=plan.device,
                    checkpoint=None if work is None else work / "checkpoints" / f"fold-{fold:03d}-seed-{seed}",
                )
            )
    return units


def _key(material: Material, plan: Plan, splits: Sequence[Split]) -> str:
    sides = [
        (split.held_out, *(sorted(side) for side in (split.train, split.validation, split.test))) for split in splits
    ]
    names = [(sample.id, sample.label) for sample in material.samples]
    rest = (plan.model, plan.recipe, plan.select, plan.device, sides, names, material.labels)
    return fit_key(*rest, torch.from_numpy(np.ascontiguousarray(material.pictures)))


def _run(
    units: Sequence[Unit], material: Material, kept: Kept | None, jobs: int, on_unit: OnUnit | None
) -> list[Outcome]:
    done: dict[int, Outcome] = {}
    left = []
    for number, unit in enumerate(units):
        outcome = None if kept is None else kept.read(unit.fold, unit.seed)
        if outcome is None:
            left.append(number)
        else:
            done[number] = outcome

    def came(number: int, outcome: Outcome) -> None:
        done[number] = outcome
        if on_unit is not None:
            on_unit(len(done), len(units), outcome)

    if done and on_unit is not None:
        on_unit(len(done), len(units), next(iter(done.values())))
    if min(jobs, len(left)) <= 1:
        for number in left:
            came(number, _here(units[number], material.pictures, material.codes, kept))
    else:
        _in_processes(units, left, material, kept, jobs, came)
    return [done[number] for number in range(len(units))]


def _here(unit: Unit, pictures: NDArray[np.uint8], codes: NDArray[np.int64], kept: Kept | None) -> Outcome:
    try:
        outcome = run_unit(unit, pictures, codes)
    except MicromaskError as error:
        raise type(error)(f"fold {unit.held_out}: {error}") from error
    if kept is not None:
        kept.write(outcome)
        for part in ("inner", "final"):
            if unit.checkpoint is not None:
                unit.checkpoint.with_name(f"{unit.checkpoint.name}.{part}").unlink(missing_ok=True)
    return outcome


def _in_processes(
    units: Sequence[Unit],
    left: Sequence[int],
    material: Material,
    kept: Kept | None,
    jobs: int,
    came: Callable[[int, Outcome], None],
) -> None:
    with TemporaryDirectory(prefix="micromask-") as place, one_thread_each():
        np.save(Path(place) / "pictures.npy", np.ascontiguousarray(material.pictures))
        np.save(Path(place) / "codes.npy", material.codes)
        pool = ProcessPoolExecutor(
            min(jobs, len(left)), get_context("spawn"), initializer=_begin, initargs=(place, kept, os.getpid())
        )
        try:
            # the largest training sides first, so that no long unit is left alone at the end
            queue = sorted(left, key=lambda number: -len(units[number].train))
            waiting: dict[Future[Outcome], int] = {pool.submit(_there, units[number]): number for number in queue}
            while waiting:
                ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    came(waiting.pop(future), future.result())
        except KeyboardInterrupt:
            (Path(place) / STOP).touch()  # else those at work would first end their folds, and begin one more each
            raise
        except BrokenProcessPool:
            raise MicromaskError(
                "a worker process ended before its fold was done (out of memory?): run again with fewer --jobs; "
                "finished folds are kept"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_shared: dict[str, Any] = {}


def _begin(place: str, kept: Kept | None, parent: int) -> None:
    torch.set_num_threads(1)
    keep_memory()
    _shared["pictures"] = np.load(Path(place) / "pictures.npy", mmap_mode="r")
    _shared["codes"] = np.load(Path(place) / "codes.npy")
    _shared["kept"] = kept
    end_with(parent, (Path(place) / STOP).exists)


def _there(unit: Unit) -> Outcome:
    return _here(unit, _shared["pictures"], _shared["codes"], _shared["kept"])


def _predictions(
    material: Material, splits: Sequence[Split], units: Sequence[Unit], outcomes: Sequence[Outcome]
) -> Iterator[Prediction]:
    for unit, outcome in zip(units, outcomes, strict=True):
        for row, shares in zip(unit.test, outcome.probabilities, strict=True):
            sample = material.samples[row]
            told = tuple(round(float(share), 9) for share in shares)
            yield Prediction(sample.id, splits[unit.fold].held_out, unit.seed, sample.label, told)


def _settings(
    material: Material, plan: Plan, outcomes: Sequence[Outcome], splits: Sequence[Split]
) -> Mapping[str, Any]:
    epochs = [
        {"fold": splits[each.fold].held_out, "seed": each.seed, "epoch": each.epoch, "seconds": round(each.seconds, 3)}
        for each in outcomes
    ]
    return {
        "model": asdict(plan.model),
        "recipe": asdict(plan.recipe),
        "options": asdict(plan.options),
        "label_set": material.label_set,
        "device": plan.device,
        "epochs": epochs,
    }

"""Where the networks of a run looked: Grad-CAM of the clips that it was surest about, wrong and right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from micromask.core.errors import BadInputError
from micromask.core.results import Results, Split
from micromask.core.types import FloatArray, Image
from micromask.evaluation.material import Material, stills
from micromask.evaluation.run import Plan
from micromask.evaluation.unit import build_model, freeze_by, input_of
from micromask.inference.explain import grad_cam
from micromask.models import Model, entry_of, to_input
from micromask.training.fit import Side, fit


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """One sample: ``image`` (H, W) or (H, W, 3) uint8 as the model read it (the middle frame of a sequence), ``heat``
    (H, W) in [0, 1] for the class that was said, ``said`` and the probability of it.
    """

    sample: str
    fold: str
    seed: int
    image: Image
    heat: FloatArray
    said: str
    probability: float


def explain_clips(
    material: Material,
    plan: Plan,
    results: Results,
    clips: Sequence[str],
    on_fold: Callable[[int], None] | None = None,
) -> dict[str, Explained]:
    """Grad-CAM of clips, each by the network of the fold that tested it.

    A run keeps no networks, so that of each fold needed is fitted once more: the same seed gives the same network.

    Parameters
    ----------
    material : Material
    plan : Plan
        Those of the run.
    results : Results
        Of the run; its epochs are taken, and the first of its seeds.
    clips : sequence of str
        Such as the first of ``hardest`` and ``surest`` of the run's document. Of a clip with several frames the middle
        one is taken; of one that several folds test, the first fold.
    on_fold : callable, optional
        Called with the number of folds that have been fitted again.

    Returns
    -------
    dict
        By clip.

    Raises
    ------
    BadInputError
        If the model is a classical one or has no planes to look at, or a clip was not tested.
    """
    if entry_of(plan.model.name).family == "classical":
        raise BadInputError(f"{plan.model.name} is a classical model: it has no planes to look at")
    wanted: dict[str, list[tuple[str, int]]] = {}
    for clip in clips:
        fold, row = _tested_in(material, results, clip)
        wanted.setdefault(fold, []).append((clip, row))
    seed = results.seeds[0]
    epochs = {each["fold"]: each["epoch"] for each in results.settings["epochs"] if each["seed"] == seed}
    found: dict[str, Explained] = {}
    needed = [split for split in results.splits if split.held_out in wanted]
    for done, split in enumerate(needed, 1):
        model = _fitted(material, plan, split, seed, epochs[split.held_out])
        found |= _explain(material, model, split.held_out, seed, wanted[split.held_out])
        if on_fold is not None:
            on_fold(done)
    return {clip: found[clip] for clip in clips}


def _tested_in(material: Material, results: Results, clip: str) -> tuple[str, int]:
    for split in results.splits:
        rows = [row for row, each in enumerate(material.samples) if each.clip == clip and each.id in split.test]
        if rows:
            return split.held_out, rows[len(rows) // 2]
    raise BadInputError(f"{clip} was not tested in this run")


def _fitted(material: Material, plan: Plan, split: Split, seed: int, epoch: int) -> Model:
    rows = material.rows(split.train | split.validation)
    given = input_of(plan.model)
    network = fit(
        lambda: build_model(plan.model, len(material.labels)),
        given,
        Side(to_input(material.pictures[rows], given), material.codes[rows]),
        len(material.labels),
        plan.recipe,
        seed,
        torch.device(plan.device),
        start_epoch=freeze_by(plan.recipe),
        stop_after=epoch,
    ).network
    assert isinstance(network, Model)
    return network.cpu()


def _explain(
    material: Material, model: Model, fold: str, seed: int, chosen: Sequence[tuple[str, int]]
) -> Mapping[str, Explained]:
    rows = np.array([row for _, row in chosen])
    inputs = to_input(material.pictures[rows], model.input)
    with torch.inference_mode():
        shares = torch.softmax(model.eval()(inputs).double(), dim=1).numpy()
    said = shares.argmax(axis=1)
    heat = grad_cam(model, inputs, said.tolist())
    pictures = stills(material, model.input)
    return {
        clip: Explained(
            material.samples[row].id,
            fold,
            seed,
            np.asarray(pictures[row], np.uint8),
            heat[at],
            material.labels[said[at]],
            float(shares[at, said[at]]),
        )
        for at, (clip, row) in enumerate(chosen)
    }

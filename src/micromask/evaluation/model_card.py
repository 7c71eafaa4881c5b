"""What a model's file says of itself: what it was fitted on and how, and how good it is on people it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.results import Results
from micromask.datasets.card import card, cards
from micromask.datasets.preparation import Preparation
from micromask.evaluation.audit import audit, case_of
from micromask.evaluation.final import Final, usual_epoch
from micromask.evaluation.material import Material, Pictures, class_counts, stills
from micromask.evaluation.protocols import SplitOptions, leaks_of
from micromask.evaluation.summary import metrics_of
from micromask.evaluation.tested import Tested, by_clip, tested_of
from micromask.models.store import Promise
from micromask.training.fit_classical import ClassicalRecipe
from micromask.training.recipe import Recipe

NOT_EVALUATED = "not evaluated"
UNKNOWN = "unknown"
PLACES = 4

EpochsBy = Literal["folds", "inner", "last"]
EPOCHS_BY: Mapping[EpochsBy, str] = {
    "folds": "the median of what the folds of the estimate chose, each on people of its own training side",
    "inner": "the lowest loss on people who were kept out of a first fit",
    "last": "all of the recipe; nothing was chosen",
}
"""What settles for how many epochs a final model is fitted."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a fitted model does not know of itself.

    The data sets by name, how pictures were made, the recipe and its name, what settled the number of epochs, the
    weights that it began with, the seed, and the licence of the weights (that of the data where None).
    """

    datasets: tuple[str, ...]
    preparation: Preparation
    recipe: Recipe | ClassicalRecipe
    recipe_name: str
    epochs_by: EpochsBy = "last"
    weights: str = "none"
    seed: int = 0
    licence: str | None = None


def check_honest(protocol: str, options: SplitOptions | None = None) -> None:
    """Refuse a protocol whose figure is a leak: it would travel with the weights.

    Raises
    ------
    BadInputError
        If there is no such protocol, or people are on both sides of its folds.
    """
    codes = leaks_of(protocol, options)
    if codes:
        raise BadInputError(
            f"an estimate by {protocol} leaks ({', '.join(codes)}) and would travel with the model: "
            "take k-fold-subjects or loso"
        )


def promise_of(
    material: Material, clips: Sequence[Clip], final: Final, told: Told, estimate: Results | None = None
) -> Promise:
    """The card of a final model.

    Parameters
    ----------
    material : Material
        All that it was fitted on.
    clips : sequence of Clip
        Those of the data sets; the licences of those that the material is of are named.
    final : Final
    told : Told
    estimate : Results, optional
        A run of the same model, recipe and material with people apart. Without one the card says 'not evaluated'.

    Returns
    -------
    Promise
        No person is named in it, only how many there were.
    """
    protocol, metrics = _estimate(estimate, stills(material, final.model.input))
    used = {sample.clip for sample in material.samples}
    of_data = licences_of([clip for clip in clips if clip.id in used], told.datasets)
    return Promise(
        classes=material.labels,
        label_set=material.label_set,
        preprocessing=asdict(told.preparation),
        training_data={
            "datasets": list(told.datasets),
            "clips": len(used),
            "samples": len(material.samples),
            "subjects": len({sample.subject for sample in material.samples}),
            "classes": dict(class_counts(material)),
            "licence": of_data,
            "fit": {
                "recipe": told.recipe_name,
                **asdict(told.recipe),
                "weights": told.weights,
                "seed": told.seed,
                "epochs_fitted": final.epochs,
                "epochs_by": EPOCHS_BY[told.epochs_by] if final.epochs else "none: the model has no epochs",
            },
        },
        licence=told.licence or of_data,
        protocol=protocol,
        metrics=metrics,
    )


def licences_of(clips: Sequence[Clip], datasets: Sequence[str]) -> str:
    """The licences of the clips' recordings, or of the data sets' cards where the clips say none."""
    found = {clip.recording.licence for clip in clips} - {UNKNOWN, ""}
    known = {each.name for each in cards()}
    found = found or {card(name).licence for name in datasets if name in known}
    return "; ".join(sorted(found)) or UNKNOWN


def _estimate(results: Results | None, pictures: Pictures) -> tuple[str, Mapping[str, Any]]:
    if results is None:
        return NOT_EVALUATED, {}
    tested = tested_of(results)
    apart = "nobody on both sides" if not leaks_of(results.protocol) else "people on both sides"
    protocol = f"{results.protocol}, {len(results.splits)} folds, {apart}"
    if usual_epoch(results) is not None:
        protocol += "; epochs chosen on people of each training side"
    if len(set(tested.clips.tolist())) == len(set(tested.ids.tolist())):
        figures = _figures(tested) | {"figures_of": "clips"}
    else:
        figures = _figures(tested) | {"figures_of": "frames", "by_clip": _figures(by_clip(tested))}
    counted = {
        "clips": len(set(tested.clips.tolist())),
        "subjects": len(set(tested.subjects.tolist())),
        "seeds": list(results.seeds),
        "findings": [f"{each.code} {each.title}" for each in audit(case_of(results, pictures=pictures))],
    }
    return protocol, figures | counted


def _figures(tested: Tested) -> dict[str, Any]:
    """UF1, UAR, accuracy, and their 95 % intervals over people."""
    told = metrics_of(tested)
    names = ("uf1", "uar", "accuracy")
    intervals = {
        name: None if ends is None else [round(end, PLACES) for end in ends] for name, ends in told["intervals"].items()
    }
    return {name: round(told[name], PLACES) for name in names} | {"intervals": intervals}

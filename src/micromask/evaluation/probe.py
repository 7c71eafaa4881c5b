"""The identity probe: does a model that is asked what a face shows rather know whose face it is?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.results import Results, Sample, Split
from micromask.evaluation.material import Material, relabelled
from micromask.evaluation.run import OnUnit, Plan, evaluate
from micromask.evaluation.summary import metrics_of
from micromask.evaluation.tested import tested_of

WHO = "who it is"
"""The label set of the probe: a class a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """Two runs of one model on one split, people on both sides: ``what`` told the classes apart, ``who`` the people."""

    what: Results
    who: Results


def identity_probe(
    material: Material,
    plan: Plan,
    *,
    dataset: str = "",
    work: Path | None = None,
    jobs: int = 1,
    on_unit: OnUnit | None = None,
    what: Results | None = None,
) -> Probe:
    """Train the same model to tell *what* and *who*, both with the same samples at random on both sides.

    A model that is far better at who than at what has faces to go by and little else, and whatever it reaches with
    people on both sides is no sign that it reads expressions.

    Parameters
    ----------
    material : Material
        As the model reads it.
    plan : Plan
        Model, recipe, seeds and share to train on are taken from it; its protocol and selection are not: samples are
        drawn at random (`mixed_split`) and the last epoch counts, so that nothing is chosen.
    dataset, work, jobs, on_unit
        As in `evaluation.run.evaluate`; the two runs keep their units in ``work/what`` and ``work/who``.
    what : Results, optional
        A run that told what and had people on both sides: its folds are used, and it is not run again.

    Raises
    ------
    BadInputError
        If there is one person only, or a run cannot be made.
    """
    people = relabelled_by_person(material)
    folds = (
        what.splits
        if what is not None
        else (mixed_split(material.samples, plan.options.train_share, plan.options.seed),)
    )
    frames = any(sample.frame is not None for sample in material.samples)
    asked = replace(plan, protocol="random-frames" if frames else "random-clips", splits=folds, select="last")

    def run(given: Material, name: str) -> Results:
        place = None if work is None else work / name
        return evaluate(given, asked, dataset=dataset, work=place, jobs=jobs, on_unit=on_unit)

    return Probe(run(material, "what") if what is None else what, run(people, "who"))


def relabelled_by_person(material: Material) -> Material:
    """The same pixels with the person as the class.

    Raises
    ------
    BadInputError
        If they are all of one person.
    """
    people = {str(sample.subject) for sample in material.samples}
    if len(people) < 2:
        raise BadInputError(
            f"identity probe: all {len(material.samples)} samples are of {min(people, default='nobody')}; "
            "to tell who it is takes two people or more"
        )
    return relabelled(material, lambda sample: str(sample.subject), WHO)


def mixed_split(samples: Sequence[Sample], share: float = 0.8, seed: int = 0) -> Split:
    """Samples at random on two sides, every person and every class on both of them where they have two samples.

    Each class of each person is shared out as evenly as whole samples allow. This is the split that a study must not
    use: everybody who is tested has been learnt from.

    Parameters
    ----------
    samples : sequence of Sample
        Two or more; their order does not matter.
    share : float
        About this part is trained on.
    seed : int

    Raises
    ------
    BadInputError
        If there are fewer than two samples.
    """
    if len(samples) < 2:
        raise BadInputError(f"{len(samples)} samples: to train and to test takes two or more")
    rng = np.random.default_rng(seed)
    ordered = sorted(samples, key=lambda sample: sample.id)
    drawn = [ordered[place] for place in rng.permutation(len(ordered))]
    drawn.sort(key=lambda sample: (str(sample.subject), sample.label))  # stable: at random within each
    # walking evenly through people and classes, one is tested whenever the walk has earned another
    owed = float(rng.random())
    test: set[str] = set()
    for sample in drawn:
        owed += 1 - share
        if owed >= 1:
            test.add(sample.id)
            owed -= 1
    _put_on_both_sides(drawn, test)
    train = frozenset(sample.id for sample in drawn) - test
    return Split(f"{len(test)} of {len(drawn)} samples at random", train, frozenset(test))


def _put_on_both_sides(drawn: Sequence[Sample], test: set[str]) -> None:
    """Move single samples until every person and class with two samples has one on each side, where that can be."""
    groups: dict[tuple[str, str], list[str]] = {("all", ""): [sample.id for sample in drawn]}
    own: dict[str, list[tuple[str, str]]] = {}
    for sample in drawn:
        own[sample.id] = [("all", ""), ("person", str(sample.subject)), ("class", sample.label)]
        for key in own[sample.id][1:]:
            groups.setdefault(key, []).append(sample.id)

    def tested(key: tuple[str, str]) -> int:
        return sum(each in test for each in groups[key])

    for key, ids in groups.items():
        if len(ids) < 2 or 0 < tested(key) < len(ids):
            continue
        wanted = not tested(key)  # a sample to test on is wanted, else one to train on
        hurt = {
            each: sum((len(groups[of]) - tested(of) if wanted else tested(of)) == 1 for of in own[each]) for each in ids
        }
        test ^= {min(ids, key=hurt.__getitem__)}


def probe_document(probe: Probe) -> dict[str, Any]:
    """The probe in plain values: for what and for who accuracy with its interval over people, chance, and skill.

    ``chance`` is the accuracy of always naming the class that is most frequent in training. ``skill`` is how far the
    accuracy is on the way from chance to 1, so that tasks with few and with many classes can be set side by side.
    ``knows_who`` says that the skill at who is the higher one.
    """
    what, who = _told(probe.what), _told(probe.who)
    return {
        "protocol": probe.who.protocol,
        "people": len(probe.who.labels),
        "what": what,
        "who": who,
        "knows_who": who["skill"] > what["skill"],
        "said": (
            f"{probe.who.model} tells what is shown with an accuracy of {what['accuracy']:.2f} (chance "
            f"{what['chance']:.2f}) and who it is with {who['accuracy']:.2f} (chance {who['chance']:.2f}), "
            "with the same people in training and in the test"
        ),
    }


def _told(results: Results) -> dict[str, Any]:
    figures = metrics_of(tested_of(results))
    chance = chance_of(results)
    skill = (figures["accuracy"] - chance) / (1 - chance) if chance < 1 else 0.0
    return {
        "accuracy": figures["accuracy"],
        "interval": figures["intervals"]["accuracy"],
        "chance": chance,
        "skill": skill,
        "classes": len(results.labels),
    }


def chance_of(results: Results) -> float:
    """The accuracy, over all folds, of always naming the class that is most frequent on the fold's training side."""
    label = {sample.id: sample.label for sample in results.samples}
    right = tested = 0
    for split in results.splits:
        known = [label[each] for each in sorted(split.train | split.validation)]
        most = max(results.labels, key=known.count)
        right += sum(label[each] == most for each in split.test)
        tested += len(split.test)
    return right / tested

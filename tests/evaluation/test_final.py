"""One final model on everything, and the card that goes with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from micromask.core.clips import Annotation, Clip, Source
from micromask.core.errors import BadInputError
from micromask.core.results import Results
from micromask.core.types import Recording
from micromask.datasets.preparation import Preparation
from micromask.evaluation.final import choose_epoch, fit_final, usual_epoch
from micromask.evaluation.material import Material
from micromask.evaluation.model_card import Told, check_honest, licences_of, promise_of
from micromask.evaluation.protocols import SplitOptions
from micromask.evaluation.run import Plan, evaluate
from micromask.evaluation.unit import ModelChoice
from micromask.models import load_model, save_model, to_input
from micromask.training.fit import predict_logits
from micromask.training.recipe import recipes

torch.set_num_threads(1)
QUICK = replace(recipes["motion"], epochs=4)
SHALLOW = ModelChoice("shallow-flow")
LABELS = ("negative", "positive", "surprise")


def clips_of(material: Material, licence: str) -> list[Clip]:
    source = Source(Path("toy.csv"))
    return [
        Clip(
            sample.clip,
            Recording(sample.clip, Path(sample.clip), 1.0, 1, None, subject=sample.subject, licence=licence),
            Annotation(0, None, 0, sample.label, "micro", source),
        )
        for sample in material.samples
    ]


def said(final, material: Material) -> np.ndarray:
    return predict_logits(final.model, to_input(material.pictures, final.model.input)).argmax(axis=1)


def tensors(final) -> list[torch.Tensor]:
    return list(final.model.state_dict().values())


def test_the_final_model_has_learnt_from_everybody_for_as_many_epochs_as_it_was_told(planted):
    seen: list[float] = []
    final = fit_final(planted(), SHALLOW, QUICK, 3, on_epoch=lambda row: seen.append(row["epoch"]))
    fresh = planted(seed=1)
    assert (said(final, fresh) == fresh.codes).mean() > 0.9
    assert final.epochs == 3
    assert seen == [row["epoch"] for row in final.curves] == [1, 2, 3]
    assert not final.model.training


def test_the_same_seed_gives_the_same_model_and_without_a_number_all_epochs_are_fitted(planted):
    one, same, other = (fit_final(planted(), SHALLOW, QUICK, seed=seed) for seed in (1, 1, 2))
    assert one.epochs == QUICK.epochs
    assert all(torch.equal(a, b) for a, b in zip(tensors(one), tensors(same), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(tensors(one), tensors(other), strict=True))


def test_a_classical_model_has_no_epochs(planted):
    final = fit_final(planted(), ModelChoice("flow-histogram-svm"), QUICK)
    fresh = planted(seed=1)
    assert (said(final, fresh) == fresh.codes).mean() > 0.9
    assert (final.epochs, final.curves) == (0, ())


def test_a_final_fit_that_was_cut_off_goes_on_to_the_same_model(tmp_path, planted):
    def cut(row: dict[str, float]) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    place = tmp_path / "final"
    with pytest.raises(KeyboardInterrupt):
        fit_final(planted(), SHALLOW, QUICK, 4, checkpoint=place, on_epoch=cut)
    seen: list[float] = []
    resumed = fit_final(planted(), SHALLOW, QUICK, 4, checkpoint=place, on_epoch=lambda row: seen.append(row["epoch"]))
    whole = fit_final(planted(), SHALLOW, QUICK, 4)
    assert seen == [3, 4]
    assert all(torch.equal(a, b) for a, b in zip(tensors(resumed), tensors(whole), strict=True))
    assert [dict(row) for row in resumed.curves] == [dict(row) for row in whole.curves]


def test_the_epoch_is_chosen_by_people_who_are_kept_out(planted):
    losses: list[float] = []
    epoch = choose_epoch(planted(), SHALLOW, QUICK, on_epoch=lambda row: losses.append(row["validation_loss"]))
    assert len(losses) == 4
    assert epoch == int(np.argmin(losses)) + 1
    with pytest.raises(BadInputError, match="9 samples of 1 subjects to train on: to choose an epoch"):
        choose_epoch(planted(subjects=1), SHALLOW, QUICK)


@pytest.mark.parametrize(
    ("selection", "epochs", "usual"),
    [
        pytest.param("inner", [3, 9, 4], 4, id="middle"),
        pytest.param("inner", [3, 4, 9, 20], 7, id="between 4 and 9, half is one more"),
        pytest.param("inner", [0, 0], None, id="a model without epochs"),
        pytest.param("last", [30, 30], None, id="nothing chosen"),
    ],
)
def test_the_usual_epoch_is_the_median_of_what_the_folds_chose(selection, epochs, usual):
    rows = [{"fold": str(number), "seed": 0, "epoch": epoch} for number, epoch in enumerate(epochs)]
    results = Results("m", "loso", "d", LABELS, (), (), (), (0,), selection, settings={"epochs": rows})
    assert usual_epoch(results) == usual


@pytest.fixture(scope="module")
def fitted(planted):
    """A model, and an estimate of it in four folds in which one clip in nine stands under a wrong class."""
    material = planted()
    wrong = [replace(s, label=LABELS[0]) if n % 9 == 1 else s for n, s in enumerate(material.samples)]
    material = replace(material, samples=tuple(wrong))
    plan = Plan(SHALLOW, QUICK, "k-fold-subjects", SplitOptions(folds=4), "inner")
    estimate = evaluate(material, plan, dataset="toy")
    return material, estimate, fit_final(material, SHALLOW, QUICK, usual_epoch(estimate))


TOLD = Told(("toy",), Preparation(crop="whole"), QUICK, "motion", "folds")


def test_the_card_says_what_it_was_fitted_on_and_how_good_it_is_on_people_it_never_saw(fitted, tmp_path):
    material, estimate, final = fitted
    promise = promise_of(material, clips_of(material, "free"), final, TOLD, estimate)
    save_model(tmp_path / "m.safetensors", final.model, promise)
    model, card = load_model(tmp_path / "m.safetensors", name="shallow-flow", classes=LABELS)
    inputs = to_input(material.pictures, model.input)
    np.testing.assert_allclose(predict_logits(model, inputs), predict_logits(final.model, inputs), atol=1e-5)
    data = card["training_data"]
    assert (data["datasets"], data["clips"], data["subjects"]) == (["toy"], 36, 4)
    assert data["classes"] == {"negative": 16, "positive": 8, "surprise": 12}
    assert data["fit"]["epochs_fitted"] == final.epochs
    assert data["fit"]["epochs_by"].startswith("the median of what the folds of the estimate chose")
    assert (card["licence"], card["label_set"], card["preprocessing"]["crop"]) == ("free", "own", "whole")
    assert (
        card["protocol"]
        == "k-fold-subjects, 4 folds, nobody on both sides; epochs chosen on people of each training side"
    )
    assert [f"p{number}" in str(card) for number in range(4)] == [False] * 4  # nobody is named


def test_the_figures_of_the_card_are_those_of_the_estimate(fitted):
    material, estimate, final = fitted
    metrics = promise_of(material, clips_of(material, "free"), final, TOLD, estimate).metrics
    right = [estimate.labels[int(np.argmax(each.probabilities))] == each.truth for each in estimate.predictions]
    assert metrics["accuracy"] == pytest.approx(np.mean(right), abs=1e-4)
    assert metrics["accuracy"] < 1  # four clips stand under a wrong class
    assert (metrics["clips"], metrics["subjects"], metrics["figures_of"]) == (36, 4, "clips")
    for name in ("uf1", "uar", "accuracy"):
        low, high = metrics["intervals"][name]
        assert low <= metrics[name] <= high
    assert "EV003" in " ".join(metrics["findings"])  # four people are few


def test_where_nothing_was_measured_the_card_says_so(fitted):
    material, _, final = fitted
    promise = promise_of(material, clips_of(material, "free"), final, replace(TOLD, licence="CC0", epochs_by="inner"))
    assert (promise.protocol, promise.metrics, promise.licence) == ("not evaluated", {}, "CC0")
    assert promise.training_data["licence"] == "free"


def test_frames_are_scored_by_clip_too(fitted):
    material, estimate, final = fitted
    clips = {s.id: f"clip{n // 3}" for n, s in enumerate(material.samples)}
    by_frame = replace(
        estimate, samples=tuple(replace(s, clip=clips[s.id], frame=n % 3) for n, s in enumerate(estimate.samples))
    )
    metrics = promise_of(material, clips_of(material, "free"), final, TOLD, by_frame).metrics
    assert (metrics["figures_of"], metrics["clips"]) == ("frames", 12)
    assert {"uf1", "uar", "accuracy", "intervals"} == set(metrics["by_clip"])


def test_a_protocol_that_leaks_makes_no_estimate():
    for name in ("loso", "k-fold-subjects"):
        check_honest(name)
    with pytest.raises(BadInputError, match=r"by random-clips leaks \(LK001, LK002\) and would travel with the model"):
        check_honest("random-clips")


def test_the_licence_is_that_of_the_clips_or_of_the_card_of_the_data_set(planted):
    material = planted(subjects=2)
    assert licences_of(clips_of(material, "research only"), ["toy"]) == "research only"
    assert (
        licences_of(clips_of(material, "unknown"), ["flow-table"]) == "that of the corpora that the maps were made of"
    )
    assert licences_of(clips_of(material, "unknown"), ["toy"]) == "unknown"

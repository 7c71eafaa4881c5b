"""Jobs on pictures of people who can be told apart and emotions that cannot: what is run, what is not, and why."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import micromask.evaluation.run as run_module
from micromask.evaluation.reproduce import Settings, papers, plan_jobs, reproduction_document, run_jobs
from micromask.evaluation.reproduce.document import claim_of
from micromask.evaluation.reproduce.run import train_accuracy_of

QUICK = Settings(quick=True)


def made(paper, clips, folder=None, settings=QUICK):
    data = {"image-folder": clips}
    done = run_jobs(plan_jobs(paper, data, settings), data, folder)
    return done, reproduction_document(paper, done, data, settings)


def test_the_document_sets_both_figures_identity_and_chance_side_by_side(paper, pictures):
    done, document = made(paper, pictures())
    json.dumps(document, allow_nan=False)
    assert [row["model"] for row in document["rows"]] == ["decision-tree", "svm-linear"]
    svm = document["rows"][1]
    assert svm["baseline"]
    assert svm["ways"]["identity"]["accuracy"] == 1.0  # the bar tells who it is, and nothing tells what is shown
    assert svm["ways"]["as-published"]["accuracy"] < 0.7
    assert svm["ways"]["subject-independent"]["accuracy"] < 0.7
    assert svm["ways"]["subject-independent"]["majority"] == pytest.approx(1 / 3)
    assert svm["ways"]["subject-independent"]["leaks"] == []
    assert "LK001" in svm["ways"]["as-published"]["leaks"]
    fall = svm["difference"]
    ways = svm["ways"]
    assert fall["value"] == ways["subject-independent"]["accuracy"] - ways["as-published"]["accuracy"]
    assert fall["interval"][0] <= fall["value"] <= fall["interval"][1]
    assert len(document["runs"]) == len(done) == 6


def test_identity_is_asked_on_the_very_split_of_the_run_as_published(paper, pictures, tmp_path):
    made(paper, pictures(), tmp_path)
    splits = [(tmp_path / "runs" / f"image-folder--svm-linear--{way}" / "splits.csv").read_text() for way in
              ("as-published", "identity")]  # fmt: skip
    assert splits[0] == splits[1]
    for way in ("as-published", "subject-independent", "identity"):
        assert (tmp_path / "runs" / f"image-folder--decision-tree--{way}" / "predictions.csv").is_file()


def test_where_nobody_says_who_is_in_a_picture_only_the_figure_as_published_is_made(paper, pictures):
    _, document = made(paper, pictures(named=False))
    for row in document["rows"]:
        assert row["ways"]["as-published"]["run"]
        for way in ("subject-independent", "identity"):
            assert row["ways"][way]["run"] is None
            assert "--subject-pattern" in row["ways"][way]["why_not"]
        assert row["difference"] is None
    assert any("the half of this report that matters is missing" in each for each in document["cautions"])


def test_two_people_are_too_few_to_choose_by_some_and_test_on_others(paper, pictures):
    _, document = made(paper, pictures(people=2))
    assert document["rows"][0]["ways"]["subject-independent"]["why_not"].startswith("2 people: 3 are needed")
    assert document["rows"][0]["ways"]["identity"]["run"]


def test_a_cell_without_data_says_why_and_is_not_dropped(pictures):
    paper = papers["mmed-fst"]
    paper = replace(paper, contenders=tuple(each for each in paper.contenders if each.model == "svm-linear"))
    _, document = made(paper, pictures(gender=True))
    rows = {row["subset"]: row["ways"]["as-published"] for row in document["rows"]}
    assert len(rows) == 12
    assert rows["images, micro"]["why_not"] == "nobody says the stimulus of the clips of image-folder"
    assert rows["any stimulus, masked"]["why_not"] == "image-folder has no clips that are masked"
    assert rows["any stimulus, micro, women"]["run"]
    told = {(each["attribute"], each["way"], each["rest"]): each for each in document["comparisons"]}
    assert "not enough data" in told["stimulus", "subject-independent", "masked"]["said"]


def test_women_and_men_who_are_alike_are_not_said_to_differ(pictures):
    paper = papers["mmed-fst"]
    tree = replace(paper.contenders[-1], model="decision-tree", baseline=False)
    _, document = made(replace(paper, contenders=(tree,)), pictures(people=6, gender=True))
    (told,) = [
        each
        for each in document["comparisons"]
        if (each["attribute"], each["way"], each["rest"]) == ("gender", "subject-independent", "micro")
    ]
    value, low, high = told["mean"]["accuracy"]
    assert low <= value <= high
    assert low < 0 < high
    assert told["said"] == (
        "These data do not say whether women or men are read better (3 and 3 people): the interval holds 0."
    )


def test_copies_before_the_split_are_found_by_the_audit_and_only_as_published(network, pictures):
    _, document = made(replace(network, augmented=("flip",)), pictures())
    ways = document["rows"][0]["ways"]
    assert "LK005" in ways["as-published"]["leaks"]
    assert ways["subject-independent"]["leaks"] == []
    published = document["runs"][ways["as-published"]["run"]]
    apart = document["runs"][ways["subject-independent"]["run"]]
    assert published["dataset"]["samples"] == 2 * apart["dataset"]["samples"]


def test_what_was_fitted_is_not_fitted_again(paper, pictures, tmp_path, monkeypatch):
    clips = pictures()
    first, _ = made(paper, clips, tmp_path)

    def never(*_args, **_more):
        raise AssertionError("a finished fit was made again")

    monkeypatch.setattr(run_module, "run_unit", never)
    again, _ = made(paper, clips, tmp_path)
    for one, other in zip(first, again, strict=True):
        assert one.document["metrics"] == other.document["metrics"]


def test_models_finish_in_the_order_of_their_time_and_the_goal_asks_for_training_and_test(network, pictures):
    small = replace(papers["cnn-detection"], contenders=network.contenders)
    _, document = made(small, pictures())
    rows = document["finish"]
    assert [row["order"] for row in rows] == [1, 2]
    seconds = [row["ways"]["as-published"]["seconds"] for row in rows]
    assert seconds == sorted(seconds)
    by_model = {row["model"]: row["ways"]["as-published"] for row in rows}
    assert by_model["mbcc-cnn"]["reached"] is False
    assert by_model["decision-tree"]["reached"] is None  # a tree has no training accuracy by epochs


def test_the_training_accuracy_is_that_of_the_epoch_that_was_taken():
    from types import SimpleNamespace

    curves = [{"fold": "a", "seed": 0, "epoch": float(n), "train_accuracy": n / 10} for n in (1, 2, 3)]
    results = SimpleNamespace(settings={"epochs": [{"fold": "a", "seed": 0, "epoch": 2}]}, curves=curves)
    assert train_accuracy_of(results) == 0.2


def test_figures_on_other_data_than_the_papers_are_marked_as_such(paper, pictures):
    _, document = made(paper, pictures())
    assert any("image-folder is not among the data of the paper" in each for each in document["cautions"])
    assert document["rows"][0]["claim"] is None  # the paper has no tree


def test_a_figure_of_the_paper_is_of_this_very_data_or_is_a_range_over_its_own(network, pictures):
    clips = pictures()
    on_samm, elsewhere = (
        claim_of(papers["mbcc-cnn"], plan_jobs(network, {name: clips}, QUICK)[0]) for name in ("samm", "image-folder")
    )
    assert (on_samm["accuracy"], on_samm["on"], on_samm["source"]) == (99.89, ["samm"], "Table 1")
    assert (elsewhere["accuracy"], elsewhere["low"], elsewhere["high"]) == (None, 98.73, 100.0)
    assert elsewhere["on"] == ["samm", "casme", "casme2", "cas-me-2"]


def test_the_cell_of_a_study_on_other_people_is_not_the_papers_figure(pictures):
    study, clips = papers["mmed-fst"], pictures(named=False)
    told = {}
    for name in ("mmed-fst", "image-folder"):
        (job,) = [
            each
            for each in plan_jobs(study, {name: clips}, QUICK)
            if (each.subset.name, each.contender.model, each.way) == ("images, masked", "mmed-cnn", "identity")
        ]
        told[name] = claim_of(study, job)
    assert (told["mmed-fst"]["accuracy"], told["mmed-fst"]["f1"]) == (69, 68)
    assert (told["image-folder"]["accuracy"], told["image-folder"]["low"]) == (None, 69)
    assert told["image-folder"]["on"] == ["mmed-fst"]


def test_networks_without_imagenet_weights_are_named_loudly(pictures):
    paper = papers["mmed-fst"]
    names = ("efficientnet-b0",)
    paper = replace(paper, contenders=tuple(each for each in paper.contenders if each.model in names))
    data = {"image-folder": pictures(named=False)}
    settings = Settings(quick=True, epochs=1)
    planned = [job for job in plan_jobs(paper, data, settings) if job.subset.name == "images, micro"]
    document = reproduction_document(paper, run_jobs(planned, data), data, settings)
    assert [each for each in document["cautions"] if each.startswith("NO IMAGENET WEIGHTS: EfficientNet-B0")]
    assert document["rows"][0]["lacks_weights"]

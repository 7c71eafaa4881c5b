"""The plan of a paper is data: what is run, and how the two halves of a pair differ."""

from __future__ import annotations

import re

import pytest

from micromask.core.errors import BadInputError
from micromask.evaluation.protocols import leaks_of
from micromask.evaluation.reproduce import Settings, papers, plan_jobs
from micromask.evaluation.reproduce.jobs import weights_of

NO_WEIGHTS = Settings(weights="none")


@pytest.mark.parametrize("name", papers)
def test_every_model_is_run_in_three_ways_on_every_subset(name, pictures):
    clips = pictures()
    jobs = plan_jobs(papers[name], {"image-folder": clips}, NO_WEIGHTS)
    subsets = papers[name].subsets("image-folder", clips)
    assert len(jobs) == 3 * len(subsets) * len(papers[name].contenders)
    assert len({job.name for job in jobs}) == len(jobs)
    assert all(re.fullmatch(r"[\w.-]+", job.name) for job in jobs)


@pytest.mark.parametrize("name", papers)
def test_the_half_with_people_apart_has_no_leak_by_construction_and_chooses_inside(name, pictures):
    for job in plan_jobs(papers[name], {"image-folder": pictures()}, NO_WEIGHTS):
        if job.way == "subject-independent":
            assert leaks_of(job.protocol, job.options) == ()
            assert (job.select, job.augmented) == ("inner", ())
        else:
            assert job.protocol == "random-frames"
            assert job.select == "last"


def test_copies_are_made_before_the_split_only_where_the_paper_made_them(pictures):
    data = {"image-folder": pictures()}
    published = {
        name: [job for job in plan_jobs(papers[name], data, NO_WEIGHTS) if job.way == "as-published"] for name in papers
    }
    assert {job.augmented for name in ("mmed-fst", "mbcc-cnn") for job in published[name]} == {()}
    (network, *_, svm) = published["hybridmicronet"]
    assert network.augmented == ("flip", "rotation", "rescale")
    assert network.recipe.augment == ()  # not twice
    assert svm.augmented == ()


def test_the_recipes_are_those_of_the_papers(pictures):
    (job, *_) = plan_jobs(papers["hybridmicronet"], {"image-folder": pictures()}, NO_WEIGHTS)
    assert (job.recipe.optimiser, job.recipe.momentum, job.recipe.batch) == ("sgd", 0.5, 65)
    assert job.options.train_share == 0.7
    (job, *_) = plan_jobs(papers["hybridmicronet"], {"image-folder": pictures()}, Settings(weights="none", share=0.75))
    assert job.options.train_share == 0.75
    (job, *_) = plan_jobs(papers["mbcc-cnn"], {"image-folder": pictures()}, NO_WEIGHTS)
    assert (job.recipe.epochs, job.recipe.learning_rate, job.options.train_share) == (20, 1e-3, 0.8)


def test_quick_is_smaller_and_keeps_one_imagenet_network_on_one_cell(pictures):
    data = {"image-folder": pictures(gender=True)}
    jobs = plan_jobs(papers["mmed-fst"], data, Settings(quick=True))
    assert {job.contender.model for job in jobs} == {"mmed-cnn", "efficientnet-b0", "svm-linear"}
    whole = [job.subset.name for job in jobs if job.contender.model == "efficientnet-b0" and job.way == "identity"]
    assert whole[-1] == "any stimulus, micro"  # cells without data say so with it; then one cell, and no more
    assert len([name for name in whole if name.startswith("any")]) == 1
    assert all(job.model.weights == "none" for job in jobs)


def test_epochs_and_seeds_take_the_place_of_the_papers(pictures):
    jobs = plan_jobs(papers["mbcc-cnn"], {"image-folder": pictures()}, Settings(weights="none", epochs=3, seeds=2))
    assert {(job.recipe.epochs, job.seeds) for job in jobs} == {(3, (0, 1))}


def test_there_are_no_more_groups_than_people(pictures):
    jobs = plan_jobs(papers["mbcc-cnn"], {"image-folder": pictures(people=3)}, NO_WEIGHTS)
    assert {job.options.folds for job in jobs if job.way == "subject-independent"} == {3}


def test_imagenet_weights_are_none_where_the_cache_has_none_and_asking_outright_is_an_error(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    assert weights_of("vgg16", "auto") == "none"
    assert constants.HF_HUB_OFFLINE is False
    assert weights_of("mmed-cnn", "imagenet") == "none"  # has no such weights to begin with
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(BadInputError, match="ImageNet weights"):
        weights_of("vgg16", "imagenet")


def test_without_data_nothing_can_be_planned():
    with pytest.raises(BadInputError, match="no data set is given"):
        plan_jobs(papers["mbcc-cnn"], {}, Settings())

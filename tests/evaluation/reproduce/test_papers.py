"""What is written down of each paper: its own figures, typed in here a second time, and names that exist."""

from __future__ import annotations

import pytest

from micromask.core.clips import Annotation, Clip, Source
from micromask.core.types import Recording, SubjectId
from micromask.datasets import datasets, label_sets
from micromask.evaluation.reproduce import papers
from micromask.evaluation.reproduce.cnn_detection import OWN_IMAGES
from micromask.models import models
from micromask.training.augment import augmentations
from micromask.training.recipe import recipes


def clip(name, kind="micro", **attributes) -> Clip:
    from pathlib import Path

    person = SubjectId("mmed-fst", "P01")
    recording = Recording(name, Path(f"{name}.png"), 2.0, 1, None, person)
    return Clip(name, recording, Annotation(0, None, 0, "anger", kind, Source(Path("a"))), attributes=attributes)


@pytest.mark.parametrize("name", papers)
def test_everything_that_a_paper_names_exists(name):
    paper = papers[name]
    subsets = {subset.name for subset in paper.subsets("mmed-fst", [clip("a", stimulus="images", gender="male")])}
    for contender in paper.contenders:
        assert contender.model in models
        assert (contender.recipe == "") == (models[contender.model].family == "classical")
        assert contender.recipe == "" or contender.recipe in recipes
    assert set(paper.data) <= set(datasets) | {OWN_IMAGES}
    assert set(paper.augmented) <= set(augmentations)
    assert all(subset.label_set in label_sets for subset in paper.subsets("samm", []))
    for claim in paper.claims:
        assert claim.model in {each.model for each in paper.contenders}
        assert claim.subset in set(paper.data) | subsets
        assert all(0 < value <= 100 for value in claim.figures.values())


@pytest.mark.parametrize(
    ("name", "subset", "model", "figures", "source"),
    [
        ("mmed-fst", "questionnaire, micro", "resnet50", {"accuracy": 80, "f1": 77}, "Table 4"),
        ("mmed-fst", "images, micro", "resnet50", {"accuracy": 77, "f1": 77}, "Table 4"),
        ("mmed-fst", "questionnaire, micro", "inception-v3", {"accuracy": 20, "f1": 14}, "Table 4"),
        ("mmed-fst", "questionnaire, micro, women", "vgg19", {"accuracy": 86, "f1": 84}, "Table 5"),
        ("mmed-fst", "images, micro, women", "resnet50", {"accuracy": 82, "f1": 80}, "Table 5"),
        ("mmed-fst", "questionnaire, micro, men", "efficientnet-b0", {"accuracy": 81, "f1": 78}, "Table 6"),
        ("mmed-fst", "images, micro, men", "mmed-cnn", {"accuracy": 76, "f1": 76}, "Table 6"),
        ("mmed-fst", "questionnaire, masked", "vgg16", {"accuracy": 82, "f1": 77}, "Table 7"),
        ("mmed-fst", "images, masked", "vgg16", {"accuracy": 73, "f1": 73}, "Table 7"),
        ("mbcc-cnn", "samm", "mbcc-cnn", {"accuracy": 99.89}, "Table 1"),
        ("mbcc-cnn", "casme", "mbcc-cnn", {"accuracy": 98.73}, "Table 2"),
        ("mbcc-cnn", "casme2", "mbcc-cnn", {"accuracy": 100.0}, "Table 3"),
        ("mbcc-cnn", "cas-me-2", "mbcc-cnn", {"accuracy": 99.58}, "Table 4"),
        ("hybridmicronet", "samm", "ann", {"accuracy": 78.23}, "Table 3"),
        ("hybridmicronet", "casme2", "decision-tree", {"accuracy": 19.65}, "Table 3"),
        (
            "cnn-detection",
            OWN_IMAGES,
            "mer-cnn1",
            {"accuracy": 82.53, "train_accuracy": 91.2, "order": 1},
            "Table 1",
        ),
    ],
)
def test_figures_are_those_that_the_paper_prints(name, subset, model, figures, source):
    (claim,) = [each for each in papers[name].claims if (each.subset, each.model) == (subset, model)]
    assert claim.figures == figures
    assert claim.source == source


def test_the_enhanced_model_is_run_and_both_of_its_accuracies_are_kept():
    paper = papers["hybridmicronet"]
    (contender,) = [each for each in paper.contenders if each.title == "Enhanced model"]
    assert contender.quick is not None
    printed = {
        subset: [
            claim.figures["accuracy"]
            for claim in paper.claims
            if (claim.subset, claim.model) == (subset, contender.model)
        ]
        for subset in paper.data
    }
    assert printed == {"samm": [93.21, 94.31], "casme2": [95.62, 96.72]}


def test_the_study_of_mmed_fst_has_eight_cells_of_six_networks():
    paper = papers["mmed-fst"]
    assert len(paper.claims) == 48
    there = [clip("a", stimulus="images", gender="male"), clip("b", stimulus="questionnaire", gender="female")]
    cells = paper.subsets("mmed-fst", there)
    assert {each.name for each in cells} == {claim.subset for claim in paper.claims}
    assert {each.label_set for each in cells if each.masked} == {"masked-pair"}


def test_a_cell_takes_the_clips_of_its_stimulus_gender_and_kind_and_no_others():
    clips = [
        clip(f"{kind}-{gender}-{stimulus}", kind, gender=gender, stimulus=stimulus)
        for kind in ("micro", "masked")
        for gender in ("female", "male")
        for stimulus in ("images", "questionnaire")
    ]
    cells = {each.name: each for each in papers["mmed-fst"].subsets("mmed-fst", clips)}
    assert [each.id for each in cells["images, micro, women"].of(clips)] == ["micro-female-images"]
    assert [each.id for each in cells["questionnaire, masked"].of(clips)] == [
        "masked-female-questionnaire",
        "masked-male-questionnaire",
    ]


def test_without_a_stimulus_the_same_cells_are_made_of_everything():
    names = [each.name for each in papers["mmed-fst"].subsets("image-folder", [clip("a", gender="male")])]
    assert "any stimulus, micro, men" in names
    assert "images, micro" in names  # it is there to say that it cannot be run

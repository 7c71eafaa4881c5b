"""Invented pictures in which only the person can be seen, and a paper small enough to be put to the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from micromask.core.clips import Clip
from micromask.datasets import load
from micromask.evaluation.reproduce import Contender, Paper, QuickFit, papers

torch.set_num_threads(1)
EMOTIONS = ("anger", "happiness", "sadness")
PATTERN = r"^(?P<subject>p\d)(?P<gender>female|male)?"


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[..., tuple[Clip, ...]]:
    """``pictures(people=4, each=4)``: noise with a bar for each person, so many images of each emotion."""

    def make(people: int = 4, each: int = 4, *, named: bool = True, gender: bool = False) -> tuple[Clip, ...]:
        rng = np.random.default_rng(people)
        root = tmp_path / f"faces-{people}-{each}-{gender}"
        for who in range(people):
            for emotion in EMOTIONS:
                for number in range(each):
                    plane = rng.integers(60, 100, (32, 32)).astype(np.uint8)
                    plane[4 * who + 2 : 4 * who + 5] += 120
                    told = ("female", "male")[who % 2] if gender else ""
                    place = root / emotion / f"p{who}{told}_{number}.png"
                    place.parent.mkdir(parents=True, exist_ok=True)
                    cv2.imwrite(str(place), plane)
        return load("image-folder", root, **({"subject_pattern": PATTERN} if named else {}))

    return make


@pytest.fixture
def paper() -> Paper:
    """MBCC-CNN's plan with a tree in the network's place and an SVM as baseline."""
    return replace(
        papers["mbcc-cnn"],
        contenders=(
            Contender("decision-tree", "a tree", quick=QuickFit(32, 1, 16)),
            Contender("svm-linear", "an SVM", baseline=True, quick=QuickFit(32, 1, 16)),
        ),
    )


@pytest.fixture
def network(paper: Paper) -> Paper:
    """The same with the network, in pictures of 8 px and two epochs, before the tree."""
    first = Contender("mbcc-cnn", "MBCC-CNN", "mbcc-cnn", quick=QuickFit(8, 2, 16))
    return replace(paper, contenders=(first, paper.contenders[0]))

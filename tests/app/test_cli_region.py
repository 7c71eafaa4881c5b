"""`--region`: a model that sees the upper face alone learns nothing of the mouth, and its file says so."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.preparation import Preparation, preparation_of
from micromask.models import load_model


def told(folder: Path) -> dict:
    return json.loads((folder / "results.json").read_text())


def test_what_happens_below_the_eyes_is_not_told_apart_by_a_model_of_the_upper_face(micromask, maps, tmp_path):
    call = ("evaluate", "flow-table", "--root", maps, "--model", "flow-histogram-svm", "--jobs", "1")
    for region in ("whole", "upper-face"):
        assert micromask(*call, "--region", region, "--out", tmp_path / region).code == 0
    whole, upper = told(tmp_path / "whole"), told(tmp_path / "upper-face")
    assert whole["metrics"]["accuracy"] > 0.9
    assert upper["metrics"]["accuracy"] < 0.8
    with (tmp_path / "upper-face" / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    first = [row["truth"] == "negative" for row in rows]
    seen = [row["predicted"] == "negative" for row in rows]
    assert np.mean(np.equal(first, seen)) > 0.9  # the class that moves in the upper third is found


def test_the_settings_of_a_run_keep_the_region(micromask, maps, tmp_path):
    call = ("evaluate", "flow-table", "--root", maps, "--model", "flow-histogram-svm", "--jobs", "1")
    assert micromask(*call, "--region", "no-mouth", "--out", tmp_path / "run").code == 0
    assert '"region": "no-mouth"' in (tmp_path / "run" / "results.json").read_text()


def test_a_trained_model_promises_the_region_and_new_pictures_are_made_like_that(micromask, maps, here):
    call = ("train", "flow-table", "--root", maps, "--model", "flow-histogram-svm", "--no-estimate", "--device", "cpu")
    done = micromask(*call, "--region", "upper-face", "--out", "m.safetensors")
    assert done.code == 0, done.err
    _, card = load_model("m.safetensors")
    assert card["preprocessing"]["region"] == "upper-face"
    assert preparation_of(card) == Preparation(region="upper-face")


def test_a_card_that_tells_its_preprocessing_in_a_sentence_is_refused():
    with pytest.raises(BadInputError, match="the card of x does not say how its pictures were made"):
        preparation_of({"name": "x", "preprocessing": "grey, 64 px"})


def test_an_unknown_region_is_an_error_in_one_line(micromask, maps, tmp_path):
    call = ("evaluate", "flow-table", "--root", maps, "--model", "ststnet", "--out", tmp_path / "run")
    done = micromask(*call, "--region", "mouth")
    assert done.code == 2
    assert "no region 'mouth': it is whole, upper-face, no-mouth" in done.error

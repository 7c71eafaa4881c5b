"""`micromask agree`: two models of any kind on the same intervals of real film files."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from micromask.app.cli.agree import show_agreement
from micromask.datasets.preparation import Preparation
from micromask.evaluation.judged import Judged, Rater
from micromask.evaluation.model_agreement import model_agreement
from micromask.models import Promise, create, save_model
from micromask.models.weights_file import read_card

THREE = ("negative", "positive", "surprise")


def promise(classes: tuple[str, ...]) -> Promise:
    return Promise(
        classes, "own", asdict(Preparation(detector="haar")), {"datasets": ["samm"]}, "none", "not evaluated", {}
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """three reads motion, the others single frames; mood knows seven emotions by other spellings. None is fitted."""
    folder = tmp_path_factory.mktemp("models")
    seven = ("angry", "disgust", "fear", "Happy", "neutral", "sad", "surprised")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_model(folder / "three.safetensors", create("ststnet", 3), promise(THREE))
        save_model(folder / "faces.safetensors", create("mbcc-cnn", 3, size=(32, 32)), promise(THREE[::-1]))
        save_model(folder / "mood.safetensors", create("mbcc-cnn", 7, size=(32, 32)), promise(seven))
        save_model(
            folder / "masked.safetensors", create("mbcc-cnn", 2, size=(32, 32)), promise(("masked", "not masked"))
        )
    assert read_card(folder / "mood.safetensors")["classes"] == list(seven)
    return folder


def test_a_model_of_frames_and_one_of_motion_are_compared_on_the_same_intervals(micromask, films, models, here):
    asked = (films / "smile.mp4", "--models", "shipped", models / "faces.safetensors", "--detector", "haar")
    done = micromask("agree", *asked, "--json", "--subject-pattern", "^([a-z]+)")
    assert done.code == 0
    told = json.loads(done.out)
    assert [model["reads"] for model in told["models"]] == ["motion", "frame"]
    assert [model["name"] for model in told["models"]] == ["shipped", "faces"]
    assert told["shared"] == list(THREE)
    (row,) = told["intervals"]
    assert abs(row["apex"] - 51) <= 3
    assert row["participant"] == "smile"
    for side in ("first", "second"):
        assert row[side]["probability"] == max(row[side]["probabilities"].values())
        assert sum(row[side]["probabilities"].values()) == pytest.approx(1)
    assert row["same"] == (row["first"]["emotion"] == row["second"]["emotion"])
    assert list(here.iterdir()) == []


def test_the_shipped_model_says_here_what_it_says_in_an_analysis(micromask, films, models, here):
    done = micromask("agree", films / "smile.mp4", "--models", "shipped", models / "three.safetensors", "--json")
    (row,) = json.loads(done.out)["intervals"]
    assert micromask("analyze", films / "smile.mp4", "--out", "run").code == 0
    (one,) = json.loads((here / "run" / "analysis.json").read_text())["expressions"]
    assert row["first"]["probabilities"] == pytest.approx(one["probabilities"], abs=1e-6)


def test_it_says_in_words_that_agreement_is_not_accuracy_and_writes_a_page_and_its_numbers(
    micromask, films, models, here
):
    two = (films / "smile.mp4", films / "nobody.mp4", "--detector", "haar")
    done = micromask("agree", *two, "--models", "shipped", models / "three.safetensors", "--out", "told")
    assert done.code == 0
    assert "caution: Agreement is not accuracy" in done.err
    assert "shipped and three name the same emotion in" in done.out
    assert sorted(path.name for path in (here / "told").iterdir()) == [
        "agreement.html",
        "agreement.json",
        "intervals.csv",
    ]
    assert "Agreement is not accuracy" in (here / "told" / "agreement.html").read_text()
    assert len((here / "told" / "intervals.csv").read_text().splitlines()) == 2
    again = micromask("agree", *two, "--models", "shipped", models / "three.safetensors", "--out", "told")
    assert again.code == 2
    assert "add --overwrite" in again.err


def test_models_of_other_classes_share_what_has_the_same_name_in_any_spelling(micromask, films, models):
    asked = ("--models", "shipped", models / "mood.safetensors", "--detector", "haar", "--json")
    told = json.loads(micromask("agree", films / "smile.mp4", *asked).out)
    assert told["shared"] == ["surprise"]
    assert told["models"][1]["alone"] == ["anger", "disgust", "fear", "happiness", "neutral", "sadness"]


def test_models_without_a_shared_emotion_are_refused_before_a_film_is_opened(micromask, models):
    done = micromask("agree", "missing.mp4", "--models", "shipped", models / "masked.safetensors")
    assert done.code == 2
    assert "no emotion is shared" in done.error


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("shipped", "shipped"), "always agrees with itself"),
        (("shipped", "missing.safetensors"), "missing.safetensors"),
    ],
)
def test_models_that_cannot_be_compared_are_refused_in_one_line(micromask, films, given, line):
    done = micromask("agree", films / "smile.mp4", "--models", *given)
    assert done.code == 2
    assert line in done.error


def test_films_without_any_interval_are_refused_in_one_line(micromask, films, models):
    asked = ("--models", "shipped", models / "three.safetensors", "--detector", "haar")
    done = micromask("agree", films / "nobody.mp4", *asked)
    assert done.code == 2
    assert "no interval was spotted in these recordings" in done.err


def test_a_pattern_without_a_group_is_refused(micromask, films, models):
    asked = ("--models", "shipped", models / "three.safetensors", "--subject-pattern", "^smile")
    assert "put the subject in brackets" in micromask("agree", films / "smile.mp4", *asked).error


def test_a_bad_film_among_several_is_named_and_does_not_stop_the_others(micromask, films, models, here):
    (here / "torn.mp4").write_bytes(b"no film")
    asked = ("--models", "shipped", models / "three.safetensors", "--detector", "haar", "--json")
    done = micromask("agree", films / "smile.mp4", here / "torn.mp4", *asked)
    assert done.code == 1
    assert json.loads(done.out)["recordings"] == 1
    assert "torn.mp4" in done.err


def invented() -> dict:
    """Twelve people of four intervals each; the second model repeats the first on two of three."""
    rater = [Rater(name, "", "motion", THREE) for name in ("shipped", "faces")]
    rows = []
    for at in range(48):
        one = THREE[(at * 7 // 3) % 3]
        other = one if (at * 5) % 12 < 8 else THREE[(at * 11 // 4) % 3]
        said = [{name: 0.8 if name == each else 0.1 for name in THREE} for each in (one, other)]
        film = f"P{at % 12:02d}_talk.mp4"
        rows.append(
            Judged(film, film, f"P{at % 12:02d}", at // 12 + 1, 0, "micro", (9, 12, 15), (0.3, 0.4, 0.5), *said)
        )
    return model_agreement(rows, *rater)


def test_the_example_of_the_page_is_what_is_printed(capsys):
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "agree.md").read_text("utf-8")
    (example,) = [block for block in re.findall(r"^```text\n(.*?)^```$", page, re.M | re.S) if "named by" in block]
    show_agreement(invented())
    assert capsys.readouterr().out.startswith(example)

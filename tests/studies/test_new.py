"""A new study: whole or not at all, for its owner's eyes, and a plan that can be read at once."""

from __future__ import annotations

import stat
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies import new
from micromask.studies.design import Field
from micromask.studies.images import check_image
from micromask.studies.new import TEMPLATES, new_study
from micromask.studies.read_design import read_design
from micromask.studies.store import read_store

FIVE = ("anger", "sadness", "happiness", "disgust", "contempt")


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_study_can_be_read_and_has_an_empty_database(tmp_path, template):
    design = new_study(tmp_path / "lab" / "smiles", template)
    assert read_design(tmp_path / "lab" / "smiles") == design
    with read_store(tmp_path / "lab" / "smiles") as store:
        assert store.execute("SELECT count(*) FROM participant").fetchone()[0] == 0


def test_the_papers_design_has_its_five_emotions_its_two_parts_and_its_interval(tmp_path):
    design = new_study(tmp_path / "s", "mmed-fst")
    assert design.emotions == FIVE
    assert design.kinds == ("micro", "masked")
    assert design.masked == (("happiness", "sadness"), ("happiness", "anger"))
    assert design.frame_seconds == 0.5
    assert [part.name for part in design.parts] == ["questionnaire", "images"]
    for part, each in zip(design.parts, (4, 3), strict=True):
        assert Counter(item.intended_emotion for item in part.items) == dict.fromkeys(FIVE, each)
    assert all(item.text and not item.image for item in design.parts[0].items)
    assert all(item.image and not item.text for item in design.parts[1].items)


def test_the_papers_design_asks_for_age_and_gender_and_says_what_consent_is_to(tmp_path):
    design = new_study(tmp_path / "s", "mmed-fst")
    age, gender = design.fields
    assert age == Field("age", "Your age in years", "whole")
    assert (gender.kind, gender.choices) == ("choice", ("female", "male", "another", "no answer"))
    for wanted in ("voluntary", "at any time", "What is recorded", "Where it is kept", "withdraw"):
        assert wanted in design.consent


def test_the_questions_fit_the_time_that_the_paper_filmed(tmp_path):
    questions, images = new_study(tmp_path / "s", "mmed-fst").parts
    minutes = [sum(item.seconds for item in part.items) / 60 for part in (questions, images)]
    assert 8 <= minutes[0] <= 12
    assert minutes[1] == 3


def test_every_drawing_may_be_shown_and_says_what_it_is():
    images = files("micromask.studies") / "templates" / "mmed-fst" / "images"
    found = [each for each in Path(str(images)).iterdir() if each.suffix == ".svg"]
    assert len(found) == 15
    for each in found:
        check_image(each)
        assert "<title>" in each.read_text(encoding="utf-8")


def test_only_its_owner_can_read_a_new_study(tmp_path):
    new_study(tmp_path / "s", "mmed-fst")
    for path in (tmp_path / "s", *(tmp_path / "s").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_that_is_there_is_not_touched(tmp_path):
    with pytest.raises(BadOutputError, match="exists; a new study wants a folder of its own"):
        new_study(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_study_that_could_not_be_made_whole(tmp_path, monkeypatch):
    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new, "create_store", full)
    with pytest.raises(BadOutputError, match="No space left on device"):
        new_study(tmp_path / "lab" / "smiles", "mmed-fst")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_template_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(BadInputError, match=r"no template 'mmed'; did you mean 'mmed-fst'\? known: blank, mmed-fst"):
        new_study(tmp_path / "s", "mmed")

"""A study's plan: what it says is read, and whatever is wrong in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.studies.design import Design, Field, Item, Part
from micromask.studies.read_design import read_design

GOOD = """\
title: Smiles
emotions: [happy, sad, anger]
kinds: [micro, masked]
masked: [happy but sad, Happy but actually Angry]
frame_seconds: 0.25
blind_to_stimulus: true
instructions: Sit still.
consent: |
  I agree.
  I may stop.
fields:
  - {name: age, title: Your age, kind: whole}
  - name: gender
    title: Your gender
    kind: choice
    choices: [female, male]
    needed: false
parts:
  - name: questionnaire
    order: counterbalanced
    instructions: Answer aloud.
    items:
      - {id: Q1, intended_emotion: sadness, seconds: 20, text: "Why?"}
      - {id: Q2, intended_emotion: angry, seconds: 2.5, text: "Who?"}
  - name: images
    items:
      - {id: I1, intended_emotion: happiness, seconds: 5, image: images/dog.png}
"""
LINES = GOOD.splitlines()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "dog.png"), np.full((8, 8, 3), 200, np.uint8))
    return tmp_path


def read(study: Path, text: str) -> Design:
    (study / "study.yaml").write_text(text, encoding="utf-8")
    return read_design(study)


def test_everything_that_a_plan_says_is_in_the_design(study):
    assert read(study, GOOD) == Design(
        folder=study,
        title="Smiles",
        emotions=("happiness", "sadness", "anger"),
        kinds=("micro", "masked"),
        parts=(
            Part(
                "questionnaire",
                (Item("Q1", "sadness", 20.0, "Why?"), Item("Q2", "anger", 2.5, "Who?")),
                "counterbalanced",
                "Answer aloud.",
            ),
            Part("images", (Item("I1", "happiness", 5.0, image="images/dog.png"),)),
        ),
        consent="I agree.\nI may stop.",
        masked=(("happiness", "sadness"), ("happiness", "anger")),
        instructions="Sit still.",
        fields=(
            Field("age", "Your age", "whole"),
            Field("gender", "Your gender", "choice", ("female", "male"), needed=False),
        ),
        frame_seconds=0.25,
        blind_to_stimulus=True,
    )


def test_what_may_be_left_out_has_the_papers_values(study):
    text = "title: T\nemotions: [pride]\nkinds: [micro]\nconsent: Yes, I do.\nparts:\n- name: a\n  items:\n"
    design = read(study, text + "  - {id: x, intended_emotion: pride, seconds: 1, text: hm}\n")
    assert (design.frame_seconds, design.blind_to_stimulus, design.fields, design.masked) == (0.5, False, (), ())
    assert design.parts[0].order == "fixed"


MISTAKES = [
    # line in GOOD (from 1), what to put there, the line that is told, what is told
    (1, "titel: Smiles", 1, "the study has no entry 'titel'; did you mean 'title'?"),
    (1, "title: ''", 1, "title is empty"),
    (1, "title: 2026", 1, 'title is a whole number (\'2026\'), wanted text: write it in quotes, "2026"'),
    (1, "title: [a, b]", 1, "title is a list, wanted text"),
    (2, "emotions: []", 2, "emotions is empty; wanted at least 1"),
    (2, "emotions: anger", 2, "emotions is text ('anger'), wanted a list"),
    (2, "emotions: [happy, sad, angerr]", 2, "no emotion 'angerr'; did you mean 'anger'?"),
    (2, "emotions: [happy, sad, anger, sadness]", 2, "emotion 'sadness' is named twice"),
    (2, "emotions: [happy, sad, anger, yes]", 2, "is true or false ('yes'), wanted text: write it in quotes"),
    (2, "emotions: [happy, sad, anger, '4ever']", 2, "an emotion is named in letters, got '4ever'"),
    (3, "kinds: [micro, maskd]", 3, "is micro or masked, got 'maskd'; did you mean 'masked'?"),
    (3, "kinds: [micro]", 4, "masked pairs are named but kinds has no 'masked'"),
    (4, "", 3, "kinds has 'masked' but no pairs are named"),
    (4, "masked: [happy but saddness]", 4, "the study has no emotion 'saddness'; did you mean 'sadness'?"),
    (4, "masked: [happy but disgust]", 4, "the study has no emotion 'disgust'"),
    (4, "masked: [happily]", 4, "a masked pair is what is shown but what is felt, as 'happy but sad', got 'happily'"),
    (4, "masked: [happy but happiness]", 4, "a masked pair is of two emotions, got 'happiness' twice"),
    (4, "masked: [happy but sad, happiness but sadness]", 4, "the pair 'happiness but sadness' is named twice"),
    (5, "frame_seconds: -0.5", 5, "frame_seconds must be above 0 and at most 60 s, got -0.5"),
    (5, "frame_seconds: half", 5, "frame_seconds is text ('half'), wanted seconds, such as 0.5"),
    (5, "frame_seconds: .inf", 5, "frame_seconds must be above 0 and at most 60 s, got .inf"),
    (5, "frame_seconds: .nan", 5, "frame_seconds must be above 0 and at most 60 s, got .nan"),
    (5, "frame_seconds: !!float x", 5, "frame_seconds is a number ('x'), wanted seconds"),
    (6, "blind_to_stimulus: maybe", 6, "blind_to_stimulus is text ('maybe'), wanted true or false"),
    (7, "title: Again", 7, "title is there twice, first in line 1; keep one"),
    (9, "I agree.", 9, "no YAML: could not find expected ':'"),
    (12, "  - {name: age, title: Your age, kind: number}", 12, "kind is text or whole or choice, got 'number'"),
    (12, "  - {name: age, title: Age, kind: choice}", 12, "field 'age' lacks choices"),
    (12, "  - {name: age, title: Age, choices: [a, b]}", 12, "field 'age' is of kind text but has choices"),
    (12, "  - {name: gender, title: Age}", 13, "field 'gender' is there twice"),
    (16, "    choices: [female, female]", 16, "field 'gender' has a choice twice"),
    (16, "    choices: [female]", 16, "choices holds 1, wanted at least 2"),
    (19, "  - name: films/../..", 19, "a part's name is of letters, digits, - and _ (at most 40), got 'films/../..'"),
    (19, "  - name: Images", 25, "part 'images' is there twice"),
    (20, "    order: shufled", 20, "or counterbalanced, got 'shufled'; did you mean 'shuffled'?"),
    (22, "    itmes:", 22, "a part has no entry 'itmes'; did you mean 'items'?"),
    (24, '      - {id: q1, intended_emotion: angry, seconds: 2, text: "?"}', 24, "'q1' is there twice, first in"),
    (27, '      - {id: Q2, intended_emotion: angry, seconds: 2, text: "?"}', 27, "'Q2' is there twice, first in"),
    (24, '      - {id: Q2, intended_emotion: anger, seconds: -3, text: "?"}', 24, "seconds must be above 0"),
    (24, '      - {id: Q2, intended_emotion: anger, text: "?"}', 24, "an item lacks seconds"),
    (24, "      - {id: Q2, intended_emotion: anger, seconds: 3}", 24, "an item needs a text, an image or both"),
    (24, '      - {id: Q2, intended_emotion: joy, seconds: 3, text: "?"}', 24, "the study has no emotion 'joy'; known"),
    (24, "      - Q2", 24, "an item is text ('Q2'), wanted entries such as 'id: ...'"),
    (27, "      []", 27, "items is empty"),
    (27, "      - {id: I1, intended_emotion: sad, seconds: 5, image: images/cat.png}", 27, "no image"),
    (27, "      - {id: I1, intended_emotion: sad, seconds: 5, image: /etc/passwd}", 27, "below the study's images"),
    (27, "      - {id: I1, intended_emotion: sad, seconds: 5, image: images/../b.yml}", 27, "below the study's images"),
    (27, "      - {id: I1, intended_emotion: sad, seconds: 5, image: study.yaml}", 27, "below the study's images"),
    (27, '      - {id: I1, intended_emotion: sad, seconds: 5, image: "images\\\\dog.png"}', 27, "below the"),
]  # fmt: skip


@pytest.mark.parametrize(("at", "text", "line", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_line(study, at, text, line, told):
    lines = [*LINES]
    lines[at - 1] = text
    with pytest.raises(BadInputError) as error:
        read(study, "\n".join(lines))
    assert told in str(error.value)
    assert str(error.value).startswith(f"{study / 'study.yaml'}, line {line}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("entry", ["title", "emotions", "kinds", "consent", "parts"])
def test_what_a_study_cannot_do_without_is_asked_for(study, entry):
    at = next(i for i, line in enumerate(LINES) if line.startswith(f"{entry}:"))
    end = next((i for i in range(at + 1, len(LINES)) if not LINES[i].startswith(" ")), len(LINES))
    with pytest.raises(BadInputError, match=rf"line 1: the study lacks {entry}"):
        read(study, "\n".join(LINES[:at] + LINES[end:]))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"title: [a\nb: c", "line 2: no YAML"),
        (b"title: a\nconsent: \xff\n", "line 2: is not in UTF-8"),
        (b"title: a\nconsent: \x07\n", "line 2: no YAML: a character that cannot be printed"),
        (b"a: 1\n---\nb: 2\n", "no YAML: but found another document"),
        (b"- a\n- b\n", "line 1: the study is a list, wanted entries such as 'title: ...'"),
        (b"&a {title: *b}", "found undefined alias"),
        (b"title: !!python/name:os.system x\n", "line 1: the study lacks emotions"),
        (b"[" * 5000, "too many brackets"),
        (b"#" * 1_000_001, "at most 1,000,000 are read"),
    ],
)
def test_what_is_no_plan_at_all_is_refused_with_words(study, data, told):
    (study / "study.yaml").write_bytes(data)
    with pytest.raises(BadInputError) as error:
        read_design(study)
    assert told in str(error.value)


def test_a_folder_without_a_plan_says_how_to_get_one(tmp_path):
    with pytest.raises(BadInputError, match=r"no study\.yaml.*micromask study new"):
        read_design(tmp_path)


def test_an_unsafe_image_is_told_with_the_line_that_names_it(study):
    (study / "images" / "dog.png").write_bytes(b"no picture")
    with pytest.raises(BadInputError, match=r"line 27: dog\.png: is no PNG picture"):
        read(study, GOOD)


def test_a_link_that_leads_out_of_the_images_is_refused(study, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "dog.png"
    (study / "images" / "dog.png").rename(outside)
    (study / "images" / "dog.png").symlink_to(outside)
    with pytest.raises(BadInputError, match=r"line 27: images/dog\.png is a link that leads out of images"):
        read(study, GOOD)

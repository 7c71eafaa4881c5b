from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from micromask.core.clips import Annotation, Clip, Source
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets import label_clips, label_sets
from micromask.datasets.labels import one_spelling, split_masked


def clip(emotion: str, dataset: str = "samm", subject: str = "01", name: str = "x", **more: Any) -> Clip:
    recording = Recording(name, Path(name), 100.0, 10, None, subject=SubjectId(dataset, subject))
    annotation = Annotation(0, None, 9, emotion, more.pop("kind", "micro"), Source(Path("sheet.csv"), 2), **more)
    return Clip(f"{dataset}/{subject}/{name}", recording, annotation)


@pytest.mark.parametrize(
    ("dataset", "emotion", "expected"),
    [
        ("casme2", "disgust", "negative"),
        ("casme2", "repression", "negative"),
        ("casme2", "happiness", "positive"),
        ("casme2", "surprise", "surprise"),
        ("casme2", "others", None),
        ("casme2", "fear", None),
        ("casme2", "sadness", None),
        ("samm", "Anger", "negative"),
        ("samm", "Contempt", "negative"),
        ("samm", "Disgust", "negative"),
        ("samm", "Fear", "negative"),
        ("samm", "Sadness", "negative"),
        ("samm", "Happiness", "positive"),
        ("samm", "Surprise", "surprise"),
        ("samm", "Other", None),
        ("samm", "Others", None),
        ("smic", "negative", "negative"),
        ("smic", "positive", "positive"),
        ("smic", "surprise", "surprise"),
        ("casme2", "negative", "negative"),  # a motion map of the composite
        ("cas-me-2", "others", None),
        ("cas-me-3", "sad", "negative"),
        ("casme", "tense", None),
    ],
)
def test_the_three_classes_follow_the_rules_of_each_corpus(dataset, emotion, expected):
    assert label_sets["megc-3"](clip(emotion, dataset)) == expected


def test_the_composite_leaves_out_two_clips_of_casme_2_and_no_namesakes():
    megc = label_sets["megc-3"]
    assert megc(clip("disgust", "casme2", "04", "EP12_01f")) is None
    assert megc(clip("repression", "casme2", "sub05", "EP12_03f")) is None
    assert megc(clip("disgust", "casme2", "05", "EP12_01f")) == "negative"
    assert megc(clip("disgust", "casme2", "14", "EP12_01f")) == "negative"


def test_published_counts_of_emotions_give_the_published_counts_of_classes():
    samm = {"Anger": 57, "Other": 26, "Happiness": 26, "Surprise": 15, "Contempt": 12, "Disgust": 9, "Fear": 8}
    counts = dict.fromkeys(("negative", "positive", "surprise", None), 0)
    for emotion, many in {**samm, "Sadness": 6}.items():
        counts[label_sets["megc-3"](clip(emotion))] += many
    assert counts == {"negative": 92, "positive": 26, "surprise": 15, None: 26}


@pytest.mark.parametrize(
    ("coded", "expected"),
    [
        ("happyiness", "happiness"),
        ("happy", "happiness"),
        ("Happy ", "happiness"),
        ("sad", "sadness"),
        ("Anger", "anger"),
        ("ANGRY", "anger"),
        ("afraid", "fear"),
        ("suprise", "surprise"),
        ("neutral", "neutral"),
        ("contempt", None),
        ("others", None),
        ("", None),
    ],
)
def test_seven_basic_emotions_are_found_under_their_synonyms_and_typos(coded, expected):
    assert label_sets["basic-7"](clip(coded)) == expected


def test_raw_labels_stay_as_they_were_coded():
    coded = clip("happyiness", "cas-me-2")
    label_sets["own"](coded)
    assert coded.annotation.emotion == "happyiness"


def test_own_classes_have_one_spelling_each():
    labels = label_clips([clip("others", name="a"), clip("Others", name="b"), clip("tense", name="c")], "own")
    assert list(labels.values()) == ["others", "others", "tense"]


@pytest.mark.parametrize(
    ("dataset", "emotion", "expected"),
    [
        ("casme2", "repression", "repression"),
        ("casme2", "sadness", None),
        ("samm", "Contempt", "contempt"),
        ("samm", "Disgust", None),
        ("samm", "Other", "others"),
        ("mmed-fst", "sad", "sadness"),
        ("smic", "negative", None),
    ],
)
def test_five_classes_are_those_of_the_corpus(dataset, emotion, expected):
    assert label_sets["five-class"](clip(emotion, dataset)) == expected


@pytest.mark.parametrize(
    ("coded", "seven", "five"),
    [("3", "III", "III"), ("7.0", "VII", None), ("VI", "VI", None), ("iv", "IV", "IV"), ("8", None, None)]
    + [("0", None, None), ("2.5", None, None), ("", None, None), (None, None, None)],
)
def test_objective_classes_are_read_as_numbers_or_roman_numerals(coded, seven, five):
    one = clip("x", objective_class=coded)
    assert (label_sets["objective"](one), label_sets["objective-5"](one)) == (seven, five)


@pytest.mark.parametrize(
    ("coded", "expected"),
    [
        ("happy_but_sad", ("happy", "sad")),
        ("Happy but actually Angry", ("Happy", "Angry")),
        ("Happy anger", ("Happy", "anger")),
        ("Sad but smiling", ("smiling", "Sad")),
        ("happiness", None),
        ("happy but tired", None),
        ("a folder", None),
    ],
)
def test_a_masked_class_names_what_is_shown_and_what_is_felt(coded, expected):
    assert split_masked(coded) == expected


@pytest.mark.parametrize(
    ("emotion", "more", "expected"),
    [
        ("happy_but_sad", {}, "happy_but_sad"),
        ("Happy but actually Angry", {}, "happy_but_angry"),
        ("Sad but smiling", {}, "happy_but_sad"),
        ("", {"shown_emotion": "Happiness", "felt_emotion": "Sadness"}, "happy_but_sad"),
        ("", {"shown_emotion": "neutral", "felt_emotion": "fear"}, "neutral_but_afraid"),
        ("", {"shown_emotion": "happy", "felt_emotion": "happiness"}, None),
        ("", {"shown_emotion": "happy"}, None),
        ("happiness", {}, None),
    ],
)
def test_masked_pairs_have_one_name_however_they_were_coded(emotion, more, expected):
    assert label_sets["masked-pair"](clip(emotion, "mmed-fst", kind="masked", **more)) == expected


@pytest.mark.parametrize(
    ("emotion", "more", "expected"),
    [
        ("happy_but_sad", {"kind": "masked"}, "masked"),
        ("a smile", {"kind": "masked"}, "masked"),  # the coder says masked, whatever it is called
        ("", {"shown_emotion": "happiness", "felt_emotion": "anger"}, "masked"),
        ("happiness", {"shown_emotion": "happiness", "felt_emotion": "happy"}, "not masked"),
        ("happiness", {}, "not masked"),
        ("", {}, None),
    ],
)
def test_masked_or_not_is_a_label_set_of_its_own(emotion, more, expected):
    assert label_sets["masked-or-not"](clip(emotion, "4dme", **more)) == expected


def test_shown_felt_and_intended_emotions_are_label_sets_of_their_own():
    one = clip("happy_but_sad", kind="masked", intended_emotion="Sad")
    assert [label_sets[name](one) for name in ("shown", "felt", "intended")] == ["happiness", "sadness", "sadness"]
    assert [label_sets[name](clip("anger")) for name in ("shown", "felt", "intended")] == [None] * 3


def test_every_label_a_set_gives_is_among_its_classes():
    coded = [clip(each, objective_class=cls) for each in ("Anger", "surprise", "neutral") for cls in ("1", "7")]
    for labels in label_sets.values():
        given = {labels(each) for each in coded} - {None}
        assert not labels.classes or given <= set(labels.classes), labels.name


def test_a_label_set_that_leaves_out_every_clip_says_what_is_coded():
    with pytest.raises(BadInputError, match=r"'objective' leaves out all 1 clips, which are coded: anger; label sets:"):
        label_clips([clip("anger")], "objective")


def test_an_unknown_label_set_is_answered_with_the_nearest():
    with pytest.raises(BadInputError, match="did you mean 'megc-3'"):
        label_clips([], "megc3")


def test_an_unknown_emotion_stays_itself_in_small_letters():
    assert one_spelling("  Awe  struck ") == "awe struck"

"""Two models whose every answer is written down: counts by hand, kappa by scikit-learn."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from micromask.core.errors import BadInputError
from micromask.evaluation.agreement_words import NOT_ACCURACY
from micromask.evaluation.judged import Judged, Rater
from micromask.evaluation.model_agreement import model_agreement, shared_emotions

THREE = Rater("svm", "an SVM", "motion", ("negative", "positive", "surprise"))
OTHER = Rater("net", "a network", "frame", ("surprise", "negative", "positive"))
SEVEN = Rater(
    "faces", "a network", "frame", ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
)


def sure(emotion: str, rater: Rater) -> dict[str, float]:
    """0.8 for one emotion, the rest shared; nothing for an emotion that is ''."""
    rest = 0.2 / (len(rater.classes) - 1)
    return {name: 0.8 if name == emotion else rest for name in rater.classes} if emotion else {}


def judged(pairs, first=THREE, second=OTHER, films=10, people=True):
    made = []
    for at, (one, other) in enumerate(pairs):
        film = at % films
        who = f"P{film}" if people else ""
        place = (0, "micro", (at, at + 1, at + 2), (0.1 * at, 0.1 * at + 0.1, 0.1 * at + 0.2))
        made.append(Judged(f"f{film}", f"film {film}", who, at, *place, sure(one, first), sure(other, second)))
    return made


def random_pairs(number=60, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.choice(THREE.classes, number)
    return [tuple(t if rng.random() < 0.6 else rng.choice(THREE.classes) for _ in range(2)) for t in truth]


def test_a_table_worked_by_hand():
    """20 and 15 in common, 5 and 10 apart: 0.7 raw, 0.5 by chance, kappa 0.4."""
    pairs = (
        [("negative", "negative")] * 20 + [("negative", "positive")] * 5
        + [("positive", "negative")] * 10 + [("positive", "positive")] * 15
    )  # fmt: skip
    told = model_agreement(judged(pairs), THREE, OTHER)
    assert (told["spotted"], told["compared"], told["same"]) == (50, 50, 35)
    assert told["raw"]["value"] == 0.7
    assert told["kappa"]["value"] == pytest.approx(0.4)
    low, high = told["kappa"]["interval"]
    assert low < 0.4 < high
    assert told["table"]["counts"] == [[0, 20, 5], [0, 10, 15], [0, 0, 0]]


def test_kappa_is_scikit_learns_whatever_the_order_of_the_classes():
    pairs = random_pairs()
    told = model_agreement(judged(pairs), THREE, OTHER)
    first, second = zip(*pairs, strict=True)
    assert told["kappa"]["value"] == pytest.approx(cohen_kappa_score(first, second))
    for row in told["emotions"]:
        against = [[said == row["emotion"] for said in side] for side in (first, second)]
        assert row["kappa"]["value"] == pytest.approx(cohen_kappa_score(*against))
        both = sum(one and other for one, other in zip(*against, strict=True))
        assert row["positive_agreement"] == pytest.approx(2 * both / (sum(against[0]) + sum(against[1])))


def test_only_emotions_that_both_know_are_compared_and_the_others_are_counted():
    pairs = [("surprise", "surprise")] * 3 + [("surprise", "fear"), ("negative", "surprise"), ("negative", "anger")]
    told = model_agreement(judged(pairs, THREE, SEVEN), THREE, SEVEN)
    assert told["shared"] == ["surprise"]
    assert (told["spotted"], told["compared"], told["same"]) == (6, 3, 3)
    assert told["not_shared"] == {"first": 2, "second": 2}
    assert told["kappa"]["value"] is None
    assert told["raw"]["value"] is None
    assert told["kappa"]["why"] == "one emotion is shared, and where both name it they agree"
    assert told["words"].startswith(
        "svm and faces share one emotion, surprise: 4 and 4 times named, 3 times together; "
    )
    assert told["models"][0]["alone"] == ["negative", "positive"]
    (surprise,) = told["emotions"]
    assert (surprise["first"], surprise["second"], surprise["both"]) == (4, 4, 3)
    # 3 both, 1 each alone, 1 neither: raw 4/6, by chance (4 * 4 + 2 * 2) / 36, so kappa is 0.25
    assert surprise["kappa"]["value"] == pytest.approx(0.25)
    assert told["intervals"][3]["same"] is None
    assert told["intervals"][3]["why"] == "only faces knows fear"
    assert told["intervals"][5]["why"] == "only svm knows negative; only faces knows anger"
    assert any("In 2 intervals svm names an emotion that the other does not know" in line for line in told["cautions"])


def test_models_without_a_common_emotion_are_refused_before_anything_is_watched():
    masked = Rater("masks", "", "frame", ("masked", "not masked"))
    with pytest.raises(BadInputError, match=r"svm knows negative, positive, surprise and masks .*no emotion is shared"):
        shared_emotions(THREE, masked)


def test_an_interval_that_a_model_could_not_read_is_counted_and_not_compared():
    told = model_agreement(judged([("negative", "negative"), ("positive", ""), ("", "")]), THREE, OTHER)
    assert (told["spotted"], told["read"], told["compared"]) == (3, 1, 1)
    assert told["not_read"] == {"first": 1, "second": 2}
    assert told["intervals"][2]["why"] == "svm and net could not read it"


def test_the_interval_is_over_people_where_they_are_known_and_over_recordings_where_not():
    pairs = random_pairs()
    assert model_agreement(judged(pairs), THREE, OTHER)["unit"] == "participants"
    alone = model_agreement(judged(pairs, people=False), THREE, OTHER)
    assert (alone["unit"], alone["units"]) == ("recordings", 10)
    assert alone["kappa"]["interval"] == model_agreement(judged(pairs), THREE, OTHER)["kappa"]["interval"]
    mixed = model_agreement(judged(pairs) + judged(pairs, people=False, films=3), THREE, OTHER)
    assert mixed["unit"] == "participants, or recordings where nobody is named"
    assert mixed["units"] == 13


def test_two_films_of_one_person_are_one_unit():
    """The same answers in 6 films: of 6 people there is an interval, of one person there is none."""
    pairs = random_pairs(36)
    six = judged(pairs, films=6)
    one = [replace(each, participant="P") for each in six]
    assert model_agreement(six, THREE, OTHER)["kappa"]["interval"] is not None
    told = model_agreement(one, THREE, OTHER)
    assert told["kappa"]["value"] == model_agreement(six, THREE, OTHER)["kappa"]["value"]
    assert told["kappa"]["interval"] is None
    assert told["kappa"]["why"] == "an interval needs 5 or more to draw from, got 1"
    assert told["raw"]["interval"] is None


def test_models_that_always_name_one_emotion_have_no_kappa_and_it_is_said_why():
    told = model_agreement(judged([("negative", "negative")] * 8), THREE, OTHER)
    assert told["raw"]["value"] == 1.0
    assert told["kappa"]["value"] is None
    assert "agreement by chance is certain" in told["words"]


def test_one_frequent_emotion_is_warned_of():
    pairs = [("negative", "negative")] * 46 + [("positive", "negative"), ("negative", "positive")] * 2
    told = model_agreement(judged(pairs), THREE, OTHER)
    assert told["raw"]["value"] == 0.92
    assert told["kappa"]["value"] < 0
    assert any(line.startswith("96 % of what is named is negative") for line in told["cautions"])


def test_models_fitted_on_the_same_corpus_can_share_mistakes_which_is_said():
    first, second = (
        Rater(each.name, "", each.reads, each.classes, ("casme2", own))
        for each, own in ((THREE, "smic"), (OTHER, "samm"))
    )
    told = model_agreement(judged(random_pairs()), first, second)
    assert any(line.startswith("Both models were fitted on casme2, so") for line in told["cautions"])


def test_it_always_says_that_agreement_is_not_accuracy():
    assert model_agreement(judged(random_pairs()), THREE, OTHER)["cautions"][0] == NOT_ACCURACY


def test_the_document_is_plain_json_and_the_same_each_time():
    texts = {json.dumps(model_agreement(judged(random_pairs()), THREE, OTHER), allow_nan=False) for _ in range(2)}
    assert len(texts) == 1


def test_recordings_without_any_interval_are_refused_in_one_line():
    with pytest.raises(BadInputError, match="no interval was spotted"):
        model_agreement([], THREE, OTHER)

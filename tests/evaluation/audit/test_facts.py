"""Facts beside a table: what can be said, and what is refused."""

from __future__ import annotations

import pytest

from micromask.core.errors import BadInputError
from micromask.evaluation.audit import Claims, Facts, facts_document, facts_of, read_facts, read_people

WHOLE = """
selection = "as-published"
augmented_before_split = true
fitted_on_test = ["k-means"]
threshold_from = "test"
pretraining_subjects = ["samm/006"]
seeds = [0, 1]
deterministic = false
gain = 2.5
gain_interval = [0.5, 4.5]
labels = ["anger", "joy"]

[people]
"samm/006" = "ann"

[claims]
accuracy = "97.50"
f1 = 0.9
average = "macro"
classes = 2
samples = 40
supports = [30, 10]
"""


def test_every_fact_can_be_said_in_toml_and_comes_back_from_json(tmp_path):
    (tmp_path / "facts.toml").write_text(WHOLE, encoding="utf-8")
    facts = read_facts(tmp_path / "facts.toml")
    assert facts == Facts(
        selection="as-published",
        augmented_before_split=True,
        fitted_on_test=("k-means",),
        threshold_from="test",
        pretraining_subjects=("samm/006",),
        seeds=(0, 1),
        deterministic=False,
        gain=2.5,
        gain_interval=(0.5, 4.5),
        labels=("anger", "joy"),
        people={"samm/006": "ann"},
        claims=Claims({"accuracy": "97.50", "f1": "0.9"}, "macro", 2, 40, (30, 10)),
    )
    assert facts_of(facts_document(facts)) == facts


def test_nothing_said_and_none_are_different_things():
    assert facts_of({}) == Facts()
    assert facts_document(Facts()) == {}
    none = facts_of({"fitted_on_test": [], "pretraining_subjects": [], "augmented_before_split": False})
    assert none.known == {"fitted_on_test", "pretraining_subjects", "augmented_before_split"}
    assert facts_of(facts_document(none)) == none


REFUSED = {
    'selektion = "last"': "no fact 'selektion'; did you mean 'selection'?",
    'selection = "inner-split"': "no selection 'inner-split'; did you mean 'inner'?",
    'threshold_from = "magic"': "no threshold_from 'magic'",
    "selection = 3": "selection is a word in quotes, got 3",
    'augmented_before_split = "no"': "augmented_before_split is true or false, got 'no'",
    "seeds = [0.5]": "seeds is a whole number, got 0.5",
    "seeds = 1": "seeds is a list of whole numbers, got 1",
    "gain_interval = [1.0]": "gain_interval is a list of two numbers, low and high",
    "gain_interval = [3.0, 1.0]": "gain_interval is low, then high",
    "gain = -1.0": "gain must be above 0, got -1",
    'people = "ann"': "people is a table of names and values",
    'claims = {accuracy = "good"}': "accuracy is a number such as 97.52 or 0.9752, got 'good'",
    'claims = {acuracy = "97"}': "no claim 'acuracy'; did you mean 'accuracy'?",
    'claims = {f1 = "97", average = "mean"}': "no average 'mean'",
    "claims = {classes = 0}": "classes must be 1 or more, got 0",
    "selection = ": "cannot be read as facts",
}


@pytest.mark.parametrize(("text", "message"), REFUSED.items())
def test_a_fact_that_cannot_be_is_refused_in_one_line(tmp_path, text, message):
    path = tmp_path / "facts.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        read_facts(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_no_file_and_no_table_of_facts(tmp_path):
    with pytest.raises(BadInputError, match="no such file"):
        read_facts(tmp_path / "facts.toml")
    (tmp_path / "facts.json").write_text("[1]")
    with pytest.raises(BadInputError, match="facts are a table of names and values, got list"):
        read_facts(tmp_path / "facts.json")


def test_people_are_read_from_a_table(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("Dataset,Subject,Person\nsamm,006,ann\ncasme2,sub07,ann\n,s3,bo\n,,\n", encoding="utf-8-sig")
    assert read_people(path) == {"samm/006": "ann", "casme2/sub07": "ann", "s3": "bo"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("subject,who\na,b\n", "no column 'person'"),
        ("", "no column 'subject'"),
        ("subject,person\na,\n", "row 2: subject and person must both be there"),
        ("subject,person\na,ann\na,bo\n", "row 3: a is bo here and ann above"),
    ],
)
def test_a_table_of_people_that_cannot_be_is_refused(tmp_path, text, message):
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        read_people(path)
    assert message in str(caught.value)

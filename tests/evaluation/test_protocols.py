import pytest
from hypothesis import given
from hypothesis import strategies as st

from micromask.core.errors import BadInputError
from micromask.core.types import SubjectId
from micromask.evaluation.protocols import Split, hold_out_database, leave_one_subject_out, protocols, subject_folds

people = st.builds(SubjectId, st.sampled_from(["one", "two"]), st.sampled_from(["01", "02", "03", "04"]))
tables = st.dictionaries(st.text("abc", min_size=1, max_size=3), people, min_size=2, max_size=20)


@pytest.mark.parametrize("name", list(protocols))
@given(subjects=tables)
def test_every_protocol_tests_each_clip_once_and_nobody_is_on_both_sides(name, subjects):
    if len({p.dataset for p in subjects.values()}) < 2:
        return
    tested = []
    for split in protocols[name](subjects):
        assert split.train | split.test == set(subjects)
        assert not {subjects[c] for c in split.train} & {subjects[c] for c in split.test}
        tested += split.test
    assert sorted(tested) == sorted(subjects)


def test_the_same_name_in_two_data_sets_is_two_people():
    subjects = {"a": SubjectId("casme2", "01"), "b": SubjectId("samm", "01")}
    assert [split.held_out for split in leave_one_subject_out(subjects)] == ["casme2/01", "samm/01"]


def test_the_inner_split_never_sees_the_person_held_out_outside():
    subjects = {f"{p}{i}": SubjectId("x", p) for p in "abcd" for i in range(3)}
    for outer in leave_one_subject_out(subjects):
        training = {clip: subjects[clip] for clip in outer.train}
        for inner in leave_one_subject_out(training):
            assert not (inner.train | inner.test) & outer.test


def test_subject_folds_are_about_equally_large_and_the_same_each_time():
    subjects = {f"{p}{i}": SubjectId("x", str(p)) for p in range(12) for i in range(1 + p % 4)}
    splits = list(subject_folds(subjects, 3, seed=1))
    assert [len(split.test) for split in splits] == [10, 10, 10]
    assert splits == list(subject_folds(subjects, 3, seed=1))
    assert splits != list(subject_folds(subjects, 3, seed=2))


def test_hde_trains_on_the_other_data_sets():
    subjects = {"a": SubjectId("casme2", "01"), "b": SubjectId("smic", "01"), "c": SubjectId("smic", "02")}
    found = {split.held_out: (split.train, split.test) for split in hold_out_database(subjects)}
    assert found == {"casme2": ({"b", "c"}, {"a"}), "smic": ({"a"}, {"b", "c"})}


def test_what_cannot_be_split_is_refused_with_a_reason():
    alone = {"a": SubjectId("x", "01"), "b": SubjectId("x", "01")}
    with pytest.raises(BadInputError, match="2 clips of 1 subjects"):
        list(leave_one_subject_out(alone))
    with pytest.raises(BadInputError, match="two data sets or more, got x"):
        list(hold_out_database(alone))
    with pytest.raises(BadInputError, match="folds must be 2 or more, got 1"):
        list(subject_folds(alone, 1))


def test_a_split_with_a_clip_on_both_sides_cannot_be_made():
    with pytest.raises(ValueError, match="1 clips are on both sides, such as b"):
        Split("x", frozenset("ab"), frozenset("bc"))
    with pytest.raises(ValueError, match="0 clips to train on"):
        Split("x", frozenset(), frozenset("b"))

from collections import Counter

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from micromask.core.errors import BadInputError
from micromask.core.results import Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.protocols import (
    SplitOptions,
    hold_out_database,
    inner_split,
    leaks_of,
    leave_one_subject_out,
    make_splits,
    parts_of,
    protocols,
    subject_folds,
    with_validation,
)
from micromask.evaluation.protocols.groups import balanced_groups


def sample(name, subject, label="sad", clip=None, **attributes):
    dataset, _, person = subject.rpartition("/")
    return Sample(
        name, clip or name, SubjectId(dataset or "x", person), clip or name, label, attributes=dict(attributes)
    )


def crowd(seed, people=30, classes=3):
    """People with 1 to 20 clips each, of uneven classes."""
    rng = np.random.default_rng(seed)
    share = np.array([0.6, 0.25, 0.15, 0.05])[:classes]
    return [
        sample(f"{person:02}-{clip:02}", f"{person:02}", "abcd"[rng.choice(classes, p=share / share.sum())])
        for person in range(people)
        for clip in range(rng.integers(1, 21))
    ]


def unevenness(samples, tests):
    """Squared distance of each fold's counts from an equal share, over the class's count; all samples count as one."""
    total = 0.0
    for label in [*sorted({each.label for each in samples}), None]:
        own = {each.id for each in samples if label in (each.label, None)}
        total += sum((len(own & test) - len(own) / len(tests)) ** 2 for test in tests) / len(own)
    return total


@pytest.mark.parametrize("folds", [3, 5, 10])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_folds_of_subjects_are_more_even_than_those_of_scikit_learn(folds, seed):
    samples = crowd(seed)
    ours = [split.test for split in make_splits("k-fold-subjects", samples, SplitOptions(seed=seed, folds=folds))]
    labels, groups = [each.label for each in samples], [str(each.subject) for each in samples]
    theirs = [
        {samples[row].id for row in rows}
        for _, rows in StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups)
    ]
    assert unevenness(samples, ours) < unevenness(samples, theirs)


def test_folds_of_subjects_are_perfectly_even_where_they_can_be():
    samples = [
        sample(f"{person}{clip}", str(person), label)
        for person in range(10)
        for clip, label in enumerate(("a", "a", "b", "c"))
    ]
    labels = {each.id: each.label for each in samples}
    for split in make_splits("k-fold-subjects", samples):
        assert Counter(labels[each] for each in split.test) == {"a": 4, "b": 2, "c": 2}


def test_two_people_with_a_rare_class_are_put_into_two_folds():
    samples = [sample(f"{person}{clip}", str(person), "common") for person in range(8) for clip in range(5)]
    samples += [sample(f"{person}rare", str(person), "rare") for person in (3, 6)]
    tests = [split.test for split in make_splits("k-fold-subjects", samples, SplitOptions(folds=2))]
    assert [sum("rare" in each for each in test) for test in tests] == [1, 1]


def test_no_group_is_empty_though_one_person_has_nearly_everything():
    samples = [sample(f"big{clip}", "big", "ab"[clip % 2]) for clip in range(200)]
    samples += [sample(name, name, "a") for name in ("p", "q", "r")]
    for seed in range(5):
        assert sorted(len(group) for group in balanced_groups(samples, 4, seed)) == [1, 1, 1, 1]
        assert sorted(len(group) for group in balanced_groups(samples, 2, seed)) == [1, 3]


def test_the_same_name_in_two_data_sets_is_two_people():
    samples = [sample("a", "casme2/01"), sample("b", "samm/01")]
    assert [split.held_out for split in make_splits("loso", samples)] == ["casme2/01", "samm/01"]


@pytest.mark.parametrize(("share", "trained"), [(0.8, 80), (0.75, 75), (0.7, 70), (0.999, 99), (0.001, 1)])
def test_frames_at_random_are_parted_by_the_share_and_the_neighbours_of_a_clip_are_on_both_sides(share, trained):
    samples = [sample(f"c{clip}#{frame}", str(clip), clip=f"c{clip}") for clip in range(10) for frame in range(10)]
    (split,) = make_splits("random-frames", samples, SplitOptions(train_share=share))
    assert (len(split.train), len(split.test)) == (trained, 100 - trained)
    if 20 <= trained <= 80:
        assert {each.split("#")[0] for each in split.train} & {each.split("#")[0] for each in split.test}


def test_clips_at_random_keep_each_clip_whole():
    samples = [
        sample(f"c{clip}#{frame}", str(clip % 2), clip=f"c{clip}") for clip in range(10) for frame in range(1 + clip)
    ]
    (split,) = make_splits("random-clips", samples)
    train, test = ({each.split("#")[0] for each in side} for side in (split.train, split.test))
    assert (len(train), len(test)) == (8, 2)
    assert not train & test


def test_a_share_of_the_subjects_is_held_out_however_many_clips_they_have():
    (split,) = make_splits("subjects", crowd(0), SplitOptions(train_share=0.7))
    assert len({each[:2] for each in split.test}) == 9
    assert split.held_out == "9 subjects"


def test_cde_is_loso_over_all_data_sets_and_the_parts_are_the_data_sets():
    samples = [sample("a1", "casme2/01"), sample("a2", "casme2/02"), sample("b1", "smic/01"), sample("b2", "smic/01")]
    splits = make_splits("cde", samples)
    assert [(split.held_out, set(split.test)) for split in splits] == [
        ("casme2/01", {"a1"}),
        ("casme2/02", {"a2"}),
        ("smic/01", {"b1", "b2"}),
    ]
    assert parts_of(samples, protocols["cde"].parts) == {"casme2": {"a1", "a2"}, "smic": {"b1", "b2"}}


THREE = [sample("a", "casme2/01"), sample("b", "samm/01"), sample("c", "smic/01"), sample("d", "smic/02")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [("casme2", "bcd", "a"), ("samm", "acd", "b"), ("smic", "ab", "cd")]),
        ({"test_on": ("smic",)}, [("smic", "ab", "cd")]),
        ({"train_on": ("casme2",)}, [("samm", "a", "b"), ("smic", "a", "cd")]),
        ({"train_on": ("casme2",), "test_on": ("samm", "smic")}, [("samm+smic", "a", "bcd")]),
    ],
)
def test_hde_tests_whole_data_sets_on_what_the_others_taught(options, expected):
    found = make_splits("hde", THREE, SplitOptions(**options))
    assert [(split.held_out, split.train, split.test) for split in found] == [
        (name, frozenset(train), frozenset(test)) for name, train, test in expected
    ]


def test_cross_dataset_takes_each_pair_both_ways():
    found = {split.held_out: (split.train, split.test) for split in make_splits("cross-dataset", THREE)}
    assert len(found) == 6
    assert found["casme2 to smic"] == ({"a"}, {"c", "d"})
    assert found["smic to casme2"] == ({"c", "d"}, {"a"})
    (one,) = make_splits("cross-dataset", THREE, SplitOptions(train_on=("samm",), test_on=("smic",)))
    assert one.held_out == "samm to smic"


def test_by_gender_is_one_fold_each_way_since_nobody_is_both():
    samples = [sample("a", "1", gender="female"), sample("b", "2", gender="male"), sample("c", "3", gender="male")]
    found = make_splits("by-attribute", samples, SplitOptions(by="gender"))
    assert [(split.held_out, split.train, split.test) for split in found] == [
        ("female to male", {"a"}, {"b", "c"}),
        ("male to female", {"b", "c"}, {"a"}),
    ]


def both_stimuli(people):
    return [
        sample(f"{who}{stimulus[0]}", str(who), stimulus=stimulus)
        for who in range(people)
        for stimulus in ("questions", "images")
    ]


def test_by_stimulus_everybody_is_tested_once_by_a_model_that_never_saw_them():
    splits = make_splits("by-attribute", both_stimuli(6), SplitOptions(by="stimulus", folds=3))
    one_way = [split for split in splits if split.held_out.startswith("questions to images")]
    assert len(one_way) == 3
    assert sorted(each for split in one_way for each in split.test) == [f"{who}i" for who in range(6)]
    for split in one_way:
        assert split.train == {f"{who}q" for who in range(6)} - {each[0] + "q" for each in split.test}


def test_by_stimulus_with_people_mixed_is_marked_as_a_leak():
    options = SplitOptions(by="stimulus", subjects_apart=False, train_on=("questions",))
    (split,) = make_splits("by-attribute", both_stimuli(3), options)
    assert (split.train, split.test) == ({"0q", "1q", "2q"}, {"0i", "1i", "2i"})
    assert leaks_of("by-attribute", options) == ("LK001",)


@pytest.mark.parametrize(
    ("name", "samples", "options", "message"),
    [
        ("loso", THREE[2:3] * 1 + [sample("e", "smic/01")], {}, "2 clips of 1 subjects"),
        ("subjects", [sample("a", "1"), sample("b", "1")], {}, "2 samples, all of x/1: .* two or more"),
        ("k-fold-subjects", THREE, {}, "5 folds of subjects need as many subjects, got 4; take fewer folds, or loso"),
        ("cde", THREE[2:], {}, "cde needs samples of two data sets or more, got smic; within one take loso"),
        ("hde", THREE, {"test_on": ("sam",)}, "no data set 'sam' among the samples; known: casme2, samm, smic"),
        ("hde", THREE, {"train_on": ("casme2", "samm", "smic")}, "every data set is trained on"),
        ("hde", THREE, {"test_on": ("casme2", "samm", "smic")}, "every data set is tested on"),
        ("by-attribute", THREE, {}, "give the option by; known: corpus"),
        ("by-attribute", both_stimuli(2), {"by": "gender"}, "no attribute 'gender'; known: corpus, stimulus"),
        ("by-attribute", both_stimuli(2), {"by": "corpus"}, "all samples have corpus x; two values are needed"),
        (
            "by-attribute",
            both_stimuli(2),
            {"by": "stimulus", "train_on": ("films",)},
            "no stimulus 'films' among the samples; known: images, questions",
        ),
        (
            "by-attribute",
            [*both_stimuli(2), sample("z", "9")],
            {"by": "stimulus"},
            "nobody says the stimulus of 1 of 5 samples, such as z; leave them out",
        ),
        (
            "by-attribute",
            [*both_stimuli(1), sample("z", "9", stimulus="images")],
            {"by": "stimulus", "train_on": ("questions",)},
            "questions to images: nobody is left to train on when x/0 is tested",
        ),
    ],
)
def test_what_cannot_be_split_is_refused_with_a_reason(name, samples, options, message):
    with pytest.raises(BadInputError, match=message):
        make_splits(name, samples, SplitOptions(**options))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "folds must be 2 or more, got 1"),
        ({"train_share": 80}, "lies between 0 and 1, such as 0.8, got 80"),
        ({"train_on": ("a",), "test_on": ("a", "b")}, "a cannot be trained on and tested on at once"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(BadInputError, match=message):
        SplitOptions(**options)


def test_a_misspelt_protocol_is_answered_with_the_nearest():
    with pytest.raises(BadInputError, match="no protocol 'losso'; did you mean 'loso'"):
        make_splits("losso", THREE)


def test_the_inner_split_takes_whole_people_of_the_training_side_and_never_the_one_held_out():
    samples = crowd(3)
    whose = {each.id: each.subject for each in samples}
    for split in make_splits("loso", samples):
        inner = with_validation(split, samples)
        assert inner.test == split.test
        assert inner.train | inner.validation == split.train
        people = [{whose[each] for each in side} for side in (inner.train, inner.validation, inner.test)]
        assert sum(map(len, people)) == len(set().union(*people)) == 30
        assert 4 <= len(people[1]) <= 8


def test_the_inner_split_leaves_the_only_person_with_a_class_to_train_on():
    samples = [sample(f"{who}{clip}", str(who), "ab"[clip]) for who in range(6) for clip in range(2)]
    samples.append(sample("only", "3", "rare"))
    for seed in range(6):
        train, validation = inner_split(samples, {each.id for each in samples}, seed)
        assert "only" in train
        assert {each[-1] for each in validation} == {"0", "1"}


def test_the_inner_split_is_the_same_for_a_seed_and_another_for_another():
    samples = crowd(1)
    ids = {each.id for each in samples}
    assert inner_split(samples, ids, 4) == inner_split(samples[::-1], ids, 4)
    assert len({inner_split(samples, ids, seed)[1] for seed in range(5)}) > 1


def test_a_validation_side_that_is_there_is_kept_and_one_person_cannot_be_parted():
    kept = Split("f", frozenset("a"), frozenset("b"), frozenset("c"))
    assert with_validation(kept, THREE) is kept
    with pytest.raises(
        BadInputError, match=r"fold f: 1 samples of 1 subjects to train on: .* takes two subjects or more"
    ):
        with_validation(Split("f", frozenset("a"), frozenset("b")), THREE)


def test_subject_folds_are_about_equally_large_and_the_same_each_time():
    subjects = {f"{p}{i}": SubjectId("x", str(p)) for p in range(12) for i in range(1 + p % 4)}
    splits = list(subject_folds(subjects, 3, seed=1))
    assert [len(split.test) for split in splits] == [10, 10, 10]
    assert splits == list(subject_folds(subjects, 3, seed=1))
    assert splits != list(subject_folds(subjects, 3, seed=2))


def test_splits_by_person_alone_are_refused_with_a_reason():
    alone = {"a": SubjectId("x", "01"), "b": SubjectId("x", "01")}
    with pytest.raises(BadInputError, match="2 clips of 1 subjects"):
        list(leave_one_subject_out(alone))
    with pytest.raises(BadInputError, match="two data sets or more, got x"):
        list(hold_out_database(alone))
    with pytest.raises(BadInputError, match="folds must be 2 or more, got 1"):
        list(subject_folds(alone, 1))


def test_a_split_with_a_sample_on_two_sides_cannot_be_made():
    with pytest.raises(ValueError, match="1 samples are on two sides, such as b"):
        Split("x", frozenset("ab"), frozenset("bc"))
    with pytest.raises(ValueError, match="1 samples are on two sides, such as c"):
        Split("x", frozenset("ab"), frozenset("c"), frozenset("c"))
    with pytest.raises(ValueError, match="0 samples to train on"):
        Split("x", frozenset(), frozenset("b"))

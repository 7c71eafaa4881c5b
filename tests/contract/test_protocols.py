"""What every protocol promises, checked for each name in the registry on invented people."""

from __future__ import annotations

import random
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micromask.core.errors import BadInputError
from micromask.core.results import Sample
from micromask.core.types import SubjectId
from micromask.evaluation.protocols import SplitOptions, leaks_of, make_splits, protocols

NAMES = sorted(protocols)
APART = [name for name in NAMES if not protocols[name].leaks]


def samples(people: int = 12, clips: int = 3, frames: int = 2) -> list[Sample]:
    """Frames of clips of people from two data sets, women and men, each filmed under two stimuli."""
    found = []
    for person in range(people):
        who = SubjectId("one" if person < people // 2 else "two", f"{person:02}")
        for clip in range(clips):
            told = {"gender": ("female", "male")[person % 2], "stimulus": ("questions", "images")[clip % 2]}
            for frame in range(frames):
                name = f"{who}/c{clip}"
                label = ("sad", "glad", "calm")[(person + clip) % 3]
                found.append(Sample(f"{name}#{frame}", name, who, f"{who}/{told['stimulus']}", label, frame, told))
    return found


def options(name: str, **more: object) -> SplitOptions:
    return SplitOptions(by="stimulus" if "by" in protocols[name].options else None, **more)


@st.composite
def worlds(draw: st.DrawFn) -> list[Sample]:
    """Ten people or more of two data sets, each with clips of any class and stimulus, several in one film."""
    made = []
    for number in range(draw(st.integers(10, 14))):
        who = SubjectId(("one", "two")[number % 2], str(number // 2))
        for clip in range(draw(st.integers(2, 4))):
            label = draw(st.sampled_from(["a", "b", "c"]))
            stimulus = ("questions", "images")[clip] if clip < 2 else draw(st.sampled_from(["questions", "images"]))
            told = {"stimulus": stimulus}
            made.append(Sample(f"{who}/{clip}", f"{who}/{clip // 2}", who, str(who), label, attributes=told))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    entry = protocols[name]
    assert entry.name == name
    assert len(entry.title.split()) > 2
    assert set(entry.options) <= {each.name for each in fields(SplitOptions)} - {"seed"}
    assert all(code.startswith("LK") for code in entry.leaks + entry.leaks_if_mixed)


@pytest.mark.parametrize("name", NAMES)
def test_sides_are_disjoint_and_every_sample_is_used(name):
    everything = {sample.id for sample in samples()}
    used = set()
    for split in make_splits(name, samples(), options(name)):
        assert split.train
        assert split.test
        assert not split.train & split.test
        assert split.train | split.test <= everything
        used |= split.train | split.test
    assert used == everything


@pytest.mark.parametrize("name", NAMES)
def test_folds_have_names_of_their_own(name):
    names = [split.held_out for split in make_splits(name, samples(), options(name))]
    assert len(set(names)) == len(names)
    assert all(each == each.strip() != "" for each in names)


@pytest.mark.parametrize("name", [name for name in NAMES if protocols[name].tested_once])
def test_nothing_is_tested_twice_where_the_entry_says_so(name):
    tested = [each for split in make_splits(name, samples(), options(name)) for each in split.test]
    assert len(set(tested)) == len(tested)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_the_samples_does_not_matter_and_a_seed_gives_the_same_folds(name):
    given_order = samples()
    first = make_splits(name, given_order, options(name, seed=7))
    for attempt in range(3):
        random.Random(attempt).shuffle(given_order)
        assert make_splits(name, given_order, options(name, seed=7)) == first


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_other_folds_exactly_where_the_entry_says_that_it_draws(name):
    drawn = {
        frozenset(split.test for split in make_splits(name, samples(), options(name, seed=seed))) for seed in range(4)
    }
    assert (len(drawn) > 1) == protocols[name].draws


@pytest.mark.parametrize("name", APART)
@settings(max_examples=40, deadline=None)
@given(world=worlds(), seed=st.integers(0, 5))
def test_nobody_and_no_clip_or_film_is_on_both_sides_unless_the_protocol_is_marked_as_leaking(name, world, seed):
    facts = {sample.id: (sample.subject, sample.clip, sample.recording) for sample in world}
    for split in make_splits(name, world, options(name, seed=seed)):
        assert leaks_of(name, options(name)) == ()
        for what in range(3):
            assert not {facts[each][what] for each in split.train} & {facts[each][what] for each in split.test}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in APART])
def test_a_protocol_that_is_marked_as_leaking_does_leak(name):
    facts = {sample.id: sample.subject for sample in samples()}
    (split,) = make_splits(name, samples())
    assert "LK001" in leaks_of(name)
    assert {facts[each] for each in split.train} & {facts[each] for each in split.test}


@pytest.mark.parametrize("name", NAMES)
def test_one_person_alone_is_refused_where_people_are_kept_apart(name):
    alone = [replace(sample, subject=SubjectId("one", "01")) for sample in samples()]
    if protocols[name].leaks:
        assert make_splits(name, alone)
        return
    with pytest.raises(BadInputError) as refused:
        make_splits(name, alone, options(name))
    assert "\n" not in str(refused.value)
    assert any(word in str(refused.value) for word in ("subject", "two data sets"))


@pytest.mark.parametrize("name", NAMES)
def test_no_samples_one_sample_and_one_name_for_two_are_refused(name):
    with pytest.raises(BadInputError, match=f"protocol {name} needs samples to train on and to test on, got 0"):
        make_splits(name, [], options(name))
    with pytest.raises(BadInputError, match="got 1"):
        make_splits(name, samples()[:1], options(name))
    with pytest.raises(BadInputError, match="two samples are called one/00/c0#0; every sample needs a name"):
        make_splits(name, samples() + samples()[:1], options(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_it_does_not_have_is_refused_by_name(name):
    other = {"folds": 3, "train_share": 0.5, "train_on": ("one",), "test_on": ("two",), "subjects_apart": False}
    for option, value in other.items():
        if option not in protocols[name].options:
            with pytest.raises(BadInputError, match=f"protocol {name} has no option {option}; it has: "):
                make_splits(name, samples(), options(name, **{option: value}))

"""Who and what is on both sides of a fold: LK001, LK002, LK007, LK010."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.case import TEST, Case, Groups, IntArray, codes, fold_words, groups, names, sides_words
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import MOST_LINES, leak, times

REUSED = 0.2
"""Above this share of names that stand under several people, a name is taken to mean something of its own under each,
as ``EP02_01`` does in CASME II."""


@audits.add("LK001")
def same_subject(case: Case) -> list[Finding]:
    """A subject with a sample to test on and one to train or validate on in the same fold."""
    who = codes(case.members, "who")
    both = groups(case.members, who).on_both_sides()
    if not len(both.key):
        return []
    tested = np.unique(who[codes(case.members, "split") == TEST])
    summary = (
        f"{times(len(np.unique(both.key)), 'subject')} of {len(tested):,} tested, in {_folds(case, both)}; "
        f"{_theirs(int(both.counts[:, TEST].sum()))}"
    )
    return [leak("LK001", summary, _lines(case, both, names(case.members, "who")), len(both.key) - MOST_LINES)]


@audits.add("LK002")
def same_clip(case: Case) -> list[Finding]:
    """A clip, or a recording, with a sample to test on and one to train or validate on in the same fold."""
    lines: list[str] = []
    totals, more = [], 0
    for column, one_person in (("clip", True), ("recording", False)):
        keys, words = _things(case, column, one_person)
        both = groups(case.members, keys).on_both_sides()
        if len(both.key):
            totals.append(f"{times(len(np.unique(both.key)), column)} in {_folds(case, both)}")
            kept = MOST_LINES - len(lines)
            lines += [f"{column} {line}" for line in _lines(case, both, words)[:kept]]
            more += max(0, len(both.key) - kept)
    return [leak("LK002", "; ".join(totals), lines, more)] if totals else []


@audits.add("LK007")
def same_person(case: Case) -> list[Finding]:
    """One person, by the declared table or the column ``person``, under one name to test on and another to train on."""
    person, words = _persons(case)
    who, spelt = codes(case.members, "who"), names(case.members, "who")
    each_name = groups(case.members, np.where(person < 0, -1, person * len(spelt) + who))
    sides: dict[tuple[int, int], tuple[set[int], set[int]]] = {}
    for fold, key, counts in zip(each_name.fold, each_name.key, each_name.counts, strict=True):
        others, tested = sides.setdefault((int(fold), int(key) // len(spelt)), (set(), set()))
        if counts[TEST]:
            tested.add(int(key) % len(spelt))
        if counts[:TEST].any():
            others.add(int(key) % len(spelt))
    lines, people = [], set()
    for (fold, one), (others, tested) in sides.items():
        if others and tested and len(others | tested) > 1:
            trained_on, tested_on = (", ".join(spelt[each] for each in sorted(side)) for side in (others, tested))
            lines.append(f"{fold_words(case, fold)}{words[one]} is {trained_on} to train on, {tested_on} to test on")
            people.add(one)
    if not lines:
        return []
    summary = "1 person" if len(people) == 1 else f"{len(people):,} people"
    return [leak("LK007", f"{summary} under several names", lines, len(lines) - MOST_LINES)]


@audits.add("LK010")
def pretrained_on_subject(case: Case) -> list[Finding]:
    """A test subject among those whose data the model was trained on beforehand (under any of its names)."""
    seen = case.facts.pretraining_subjects
    if not seen:
        return []
    people = case.facts.people
    known = set(seen) | {people[each] for each in seen if each in people}
    tested = case.members[codes(case.members, "split") == TEST]
    pairs = tested[["who", "subject", "person"]].astype(object).drop_duplicates("who")
    found = []
    for who, subject, person in pairs.itertuples(index=False):
        if {who, subject, people.get(who, people.get(subject)), person} & known:
            found.append(str(who))
    if not found:
        return []
    summary = f"{times(len(found), 'test subject')} of {len(pairs):,} were in the pre-training data"
    return [leak("LK010", summary, sorted(found), len(found) - MOST_LINES)]


def _theirs(samples: int) -> str:
    return "1 test sample is theirs" if samples == 1 else f"{samples:,} test samples are theirs"


def _folds(case: Case, both: Groups) -> str:
    return f"{len(np.unique(both.fold)):,} of {times(max(1, len(case.rows['fold'].cat.categories)), 'fold')}"


def _lines(case: Case, both: Groups, words: Sequence[str]) -> list[str]:
    first = zip(both.fold[:MOST_LINES], both.key[:MOST_LINES], both.counts[:MOST_LINES], strict=True)
    return [f"{fold_words(case, fold)}{words[key]}: {sides_words(counts)}" for fold, key, counts in first]


def _things(case: Case, column: str, one_person: bool) -> tuple[IntArray, list[str]]:
    """What is one and the same thing among the names of a column: numbers (N,) of the members, and names for them.

    A name under several people is usually one thing: a clip that was copied, a film of two people. But where names
    are given anew for each person, only the name and the person together say what it is. That is so where more than
    REUSED of the names stand under several people (for films, people of whom there are more than two to a name,
    since a film of a pair has two), or where clips of one name have different truths.
    """
    keys, words = _by_dataset(case, column)
    who, spelt = codes(case.members, "who"), names(case.members, "who")
    if not len(words):
        return keys, words
    pairs = np.unique(keys[keys >= 0] * len(spelt) + who[keys >= 0])
    people = np.bincount(pairs // len(spelt), minlength=len(words))
    shared = people > 1
    own = float(shared.mean()) > REUSED and (one_person or float(people[shared].mean()) > 2)
    if one_person and shared.any() and not own:
        truth, labels = codes(case.members, "truth"), max(1, len(names(case.members, "truth")))
        known = (truth >= 0) & shared[keys]
        coded = np.unique(keys[known] * labels + truth[known])
        own = bool((np.bincount(coded // labels, minlength=len(words)) > 1).any())
    if not own:
        return keys, words
    found, place = np.unique(np.where(keys < 0, -1, who * len(words) + keys), return_inverse=True)
    shift = int(found[0] < 0)
    return place - shift, [f"{words[each % len(words)]} of {spelt[each // len(words)]}" for each in found[shift:]]


def _by_dataset(case: Case, column: str) -> tuple[IntArray, list[str]]:
    """The names of a column, those of different data sets apart."""
    keys, words = codes(case.members, column), names(case.members, column)
    dataset = codes(case.members, "dataset")
    if not len(words) or (dataset < 0).all():
        return keys, words
    found, place = np.unique(np.where(keys < 0, -1, (dataset + 1) * len(words) + keys), return_inverse=True)
    shift = int(found[0] < 0)
    return place - shift, [words[each % len(words)] for each in found[shift:]]


def _persons(case: Case) -> tuple[IntArray, list[str]]:
    """Who a member really is, where that is declared: numbers (N,), -1 for people of one name; and their names."""
    declared = case.facts.people
    people = set(declared.values())
    pairs = case.members[["who", "subject", "person"]].astype(object).drop_duplicates("who")
    real: dict[str, str] = {}
    for who, subject, person in pairs.itertuples(index=False):
        found = declared.get(who, declared.get(subject, person))
        if isinstance(found, str):
            real[who] = found
        elif who in people:
            real[who] = who
    words = sorted(set(real.values()))
    number = {name: at for at, name in enumerate(words)}
    whos = names(case.members, "who")
    of_who = np.array([number[real[name]] if name in real else -1 for name in whos], dtype=np.int64)
    return of_who[codes(case.members, "who")], words

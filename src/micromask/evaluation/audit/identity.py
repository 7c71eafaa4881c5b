"""Are the classes people? LK008."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.case import TEST, BoolArray, Case, IntArray, codes, names
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import caution, leak, times

DRAWS = 199
"""Random exchanges of labels between clips; with all of them below what is seen, p is 0.005."""

LARGEST_P = 0.01
SHARE = 0.75
"""How much of what chance leaves open must be told by the subject alone. People of real corpora have uneven classes,
and a subject's usual label then says something: up to half of it where SMIC and CASME II are split at random."""

SHARE_APART = 0.9
"""The same where nobody is on both sides and a label can at most be a matter of the person as such."""

MANY_CLASSES = 10
"""With this many classes, one person each, no clip is needed to see that they are people."""

FEWEST_CLIPS = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Clips:
    """One entry a clip: whose it is and its label; and how often it is on each side of the folds."""

    who: IntArray
    label: IntArray
    trained: IntArray
    """Rows (fold x person, clip, samples) to train on."""
    tested: IntArray
    """The same to test on, for people who are also trained on in that fold."""


@audits.add("LK008")
def labels_are_identities(case: Case) -> list[Finding]:
    """Each class is one subject, or who it is tells the label.

    A leak where each class is one subject and each subject one class; or where the most frequent label of a subject in
    training foretells its test labels: more often than after any exchange of labels between clips, and at least SHARE
    of the way from what such exchanges reach to always. Where nobody is on both sides, a label that is a matter of the
    person (at least SHARE_APART of the way) cannot be learnt from the person and is a caution.
    """
    clips = _clips(case)
    if clips is None:
        return []
    people, classes = len(np.unique(clips.who)), len(np.unique(clips.label))
    pure = _purity(clips.who, clips.label)
    chance = [_purity(clips.who, label) for label in _exchanges(clips.label)]
    by_chance = _p(pure, chance)
    same_names = all(label == who or who.endswith(f"/{label}") for who, label in _pairs(case))
    if people == classes >= 2 and pure == 1 and (by_chance <= LARGEST_P or people >= MANY_CLASSES or same_names):
        return [
            leak(
                "LK008", f"{classes:,} classes, {people:,} subjects: each class is one subject and the other way round"
            )
        ]
    if len(clips.tested):
        return _foretold(clips)
    open_to = 1 - float(np.mean(chance))
    if people > classes and by_chance <= LARGEST_P and pure - 1 + open_to >= SHARE_APART * open_to:
        return [
            caution(
                "LK008",
                f"{pure:.1%} of {times(len(clips.who), 'clip')} have the usual label of their subject, "
                f"{1 - open_to:.1%} when labels are exchanged at random; nobody is on both sides, "
                "so this cannot be learnt from the person",
            )
        ]
    return []


def _foretold(clips: _Clips) -> list[Finding]:
    samples = clips.tested[:, 2]
    if len(np.unique(clips.tested[:, 1])) < FEWEST_CLIPS:
        return []
    right = _right(clips, clips.label)
    chance = [_right(clips, label) for label in _exchanges(clips.label)]
    mean = float(np.mean(chance))
    if _p(right, chance) > LARGEST_P or right - mean < SHARE * (1 - mean):
        return []
    return [
        leak(
            "LK008",
            f"the subject alone tells {right:.1%} of {int(samples.sum()):,} test labels (its most frequent one in "
            f"training), {mean:.1%} when labels are exchanged between clips at random",
        )
    ]


def _clips(case: Case) -> _Clips | None:
    truth = codes(case.members, "truth")
    frame = case.members[truth >= 0]
    if not len(frame):
        return None
    truth, who = codes(frame, "truth"), codes(frame, "who")
    pair = who * len(names(frame, "clip")) + codes(frame, "clip")
    _, first, clip = np.unique(pair, return_index=True, return_inverse=True)
    fold, tested = codes(frame, "fold") + 1, codes(frame, "split") == TEST
    place = fold * len(names(frame, "who")) + who
    shared = np.intersect1d(place[tested], place[~tested])
    both = np.isin(place, shared)
    return _Clips(who[first], truth[first], _counted(place, clip, both & ~tested), _counted(place, clip, both & tested))


def _counted(place: IntArray, clip: IntArray, here: BoolArray) -> IntArray:
    rows, counts = np.unique(np.stack([place[here], clip[here]], axis=1), axis=0, return_counts=True)
    return np.column_stack([rows, counts]) if len(rows) else np.zeros((0, 3), dtype=np.int64)


def _exchanges(label: IntArray) -> list[IntArray]:
    rng = np.random.default_rng(0)
    return [rng.permutation(label) for _ in range(DRAWS)]


def _p(seen: float, chance: list[float]) -> float:
    return (1 + sum(each >= seen for each in chance)) / (1 + len(chance))


def _purity(who: IntArray, label: IntArray) -> float:
    """Share of clips with the most frequent label of their subject."""
    counts = _table(who, label, np.ones(len(who), dtype=np.int64))
    return float(counts.max(axis=1).sum() / counts.sum())


def _right(clips: _Clips, label: IntArray) -> float:
    """Share of test samples whose label is their subject's most frequent one in the training of that fold."""
    groups, place = np.unique(clips.trained[:, 0], return_inverse=True)
    usual = _table(place, label[clips.trained[:, 1]], clips.trained[:, 2]).argmax(axis=1)
    told = usual[np.searchsorted(groups, clips.tested[:, 0])]
    right = told == label[clips.tested[:, 1]]
    return float((right * clips.tested[:, 2]).sum() / clips.tested[:, 2].sum())


def _table(group: IntArray, label: IntArray, weight: IntArray) -> IntArray:
    many = int(label.max(initial=0)) + 1
    counts = np.bincount(group * many + label, weights=weight, minlength=(int(group.max(initial=0)) + 1) * many)
    return counts.reshape(-1, many).astype(np.int64)


def _pairs(case: Case) -> list[tuple[str, str]]:
    pairs = case.members[["who", "truth"]].dropna().drop_duplicates()
    return [(str(who), str(label)) for who, label in pairs.itertuples(index=False)]

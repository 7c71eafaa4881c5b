"""Copies of one original across a split: LK005, what was augmented or resampled before it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.case import TEST, BoolArray, Case, IntArray, codes, fold_words, names
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import MOST_LINES, leak, times
from micromask.evaluation.audit.copies import best_of, sides_of
from micromask.evaluation.audit.picture_files import looks_of
from micromask.evaluation.audit.pictures import likeness, near

MIRRORED = 0.99
"""Correlation with the mirror image from which a picture is a mirrored copy, if it is less like every other one."""

CLEARER = 0.01
"""How much more a mirrored copy must be like the mirror image than like any picture as it is: faces are symmetric."""

STEPS = (
    "aug|augment|augmented|flip|flipped|hflip|vflip|mirror|mirrored|rot|rotate|rotated|rotation|crop|cropped|randcrop|"
    "blur|blurred|gaussian|bright|brightness|contrast|noise|noisy|zoom|zoomed|scale|scaled|rescaled|shift|shifted|"
    "translate|translated|jitter|jittered|shear|sheared|smote|oversample|oversampled|resampled|copy|dup|duplicate"
)
MARKS = re.compile(rf"(?:[_\-. ]+(?:{STEPS})[_\-]?[a-z]?[\d.]*)+$", re.IGNORECASE)
"""How names of augmented copies end: ``clip7_flip``, ``clip7_rot-10``, ``clip7_aug3``, ``clip7_crop_blur``."""


@audits.add("LK005")
def augmented_before_split(case: Case) -> list[Finding]:
    """Declared; or copies of one clip or picture on both sides, by their names or as mirror images."""
    totals = (
        ["declared: data were augmented or resampled before the split"] if case.facts.augmented_before_split else []
    )
    lines, more = [], 0
    for column in ("clip", "image"):
        total, some = _by_name(case, column)
        if total:
            totals.append(f"{times(total, column)} (over all folds) with copies on both sides, by the names")
            lines += some
            more += total - len(some)
    mirrored = _by_mirror(case)
    if mirrored:
        totals.append(f"{times(len(mirrored), 'test picture')} (over all folds) mirrored among those to train on")
        lines += mirrored
    return [leak("LK005", "; ".join(totals), lines, more + len(lines) - MOST_LINES)] if totals else []


def origin(name: str) -> str:
    """What a name is called without the marks of an augmentation.

    >>> origin("s01/clip7_flip_rot-10"), origin("clip7_aug3"), origin("EP02_01f")
    ('s01/clip7', 'clip7', 'EP02_01f')
    """
    return MARKS.sub("", name) or name


def _by_name(case: Case, column: str) -> tuple[int, list[str]]:
    """Originals with several copies on both sides of a fold, one of them named as an augmented one; and some of them.

    Copies are of one person, and pictures of one clip: ``001`` of another clip is another picture.
    """
    spelt, own = names(case.members, column), codes(case.members, column)
    clips, clip = names(case.members, "clip"), codes(case.members, "clip")
    if column == "image" and spelt == clips:  # a picture a clip, under its name: told once
        return 0, []
    stems = spelt if column == "clip" else [PurePosixPath(name.replace("\\", "/")).stem for name in spelt]
    origins = [origin(stem) for stem in stems]
    marked = np.array([one != stem for one, stem in zip(origins, stems, strict=True)], dtype=bool)
    if not marked.any():
        return 0, []
    key = codes(case.members, "who") * len(clips) + _numbers([origin(name) for name in clips])[clip]
    if column == "image":
        key = key * len(spelt) + _numbers(origins)[own]
    there = own >= 0
    kept = there & np.isin(key, np.unique(key[there & marked[own]]))
    fold, side, key, own = codes(case.members, "fold")[kept], codes(case.members, "split")[kept], key[kept], own[kept]
    _, group = np.unique(np.stack([fold, key]), axis=1, return_inverse=True)
    copies = np.bincount(np.unique(group * len(spelt) + own) // len(spelt))
    found = (copies > 1) & _any(group, side == TEST) & _any(group, side != TEST) & _any(group, marked[own])
    lines = []
    for one in np.flatnonzero(found)[:MOST_LINES]:
        here = group == one
        where = fold_words(case, int(fold[here][0]))
        test, train = (sorted({spelt[each] for each in own[here & on]})[:3] for on in (side == TEST, side != TEST))
        lines.append(f"{where}{', '.join(train)} to train on, {', '.join(test)} to test on")
    return int(found.sum()), lines


def _any(group: IntArray, true: BoolArray) -> BoolArray:
    """Whether anything is true in each group."""
    return np.asarray(np.bincount(group, weights=true) > 0)


def _by_mirror(case: Case) -> list[str]:
    """Test pictures whose mirror image is trained on, and which no picture is so much like as it is."""
    looks = looks_of(case)
    if looks is None:
        return []
    lines = []
    spelt = names(case.members, "image")
    for fold, tested, trained in sides_of(case):
        pairs = near(looks, tested, trained, MIRRORED, mirror=True)
        alike = likeness(looks, pairs[:, 0], pairs[:, 1], mirror=True)
        kept = (alike >= MIRRORED) & (alike - likeness(looks, pairs[:, 0], pairs[:, 1]) >= CLEARER)
        best = list(best_of(pairs[kept], alike[kept]))
        if not best:
            continue
        plain = near(looks, np.array([one for one, _, _ in best]), trained, MIRRORED)
        as_it_is = dict.fromkeys((one for one, _, _ in best), -1.0)
        for one, value in zip(plain[:, 0], likeness(looks, plain[:, 0], plain[:, 1]), strict=True):
            as_it_is[int(one)] = max(as_it_is[int(one)], float(value))
        for one, other, value in best:
            if value - as_it_is[one] >= CLEARER:
                lines.append(f"{fold_words(case, fold)}{spelt[other]} to train on is {spelt[one]} mirrored")
    return lines


def _numbers(texts: list[str]) -> IntArray:
    return np.unique(np.array(texts), return_inverse=True)[1]

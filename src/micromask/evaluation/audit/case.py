"""What is audited: rows that say who is on which side of which fold, and the facts that go with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from natsort import natsorted
from numpy.typing import NDArray

from micromask.evaluation.audit.facts import Facts

if TYPE_CHECKING:
    from micromask.evaluation.audit.looks import Looks

IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]

SIDES = ("train", "validation", "test")
"""The sides of a fold. Validation counts as training: whoever is there had a say in the model."""

TRAIN, VALIDATION, TEST = range(3)

COLUMNS = ("clip", "subject", "split", "fold", "truth", "prediction", "recording", "frame", "image")
"""The columns of a table as anybody can write it; the first three are needed."""

MORE_COLUMNS = ("dataset", "person", "seed", "apex_from")
"""Columns that say more where they are there: whose subject it is (01 of one corpus is not 01 of another), who it
really is, which of several runs, and how the apex was found (``coder``: marked; anything else: estimated)."""

OF_A_PREDICTION = ("seed", "prediction")
"""Columns in which rows of one sample in one fold may differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Something to audit; see `make_case`.

    ``rows`` has the columns of COLUMNS and MORE_COLUMNS and ``who`` (dataset and subject in one), all categorical;
    an empty cell has no category. ``members`` are the rows with seeds and predictions put aside: one for each
    sample of a side of a fold. ``root`` is the folder that ``image`` counts from; ``looks`` is what the pictures look
    like, in the order of the categories of ``image``, where they were read already.
    """

    name: str
    rows: pd.DataFrame
    members: pd.DataFrame
    facts: Facts = field(default_factory=Facts)
    root: Path = Path()
    looks: Looks | None = None

    @property
    def known(self) -> frozenset[str]:
        """Columns with something in them, sides with a row on them, and facts that are known."""
        columns = {name for name in self.rows.columns if len(self.rows[name].cat.categories)} - {"split"}
        sides = {name for side, name in enumerate(SIDES) if (codes(self.members, "split") == side).any()}
        either = {"train"} if "validation" in sides else set()
        return frozenset(columns | sides | either | self.facts.known)


def make_case(name: str, table: pd.DataFrame, facts: Facts | None = None, root: Path | None = None) -> Case:
    """A case of a table of texts.

    Parameters
    ----------
    name : str
        What it is called, for a person.
    table : DataFrame
        At least ``clip``, ``subject`` and ``split`` (train, validation or test); others of COLUMNS and MORE_COLUMNS
        as there are; None, NaN and '' are empty. Further columns are left out.

    Raises
    ------
    ValueError
        If a needed column is not there, or a needed cell is empty.

    Examples
    --------
    >>> rows = [("a1", "ann", "train"), ("a2", "ann", "test")]
    >>> case = make_case("two", pd.DataFrame(rows, columns=["clip", "subject", "split"]))
    >>> len(case.members), sorted(case.known)
    (2, ['clip', 'subject', 'test', 'train', 'who'])
    """
    columns: dict[str, pd.Categorical[Any]] = {}
    for column in (*COLUMNS, *MORE_COLUMNS):
        if column in table.columns:
            columns[column] = _categories(table[column], SIDES if column == "split" else None)
        else:
            columns[column] = pd.Categorical([None] * len(table), categories=())
    for column in COLUMNS[:3]:
        empty = np.flatnonzero(columns[column].codes < 0)
        if column not in table.columns or len(empty):
            where = f"row {empty[0]} has none" if column in table.columns else "it is not there"
            raise ValueError(f"{name}: column {column!r} must be filled, but {where}")
    columns["who"] = _people(columns["dataset"], columns["subject"])
    for column in ("fold", "who"):
        columns[column] = columns[column].set_categories(natsorted(columns[column].categories))
    rows = pd.DataFrame(columns)
    of_a_sample = [column for column in rows.columns if column not in OF_A_PREDICTION]
    return Case(name, rows, rows.drop_duplicates(of_a_sample), facts or Facts(), root or Path())


def _categories(column: pd.Series[Any], known: tuple[str, ...] | None) -> pd.Categorical[Any]:
    texts = column.astype(object)
    texts = texts.where(texts.notna() & (texts != ""), None)
    values = texts.map(str, na_action="ignore")
    return pd.Categorical(values, categories=known)


def _people(dataset: pd.Categorical[Any], subject: pd.Categorical[Any]) -> pd.Categorical[Any]:
    """Dataset and subject in one; the subject alone where no dataset is named."""
    if not len(dataset.categories):
        return subject
    pair = (dataset.codes.astype(np.int64) + 1) * len(subject.categories) + subject.codes
    found, place = np.unique(pair, return_inverse=True)
    sets, people = np.divmod(found, len(subject.categories))
    names = [
        f"{dataset.categories[one - 1]}/{subject.categories[who]}" if one else str(subject.categories[who])
        for one, who in zip(sets, people, strict=True)
    ]
    return pd.Categorical(np.array(names, dtype=object)[place])


def codes(frame: pd.DataFrame, column: str) -> IntArray:
    """Category numbers (N,) of a column; -1 where a cell is empty."""
    return np.asarray(frame[column].cat.codes, dtype=np.int64)


def names(frame: pd.DataFrame, column: str) -> list[str]:
    """The texts that the category numbers of a column stand for."""
    return [str(each) for each in frame[column].cat.categories]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Samples counted by fold and by what they share: ``fold`` (G,), ``key`` (G,), ``counts`` (G, 3) by side."""

    fold: IntArray
    key: IntArray
    counts: IntArray

    def where(self, keep: BoolArray) -> Groups:
        """Some of the groups."""
        return Groups(self.fold[keep], self.key[keep], self.counts[keep])

    def on_both_sides(self) -> Groups:
        """Those with a sample to test on and one to train or validate on."""
        trained = self.counts[:, TRAIN] + self.counts[:, VALIDATION]
        return self.where((self.counts[:, TEST] > 0) & (trained > 0))


def groups(frame: pd.DataFrame, keys: IntArray) -> Groups:
    """Members counted by fold and key, in the order of both; keys below 0 are left out."""
    kept = keys >= 0
    key = keys[kept].astype(np.int64)
    fold, side = codes(frame, "fold")[kept], codes(frame, "split")[kept]
    many = int(key.max(initial=0)) + 1
    found, place = np.unique((fold + 1) * many + key, return_inverse=True)
    counts = np.bincount(place * 3 + side, minlength=3 * len(found)).reshape(-1, 3)
    return Groups(found // many - 1, found % many, counts)


def fold_words(case: Case, fold: int) -> str:
    """``fold 3: ``, or nothing where there is one fold without a name."""
    if fold < 0:
        return ""
    name = str(case.rows["fold"].cat.categories[fold])
    return f"{name}: " if name.lower().startswith("fold") else f"fold {name}: "


def sides_words(counts: IntArray) -> str:
    """How many samples are on which side.

    >>> sides_words(np.array([3, 0, 2]))
    '3 to train on, 2 to test on'
    """
    words = ("to train on", "to validate on", "to test on")
    return ", ".join(f"{number:,} {word}" for number, word in zip(counts, words, strict=True) if number)

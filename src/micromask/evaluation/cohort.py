"""A cohort: how often each emotion was shown, by recording, participant and group, and between groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any, Literal

import numpy as np

from micromask import __version__
from micromask.core.errors import BadInputError
from micromask.core.types import FloatArray, IntArray
from micromask.evaluation.cohort_words import cautions_of, difference_words, headline, unlike
from micromask.evaluation.comparisons import holm
from micromask.evaluation.pairs import LEVEL
from micromask.evaluation.rates import LEAST_PEOPLE, RateDifference, exact_rate, group_rate, rate_difference
from micromask.evaluation.watched import Watched

FORMAT = "micromask-cohort/1"
UNKNOWN = "not recognised"
"""The emotion of an expression that nobody and nothing named."""

Which = Literal["all", "micro", "macro"]


def cohort(recordings: Sequence[Watched], which: Which = "all") -> dict[str, Any]:
    """Expressions per minute by emotion, for every recording, participant and group, and between groups.

    Parameters
    ----------
    recordings : sequence of Watched
        Names must differ.
    which : 'all', 'micro' or 'macro'
        Which expressions are counted.

    Returns
    -------
    dict
        Ready for ``json.dumps(..., allow_nan=False)``. ``emotions``: None first, which stands for all of them together.
        ``recordings``, ``participants`` and ``groups`` have ``rates`` in the same order: exact Poisson intervals for
        the first two, a bootstrap over participants for the last (`rates`). ``differences``: a row for every two groups
        and emotion; each p is corrected by Holm over all rows, and ``higher`` names a group only where the corrected p
        is below 0.05. ``words``: what can be told, in a sentence. ``cautions``: what one has to know before.

    Raises
    ------
    BadInputError
        If there is no recording, or two have one name.
    """
    names = [each.recording for each in recordings]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if not names or twice:
        got = f"{twice[0]!r} twice" if twice else "none"
        raise BadInputError(f"a cohort needs recordings, each under a name of its own; got {got}")
    counts = {each.recording: Counter(_emotions(each, which)) for each in recordings}
    emotions: list[str | None] = [None, *sorted({name for found in counts.values() for name in found})]
    people = _people(recordings)
    groups = _groups(people)
    tables = {name: _table(own, people, counts, emotions) for name, own in groups.items()}
    differences = _differences(groups, people, tables, emotions)
    return {
        "format": FORMAT,
        "version": __version__,
        "which": which,
        "emotions": emotions,
        "least_people": LEAST_PEOPLE,
        "recordings": [
            {
                "recording": each.recording,
                "participant": each.participant,
                "group": each.group,
                "rates": _exact([each], counts, emotions),
            }
            for each in recordings
        ],
        "participants": [
            {"participant": who, "group": group, "recordings": len(own), "rates": _exact(own, counts, emotions)}
            for (who, group), own in people.items()
        ],
        "groups": [
            {
                "group": name,
                "participants": len(own),
                "recordings": sum(len(people[each]) for each in own),
                "rates": [
                    {"emotion": emotion, **asdict(group_rate(tables[name][0][:, column], tables[name][1]))}
                    for column, emotion in enumerate(emotions)
                ],
            }
            for name, own in groups.items()
        ],
        "differences": differences,
        "words": headline(differences, groups, recordings),
        "cautions": cautions_of(
            recordings, groups, {name: seconds for name, (_, seconds) in tables.items()}, differences
        ),
    }


def _emotions(recording: Watched, which: Which) -> list[str]:
    return [emotion or UNKNOWN for kind, emotion in recording.shown if which in ("all", kind)]


def _people(recordings: Sequence[Watched]) -> dict[tuple[str, str], list[Watched]]:
    """The recordings of each participant in each group, in the order of their names; of nobody are left out."""
    found: dict[tuple[str, str], list[Watched]] = {}
    for each in sorted(recordings, key=lambda one: (one.group, one.participant)):
        if each.participant:
            found.setdefault((each.participant, each.group), []).append(each)
    return found


def _groups(people: Iterable[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Who is in each group; whoever is in none comes last, under ''."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in sorted(people, key=lambda who: (not who[1], who[1], who[0])):
        found.setdefault(each[1], []).append(each)
    return found


def _row(own: Sequence[Watched], counts: Mapping[str, Counter[str]], emotions: Sequence[str | None]) -> list[int]:
    total = sum((counts[each.recording] for each in own), Counter[str]())
    return [total.total() if emotion is None else total[emotion] for emotion in emotions]


def _exact(
    own: Sequence[Watched], counts: Mapping[str, Counter[str]], emotions: Sequence[str | None]
) -> list[dict[str, Any]]:
    seconds = sum(each.seconds for each in own)
    numbers = zip(emotions, _row(own, counts, emotions), strict=True)
    return [{"emotion": emotion, **asdict(exact_rate(number, seconds))} for emotion, number in numbers]


def _table(
    own: Sequence[tuple[str, str]],
    people: Mapping[tuple[str, str], Sequence[Watched]],
    counts: Mapping[str, Counter[str]],
    emotions: Sequence[str | None],
) -> tuple[IntArray, FloatArray]:
    """Counts (P, E) and seconds (P,) of a group's participants."""
    rows = [_row(people[who], counts, emotions) for who in own]
    seconds = [sum(each.seconds for each in people[who]) for who in own]
    return np.array(rows, np.int64), np.array(seconds)


def _not_comparable(
    first: Sequence[tuple[str, str]],
    second: Sequence[tuple[str, str]],
    people: Mapping[tuple[str, str], Sequence[Watched]],
) -> str:
    """Why two groups' rates must not be compared; '' where they can."""
    both = sorted({who for who, _ in first} & {who for who, _ in second})
    if both:
        named = f"{both[0]} and {len(both) - 1} more" if len(both) > 1 else both[0]
        return f"{named}: in both groups, and a difference is only told between different people"
    differ = unlike([each for who in (*first, *second) for each in people[who]])
    return f"not all recordings were analysed alike ({', '.join(differ)} differ)" if differ else ""


def _differences(
    groups: Mapping[str, Sequence[tuple[str, str]]],
    people: Mapping[tuple[str, str], Sequence[Watched]],
    tables: Mapping[str, tuple[IntArray, FloatArray]],
    emotions: Sequence[str | None],
) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for first, second in combinations([name for name in groups if name], 2):
        why = _not_comparable(groups[first], groups[second], people)
        for column, emotion in enumerate(emotions):
            row: dict[str, Any] = {"first": first, "second": second, "emotion": emotion}
            sides = [(tables[name][0][:, column], tables[name][1]) for name in (first, second)]
            row |= asdict(RateDifference(None, why=why) if why else rate_difference(*sides))
            made.append({**row, "p_holm": None, "higher": None})
    told = [row for row in made if row["p"] is not None]
    for row, p in zip(told, holm([row["p"] for row in told]), strict=True):
        row["p_holm"] = p
        if p < LEVEL:
            row["higher"] = row["first"] if row["value"] > 0 else row["second"]
    for row in made:
        row["words"] = difference_words(row)
    return made

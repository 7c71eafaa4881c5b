"""A cohort in words: what can be told between its groups, and what one has to know before believing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from micromask.core.types import FloatArray
from micromask.evaluation.pairs import LEVEL
from micromask.evaluation.rates import LEAST_PEOPLE
from micromask.evaluation.watched import Watched


def difference_words(row: Mapping[str, Any]) -> str:
    """One difference in a sentence."""
    what = f"{row['emotion'] or 'all emotions'}, {row['first']} less {row['second']}"
    if row["p"] is None:
        return f"{what}: {row['why']}"
    low, high = row["interval"]
    figures = f"{row['value']:+.2f} per minute (95 % {low:+.2f} to {high:+.2f}; p {_p(row['p_holm'])})"
    verdict = f"higher in {row['higher']}" if row["higher"] else "no difference can be told"
    return f"{what}: {verdict}: {figures}"


def headline(
    differences: Sequence[Mapping[str, Any]], groups: Mapping[str, Sequence[Any]], recordings: Sequence[Watched]
) -> str:
    """The whole in a sentence: which emotions are told to be more frequent where, or how much was watched."""
    named = [name for name in groups if name]
    higher = [f"{row['emotion'] or 'all emotions together'} in {row['higher']}" for row in differences if row["higher"]]
    if higher:
        return f"More often: {'; '.join(higher)}"
    if any(row["p"] is not None for row in differences):
        return f"No difference can be told between {' and '.join(named) if len(named) == 2 else 'the groups'}"
    minutes = sum(each.seconds for each in recordings) / 60
    people = len({who for own in groups.values() for who, _ in own})
    of = f" of {people} participant{'' if people == 1 else 's'}" if people else ""
    return f"How often each emotion was shown, in {minutes:.1f} minutes{of}"


def cautions_of(
    recordings: Sequence[Watched],
    groups: Mapping[str, Sequence[tuple[str, str]]],
    seconds: Mapping[str, FloatArray],
    differences: Sequence[Mapping[str, Any]],
) -> list[str]:
    """What one has to know before believing the table, a sentence each.

    ``seconds`` (P,) of each group are its participants', in the order of ``groups``.
    """
    said = []
    differ = unlike(recordings)
    if differ:
        said.append(
            f"Not all recordings were analysed alike ({', '.join(differ)} differ): their rates cannot be compared."
        )
    checked = sum(each.corrected for each in recordings)
    if 0 < checked < len(recordings):
        said.append(
            f"People corrected {checked} of {len(recordings)} recordings; in the others what counts is what was found."
        )
    nobody = [each.recording for each in recordings if not each.participant]
    if nobody:
        said.append(f"Without a participant, so in no group's figures: {_some(nobody)}.")
    unseen = [each.recording for each in recordings if not each.seconds > 0]
    if unseen:
        said.append(f"No face was seen, so there is no rate: {_some(unseen)}.")
    several = [each.recording for each in recordings if each.faces > 1]
    if several:
        said.append(f"Several faces count as one participant, with the time of all of them: {_some(several)}.")
    for name, own in groups.items():
        title = f"Group {name!r}" if name else "Who is in no group"
        if name and len(own) < LEAST_PEOPLE:
            said.append(f"{title} has {len(own)} of the {LEAST_PEOPLE} participants that an interval needs at least.")
        lasts = seconds[name]
        if len(own) > 1 and lasts.max() > lasts.sum() / 2:
            who = own[int(lasts.argmax())][0]
            share = 100 * float(lasts.max() / lasts.sum())
            said.append(f"{title}: {who} has {share:.0f} % of its minutes, so its rate is mostly that of one person.")
    tests = [row for row in differences if row["p"] is not None]
    if tests and not any(row["least_p"] * len(tests) < LEVEL for row in tests):
        said.append(
            f"So few participants cannot part the groups in {len(tests)} comparisons, however different they are."
        )
    return said


def unlike(recordings: Sequence[Watched]) -> list[str]:
    """In what the ways differ in which recordings were analysed; empty where they are one."""
    keys = {key for each in recordings for key in each.how}
    return sorted(key for key in keys if len({each.how.get(key) for each in recordings}) > 1)


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _some(names: Sequence[str], most: int = 5) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")

"""A report with what people said about its intervals: the machine's page as it was, and their words in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from micromask.core.errors import BadInputError
from micromask.core.opinions import CorrectedInterval, MarkedInterval, Opinion, Verdict
from micromask.core.types import MaskedInterval
from micromask.reports.axes import KIND_COLOURS
from micromask.reports.fill import fill_template
from micromask.reports.masked import UPPER_WORDS
from micromask.reports.words import count

VERDICT_WORDS: dict[Verdict, str] = {
    "accept": "accepted",
    "reject": "rejected",
    "correct": "corrected",
    "add": "added",
}
BEFORE = '<div id="results" tabindex="-1">'
"""The section goes before this of a report."""

_CARD = re.compile(r'<article class="card [^"]*" id="((?:expression|masked)-\d+)"[^>]*>\s*<header>')


@dataclass(frozen=True, slots=True)
class Row:
    """One interval as the section shows it: its name, the machine's words, each author's, and what stands.

    ``card`` is the id of its card on the page, empty where it has none.
    """

    name: str
    card: str
    machine: str
    said: tuple[tuple[str, str, str], ...]
    stands: str
    counts: bool
    disputed: bool


def corrected_report(html: str, corrected: Sequence[CorrectedInterval]) -> str:
    """The report of a run with a section of its own for corrections, and each card marked that was spoken about.

    What the machine found stays on the page as it was. A report about which nobody said anything is returned as it is.

    Parameters
    ----------
    html : str
        A report.html of `write_report`.
    corrected : sequence of CorrectedInterval
        Of the same results.

    Raises
    ------
    BadInputError
        If the page is no report of this version.
    """
    if not any(one.opinions for one in corrected):
        return html
    if html.count(BEFORE) != 1:
        raise BadInputError("the report of this recording was made by another version: analyse the recording again")
    rows = [_row(one) for one in corrected]
    spoken = {row.card: row for row in rows if row.card and row.said}
    section = fill_template(
        "corrected.html.j2",
        rows=rows,
        verdict=_verdict(corrected),
        authors=sorted({name for one in corrected for name in one.by}, key=str.casefold),
        faces=len({one.face for one in corrected}) > 1,
        kind_colours=KIND_COLOURS,
    )

    def marked(found: re.Match[str]) -> str:
        row = spoken.get(found[1])
        return found[0] if row is None else f"{found[0]}\n{fill_template('corrected_card.html.j2', row=row)}"

    before, after = html.split(BEFORE)
    return f"{before}{section}\n{BEFORE}{_CARD.sub(marked, after)}"


def interval_words(one: MarkedInterval, words: str = "") -> str:
    """An interval in one line; ``words`` stand in the place of its emotion.

    >>> interval_words(MarkedInterval(0, 30, 35, 44, 1.2, 1.4, 1.76, "micro", "fear"))
    'micro, fear: 1.200 – 1.400 – 1.760 s, frames 30 – 35 – 44'
    """
    return (
        f"{one.kind}, {words or one.emotion_words}: {one.onset_s:.3f} – {one.apex_s:.3f} – {one.offset_s:.3f} s, "
        f"frames {one.onset} – {one.apex} – {one.offset}"
    )


def says_of(one: CorrectedInterval, interval: MarkedInterval) -> str:
    """What is said of an interval: its emotion; of a masked mark as the machine left it, what moved and what did not.

    ``interval`` is what stands of ``one``, what was seen, or what somebody says that it is.
    """
    if isinstance(one.machine, MaskedInterval) and interval == one.seen:
        return UPPER_WORDS[one.machine.upper]
    return interval.emotion_words


def _row(one: CorrectedInterval) -> Row:
    name, card = "added", ""
    if one.number is not None:
        mark = one.layer == "masked"
        name, card = (
            (f"M{one.number}", f"masked-{one.number}") if mark else (f"{one.number}", f"expression-{one.number}")
        )
    machine = interval_words(one.seen, says_of(one, one.seen)) if one.machine is not None else "nothing"
    if one.gone:
        name, machine = "gone", f"nothing any more; before: {interval_words(one.seen)}"
    said = tuple((opinion.author, _said(one, opinion), opinion.note) for opinion in one.opinions)
    stands = interval_words(one.stands, says_of(one, one.stands))
    return Row(name, card, machine, said, stands, one.counts, one.disputed)


def _said(one: CorrectedInterval, opinion: Opinion) -> str:
    words = VERDICT_WORDS[opinion.verdict]
    if opinion.interval is None or (opinion.verdict == "accept" and opinion.interval == one.seen):
        return words
    return f"{words} as {interval_words(opinion.interval)}"


def _verdict(corrected: Sequence[CorrectedInterval]) -> str:
    kinds = [one.kind for one in corrected if one.counts]
    found = [count(kinds.count(kind), f"{kind}-expression") for kind in ("micro", "macro") if kind in kinds]
    if "masked" in kinds:
        found.append(count(kinds.count("masked"), "masked expression"))
    return " and ".join([", ".join(found[:-1]), found[-1]] if found[1:] else found) or "no expression"

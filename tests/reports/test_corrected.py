from __future__ import annotations

from dataclasses import replace

import pytest

from micromask.core.errors import BadInputError
from micromask.core.opinions import CorrectedInterval, MarkedInterval, Opinion
from micromask.reports.corrected import corrected_report
from micromask.reports.page import report_html

DAY = "2026-01-01T00:00:00.000+00:00"


def interval(one, **changes):
    seconds = one.onset_s, one.apex_s, one.offset_s
    made = MarkedInterval(one.face, one.onset, one.apex, one.offset, *seconds, one.kind, one.emotion or "")
    return replace(made, **changes)


def untouched(number, one):
    return CorrectedInterval(f"m{number}", number, one, interval(one), (), interval(one), True)


@pytest.fixture
def said(analysis):
    """Kai rejects the first expression; Mia calls the second one fear; the rest nobody spoke about."""
    first, second, *rest = (untouched(number, one) for number, one in enumerate(analysis.expressions, 1))
    fear = replace(second.seen, emotion="fear <b>")
    return [
        replace(first, opinions=(Opinion("Kai", "reject", None, DAY, "a blink & no more"),), counts=False),
        replace(second, opinions=(Opinion("Mia", "correct", fear, DAY),), stands=fear),
        *rest,
    ]


def test_the_report_says_what_people_said_and_keeps_what_was_measured(analysis, said):
    before = report_html(analysis)
    after = corrected_report(before, said)
    assert "After corrections: 2 micro-expressions and 1 macro-expression" in after
    assert "<b>Kai</b> rejected<br><small>a blink &amp; no more</small>" in after
    assert "<b>Mia</b> corrected as micro, fear &lt;b&gt;:" in after
    assert "fear <b>" not in after
    cards = after.split("<article")[1:]
    assert ['class="said"' in card for card in cards] == [True, True, False, False]
    assert "does not count" in cards[0]
    assert "does not count" not in cards[1]
    # Nothing of the machine's page is lost: without what was put in, it is the page as it was.
    start, end = after.index('<section id="corrections"'), after.index('<div id="results"')
    lines = (after[:start] + after[end:]).splitlines()
    assert [line for line in lines if not line.startswith('<p class="said">')] == before.splitlines()


def test_a_report_that_nobody_spoke_about_is_as_it_was(analysis):
    before = report_html(analysis)
    nothing = [untouched(number, one) for number, one in enumerate(analysis.expressions, 1)]
    assert corrected_report(before, nothing) == before


def test_a_page_that_is_no_report_is_refused(said):
    with pytest.raises(BadInputError, match="made by another version: analyse the recording again"):
        corrected_report("<html></html>", said)

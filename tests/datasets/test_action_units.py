"""The grammar of action units: every published shape means what its sheet's legend says; no number is made up."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micromask.core.errors import BadInputError
from micromask.datasets.action_units import ActionUnits, Choice, Note, Unit, parse_action_units


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        # CASME II
        ("4", (Unit(4),)),
        ("4+7", (Unit(4), Unit(7))),
        ("L12", (Unit(12, "left"),)),
        ("4+L10", (Unit(4), Unit(10, "left"))),
        ("12+L14", (Unit(12), Unit(14, "left"))),
        ("?", (Note("?"),)),
        # SAMM
        ("R14A", (Unit(14, "right", intensity=("A", "A")),)),
        ("7C+A12B", (Unit(7, intensity=("C", "C")), Unit(12, asymmetric=True, intensity=("B", "B")))),
        ("T18+39", (Unit(18, "top"), Unit(39))),
        ("ref(10)", (Unit(10, state="reference"),)),
        ("(R6 or R12)+R15", (Choice(((Unit(6, "right"),), (Unit(12, "right"),))), Unit(15, "right"))),
        (
            "R14A or 17A or 24A",
            (
                Choice(
                    (
                        (Unit(14, "right", intensity=("A", "A")),),
                        (Unit(17, intensity=("A", "A")),),
                        (Unit(24, intensity=("A", "A")),),
                    )
                ),
            ),
        ),
        ("10A/B", (Unit(10, intensity=("A", "B")),)),
        ("4/7", (Choice(((Unit(4),), (Unit(7),))),)),
        ("10A/12", (Choice(((Unit(10, intensity=("A", "A")),), (Unit(12),))),)),
        ("L12 + 61", (Unit(12, "left"), Unit(61))),
        ("12+15 ", (Unit(12), Unit(15))),
        ("R14+17+soft focus", (Unit(14, "right"), Unit(17), Note("soft focus"))),
        # SAMM Long Videos
        ("4(B/C)+7B", (Unit(4, intensity=("B", "C")), Unit(7, intensity=("B", "B")))),
        (
            "6C/D+ref(7)12E+25",
            (
                Unit(6, intensity=("C", "D")),
                Unit(7, state="reference"),
                Unit(12, intensity=("E", "E")),
                Unit(25),
            ),
        ),
        (
            "(1B+2A)or(loses AU4)",
            (
                Choice(
                    (
                        (Unit(1, intensity=("B", "B")), Unit(2, intensity=("A", "A"))),
                        (Unit(4, state="lost"),),
                    )
                ),
            ),
        ),
        ("4+glare", (Unit(4), Note("glare"))),
        # CAS(ME)3
        ("L2", (Unit(2, "left"),)),
        ("26+25", (Unit(26), Unit(25))),
        ("T28+14", (Unit(28, "top"), Unit(14))),
        ("B23", (Unit(23, "bottom"),)),
        ("r18", (Unit(18, "right"),)),
        ("4，7, 12,", (Unit(4), Unit(7), Unit(12))),
        ("13?", (Unit(13, uncertain=True),)),
        # 4DME
        ("AU4(k)+L7", (Unit(4, state="kept"), Unit(7, "left"))),
        ("AU1+AU2", (Unit(1), Unit(2))),
        # further shapes that the legends allow
        ("U14", (Unit(14, "unilateral"),)),
        ("RA12", (Unit(12, "right", asymmetric=True),)),
        ("4+R14 or 17", (Unit(4), Choice(((Unit(14, "right"),), (Unit(17),))))),
        ("(6+12)?", (Unit(6, uncertain=True), Unit(12, uncertain=True))),
        ("4 glare", (Unit(4), Note("glare"))),
        ("", ()),
    ],
)
def test_a_published_shape_has_its_documented_meaning(text, parts):
    assert parse_action_units(text) == ActionUnits(text, parts)


def test_the_letter_a_is_a_prefix_where_the_corpus_says_so():
    assert parse_action_units("A4, A12", letter_a="unit").parts == (Unit(4), Unit(12))
    assert parse_action_units("A4, A12").parts == (Unit(4, asymmetric=True), Unit(12, asymmetric=True))


def test_kept_lost_and_reference_units_are_units_but_did_not_move():
    coding = parse_action_units("AU4(k)+L7+ref(10)+loses 12")
    assert [unit.number for unit in coding.units] == [4, 7, 10, 12]
    assert coding.numbers == {7}


def test_certain_units_are_those_of_every_reading():
    coding = parse_action_units("4+13?+((6+12) or (12+25))")
    assert coding.numbers == {4, 6, 12, 13, 25}
    assert coding.certain == {4, 12}


@pytest.mark.parametrize(
    "text",
    ["141724", "712E", "4 7", "4.5", "4²", "12 to 15", "LR12", "AA12", "4-7", "(4", "4)", "L", "AU", "or", "4 or", "4F",
     "xyz7", "ref 7", "(" * 40 + "4" + ")" * 40, "-1", "4 glare 7", "L/R12"],
)  # fmt: skip
def test_what_is_no_coding_is_kept_as_text_and_gives_no_number(text):
    coding = parse_action_units(text)
    assert coding.numbers == frozenset()
    assert coding.raw == text
    assert coding.unparsed == (text,)


def test_one_unreadable_chunk_does_not_hide_the_others():
    coding = parse_action_units("4+141724+(R6 or R12)")
    assert coding.numbers == {4, 6, 12}
    assert coding.unparsed == ("141724",)


def test_a_strict_reader_names_the_chunk_that_it_cannot_read():
    with pytest.raises(BadInputError, match=r"'4\+141724': cannot read '141724'; wanted units such as"):
        parse_action_units("4+141724", strict=True)
    assert parse_action_units("4+soft focus", strict=True).numbers == {4}


numbers = st.integers(1, 99)
blanks = st.sampled_from(["", "", " "])
grades = st.sampled_from("ABCDE")
marks = st.sampled_from(["", "", "L", "R", "T", "B", "U", "A", "RA", "l", "AU", "AU ", "AUL", "R AU"])
intensities = st.one_of(
    st.just(""),
    grades,
    st.builds("{}/{}".format, grades, grades),
    st.builds("({}/{})".format, grades, grades),
    st.builds("({})".format, grades),
)


@st.composite
def units(draw):
    """(text, numbers that moved, numbers that moved for certain) of one unit."""
    number = draw(numbers)
    after = draw(st.sampled_from(["", "", "", "?", "(?)", "(k)"]))
    text = f"{draw(marks)}{number}{draw(intensities)}{after}"
    moved = frozenset() if after == "(k)" else frozenset({number})
    return text, moved, frozenset() if after else moved


@st.composite
def references(draw):
    named = "+".join(str(number) for number in draw(st.lists(numbers, min_size=1, max_size=2)))
    text, moved, certain = draw(st.one_of(st.just(("", frozenset(), frozenset())), units()))
    return f"ref({named}){text}", moved, certain


@st.composite
def losses(draw):
    return f"loses {draw(st.sampled_from(['', 'AU']))}{draw(numbers)}", frozenset(), frozenset()


words = st.sampled_from(["soft focus", "glare", "?", "eyes closed"]).map(lambda word: (word, frozenset(), frozenset()))


def sums(inner):
    @st.composite
    def build(draw):
        items = draw(st.lists(inner, min_size=1, max_size=3))
        joiner = draw(st.sampled_from(["+", " + ", ",", ", ", "，", ";"]))
        text = joiner.join(item[0] for item in items)
        return f"({text})", frozenset().union(*(i[1] for i in items)), frozenset().union(*(i[2] for i in items))

    return build()


def choices(inner):
    @st.composite
    def build(draw):
        items = draw(st.lists(inner, min_size=2, max_size=3))
        text = draw(st.sampled_from([" or ", "/", " OR ", " / "])).join(item[0] for item in items)
        return f"({text})", frozenset().union(*(i[1] for i in items)), frozenset.intersection(*(i[2] for i in items))

    return build()


leaves = st.one_of(units(), units(), references(), losses(), words)
codings = st.lists(
    st.recursive(leaves, lambda inner: st.one_of(sums(inner), choices(inner)), max_leaves=5), min_size=1, max_size=4
)


@settings(deadline=None)
@given(codings, st.sampled_from(["+", " + ", ",", "，", "、", ";"]), st.sampled_from(["", " ", ","]))
def test_the_set_of_numbers_survives_writing_and_reading(items, joiner, tail):
    text = joiner.join(item[0] for item in items) + tail
    coding = parse_action_units(text)
    assert coding.unparsed == ()
    assert coding.raw == text
    assert coding.numbers == frozenset().union(*(item[1] for item in items))
    assert coding.certain == frozenset().union(*(item[2] for item in items))


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789LRTBUAECk()+,/? orefls?，-²٣"), max_size=24))
def test_no_text_gives_a_number_that_does_not_stand_in_it(text):
    coding = parse_action_units(text)
    standing = {int(run) for run in re.findall(r"(?<![0-9])[0-9]{1,2}(?![0-9])", text)}
    assert {unit.number for unit in coding.units} <= standing


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_either_read_or_said_to_be_unread(text):
    coding = parse_action_units(text)
    assert coding.raw == text
    if re.search(r"[0-9]", text):
        assert coding.units or coding.unparsed

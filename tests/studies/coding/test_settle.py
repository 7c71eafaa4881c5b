from __future__ import annotations

import pytest

from micromask.core.errors import BadInputError
from micromask.studies.coded_units import read_units
from micromask.studies.coding import add_coder, labels_of
from micromask.studies.labels import CANNOT_TELL, NONE
from micromask.studies.settle import SettledNow, settle, settle_by_rule, settled, undo_settling


@pytest.fixture
def three(case):
    """Four frames of P01: agreed, two against one, one coder only, all different."""
    for name in ("ann", "ben", "cem"):
        add_coder(case.folder, name)
    for coder, emotions in {
        "ann": ["sad", "sad", "sad", "sad"],
        "ben": ["sad", "sad", None, "anger"],
        "cem": ["sad", NONE, None, NONE],
    }.items():
        for number, emotion in enumerate(emotions):
            if emotion is not None:
                case.code(coder, 1, number, emotion)
    return case


def ways(case) -> dict[int, tuple[str, str, str]]:
    return {row.number: (row.emotion, row.how, row.by) for row in settled(case.folder)}


def test_only_what_all_agree_on_is_settled_unless_more_is_asked_for(three):
    assert settle_by_rule(three.folder, "ann") == SettledNow(1, 0, 0, changed=1, left=3, step=1)
    assert ways(three) == {0: ("sad", "agreed", "ann, ben, cem")}
    assert settle_by_rule(three.folder, "ann", majority=True).majority == 1
    assert settle_by_rule(three.folder, "ann", majority=True, one_coder=True).left == 1
    assert ways(three) == {
        0: ("sad", "agreed", "ann, ben, cem"),
        1: ("sad", "majority", "ann, ben"),
        2: ("sad", "one coder", "ann"),
    }


def test_settling_again_changes_nothing_and_is_no_step(three):
    settle_by_rule(three.folder, "ann")
    before = settled(three.folder)
    assert settle_by_rule(three.folder, "ann") == SettledNow(1, 0, 0, changed=0, left=3, step=None)
    assert settled(three.folder) == before


def test_who_cannot_tell_neither_agrees_nor_is_outvoted_silently(three):
    three.code("cem", 1, 0, CANNOT_TELL)
    three.code("ben", 1, 1, CANNOT_TELL)
    assert settle_by_rule(three.folder, "ann", majority=True).agreed == 0
    assert ways(three) == {0: ("sad", "majority", "ann, ben")}


def test_what_all_could_not_tell_is_left(case):
    for name in ("ann", "ben"):
        add_coder(case.folder, name)
        case.code(name, 1, 0, CANNOT_TELL)
    assert settle_by_rule(case.folder, "ann", majority=True).left == 1
    assert settled(case.folder) == ()


def test_no_expression_is_settled_as_an_empty_emotion(case):
    for name in ("ann", "ben"):
        add_coder(case.folder, name)
        case.code(name, 1, 0, NONE)
    settle_by_rule(case.folder, "ann")
    assert ways(case) == {0: ("", "agreed", "ann, ben")}


def test_labels_that_changed_since_are_settled_anew_but_not_what_people_settled(three):
    settle_by_rule(three.folder, "ann", majority=True)
    settle(three.folder, three.design, 1, 3, "micro", "anger", how="discussion", by="ann, ben, cem")
    for coder in ("ann", "ben", "cem"):
        three.code(coder, 1, 3, "sad")
    three.code("cem", 1, 0, "anger")
    three.code("ben", 1, 1, "anger")
    settle_by_rule(three.folder, "ann")
    assert ways(three) == {3: ("anger", "discussion", "ann, ben, cem")}


def test_discussion_and_a_third_coder_are_named_and_labels_stay_as_they_were(three):
    before = [labels_of(three.folder, name, 1) for name in ("ann", "ben", "cem")]
    settle_by_rule(three.folder, "ann", majority=True)
    settle(three.folder, three.design, 1, 3, "micro", NONE, how="discussion", by=" ann  and ben ")
    told = settle(
        three.folder, three.design, 1, 1, "micro", "anger", how="third coder", by="cem", action_units="7, L4B"
    )
    assert (told.how, told.by, told.action_units) == ("third coder", "cem", "L4B+7")
    assert ways(three)[3] == ("", "discussion", "ann and ben")
    assert settled(three.folder)[1] == told
    assert [labels_of(three.folder, name, 1) for name in ("ann", "ben", "cem")] == before


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"emotion": "joy"}, "'joy' is no micro label"),
        ({"emotion": CANNOT_TELL}, "'cannot tell' is no micro label"),
        ({"kind": "masked"}, "'sad' is no masked label"),
        ({"number": 9}, "no kept frame 9"),
        ({"recording": 9}, "no recording 9"),
        ({"how": "agreed"}, "by discussion or by a third coder, got 'agreed'"),
        ({"how": "third coder", "by": "zoe"}, "no coder 'zoe'"),
        ({"by": "  "}, "say who settles it"),
        ({"action_units": "laughs"}, "such as 4, L12B"),
    ],
)
def test_what_cannot_be_settled_is_refused(three, changed, why):
    told = {"recording": 1, "number": 3, "kind": "micro", "emotion": "sad", "how": "discussion", "by": "ann"} | changed
    with pytest.raises(BadInputError, match=why):
        settle(three.folder, three.design, **told)
    assert settled(three.folder) == ()


def test_a_step_is_undone_at_once_and_gives_back_what_was_there(three):
    settle_by_rule(three.folder, "ann")
    settle(three.folder, three.design, 1, 0, "micro", "anger", how="discussion", by="ben")
    settle_by_rule(three.folder, "ann", majority=True, one_coder=True)
    assert undo_settling(three.folder, "ann") == 2
    assert ways(three) == {0: ("anger", "discussion", "ben")}
    assert undo_settling(three.folder, "ben") == 1
    assert ways(three) == {0: ("sad", "agreed", "ann, ben, cem")}
    assert undo_settling(three.folder, "ann") == 1
    assert settled(three.folder) == ()
    with pytest.raises(BadInputError, match="ann has settled nothing that can be undone"):
        undo_settling(three.folder, "ann")


def test_undo_does_not_run_over_what_somebody_else_settled_since(three):
    settle_by_rule(three.folder, "ann")
    settle(three.folder, three.design, 1, 0, "micro", "anger", how="discussion", by="ben")
    with pytest.raises(BadInputError, match="frame 0 of recording 1 was settled anew by ben since"):
        undo_settling(three.folder, "ann")
    assert ways(three) == {0: ("anger", "discussion", "ben")}


def test_action_units_in_common_are_settled_with_what_coders_agree_on(case):
    for name, units in {"ann": "1, L4B, 12C, 6", "ben": "1, R4B, 12D, 9", "cem": "1, 4, 12, 9"}.items():
        add_coder(case.folder, name)
        case.code(name, 1, 0, "sad", action_units=read_units(units))
    settle_by_rule(case.folder, "ann")
    assert settled(case.folder)[0].action_units == "1+4+12"


def test_kinds_are_settled_apart_and_can_be_asked_for(case):
    for name in ("ann", "ben"):
        add_coder(case.folder, name)
        case.code(name, 1, 0, "sad")
        case.code(name, 1, 0, "happy_but_sad", "masked")
    settle_by_rule(case.folder, "ann")
    assert [row.emotion for row in settled(case.folder, "masked")] == ["happy_but_sad"]
    assert len(settled(case.folder)) == 2

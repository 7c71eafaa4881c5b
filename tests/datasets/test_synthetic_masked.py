"""The planted smiles: what moves in each, and what does not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.synthetic import Script, expression_field, inter_ocular_px, landmarks_px
from micromask.datasets.synthetic.masked import SMILES, smile, smiles_script, speech

OUTER_CORNER, LOWER_LID = 36, 41


def field(upper: str, subject: int = 0) -> tuple[np.ndarray, np.ndarray, float]:
    script = Script(4, 30, expressions=(smile(upper, 1.0, strength=0.06),), subject=subject)
    return expression_field(script, 1.5), landmarks_px(script), inter_ocular_px(script)


def near(found: np.ndarray, place: np.ndarray) -> np.ndarray:
    x, y = place.round().astype(int)
    return found[:, y, x]


@pytest.mark.parametrize("subject", [0, 4])
@pytest.mark.parametrize("upper", list(SMILES))
def test_the_corners_of_the_mouth_go_out_and_up_in_every_smile(upper, subject):
    found, marks, unit = field(upper, subject)
    for corner, outward in ((48, -1), (54, 1)):
        right, down = near(found, marks[corner]) / unit
        assert outward * right > 0.03
        assert down < -0.02


@pytest.mark.parametrize("subject", [0, 4])
def test_the_skin_below_and_beside_the_eye_gathers_in_a_whole_smile_and_hardly_in_any_other(subject):
    below, beside = {}, {}
    for upper in SMILES:
        found, marks, unit = field(upper, subject)
        below[upper] = -near(found, marks[LOWER_LID] + [0, 0.2 * unit])[1] / unit
        beside[upper] = near(found, marks[OUTER_CORNER] - [0.18 * unit, 0])[0] / unit
    assert below["smiles"] > 0.02
    assert beside["smiles"] > 0.015
    assert max(below[upper] for upper in SMILES if upper != "smiles") < 0.4 * below["smiles"]
    assert max(abs(beside[upper]) for upper in SMILES if upper != "smiles") < 0.1 * beside["smiles"]


def test_brows_go_down_go_up_or_stay():
    moved = {}
    for upper in SMILES:
        found, marks, unit = field(upper)
        moved[upper] = near(found, marks[20:22].mean(0))[1] / unit
    assert moved["brows-lowered"] > 0.02
    assert moved["inner-brows-raised"] < -0.02
    assert moved["still"] == pytest.approx(0, abs=0.003)
    assert moved["smiles"] == pytest.approx(0, abs=0.003)


def test_a_smile_that_is_not_known_is_answered_with_those_that_are():
    with pytest.raises(BadInputError, match="no smile 'stil'; did you mean 'still'"):
        smile("stil", 1.0)
    with pytest.raises(BadInputError, match="amplitude must be above 0 and at most"):
        smile("still", 1.0, strength=0.5)


def test_speech_has_syllables_that_follow_each_other_and_is_the_same_again():
    said = speech(2.0, 4.0, seed=3)
    assert said == speech(2.0, 4.0, seed=3)
    assert said != speech(2.0, 4.0, seed=4)
    assert len(said) >= 7
    assert all(one.emotion == "speech" and 0.15 <= one.offset_s - one.onset_s <= 0.3 + 1e-9 for one in said)
    assert said[0].onset_s == 2.0
    assert said[-1].offset_s < 4.05
    assert not {"lip_corner_puller", "cheek_raiser"} & {name for one in said for name, _ in one.actions}


def test_a_script_has_every_smile_once_apart_from_the_others_and_then_speech():
    script = smiles_script(3, seed=2, sway=0.02, turn=5)
    names = [one.emotion for one in script.expressions]
    assert sorted(names[:4]) == sorted(name for name, _ in SMILES.values())
    assert set(names[4:]) == {"speech"}
    ends = [(one.onset_s, one.offset_s) for one in script.expressions[:4]]
    assert all(first[1] + 0.5 < second[0] for first, second in pairwise(ends))
    assert [each.kind for each in script.head] == ["sway", *["yaw"] * 4]
    assert [each.amount for each in script.head] == [0.02, 5, 5, 5, 5]
    assert smiles_script(3, seed=2).head == ()
    assert script == smiles_script(3, seed=2, sway=0.02, turn=5)
    orders = {tuple(one.emotion for one in smiles_script(who).expressions[:4]) for who in range(8)}
    assert len(orders) > 2

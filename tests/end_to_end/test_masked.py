"""Planted smiles from film to mark: the mouth alone, the whole face, the brows against it, and a mouth that talks."""

from __future__ import annotations

from pathlib import Path

import pytest

from micromask.core.types import MaskedInterval
from micromask.datasets.synthetic import Script, write
from micromask.datasets.synthetic.masked import SMILES, smiles_script
from micromask.inference.analyze import Settings, analyze

WANTED = {"mouth smiles alone": "still", "happy_but_angry": "brows-lowered", "happy_but_sad": "inner-brows-raised"}


def marks_of(script: Script, folder: Path) -> tuple[MaskedInterval, ...]:
    write(script, folder / "film.mp4")
    marks = analyze(folder / "film.mp4", Settings(recognise=False, masked=True)).masked
    assert marks is not None
    return marks


@pytest.mark.slow
@pytest.mark.parametrize(
    ("subject", "condition"),
    [
        pytest.param(21, {}, id="still head"),
        pytest.param(22, {"sway": 0.05}, id="the head wanders"),
        pytest.param(23, {"lasts_s": 0.42, "strength": 0.05}, id="micro"),
        pytest.param(24, {"strength": 0.1, "loud": 0.09}, id="strong, loud speech"),
    ],
)
def test_masked_smiles_are_marked_as_they_are_and_whole_smiles_and_speech_are_not(subject, condition, tmp_path):
    script = smiles_script(subject, seed=4, **condition)
    marks = marks_of(script, tmp_path)
    planted = [one for one in script.expressions if one.emotion in WANTED]
    assert len(planted) == len(SMILES) - 1
    right = 0
    for one in planted:
        own = [mark for mark in marks if mark.onset_s < one.offset_s and one.onset_s < mark.offset_s]
        right += [mark.upper for mark in own] == [WANTED[one.emotion]]
        assert len(own) <= 1
    assert right >= 2
    spans = [(one.onset_s, one.offset_s) for one in planted]
    assert all(any(start < mark.apex_s < end for start, end in spans) for mark in marks)

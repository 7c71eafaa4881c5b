"""The layout of MMED-FST: two invented people, both stimuli, micro and masked labels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

PEOPLE = "participant,gender,age\nP91,female,20\nP92,male,\n"
FRAMES = """\
participant,stimulus,frame,item,intended_emotion,micro_emotion,masked_expression,action_units
P91,questionnaire,30,Q7,anger,anger,,4
P91,questionnaire,31,Q7,anger,contempt,happy_but_angry,4+12
P91,images,3,I2,sad,sad,,1+4
P92,questionnaire,5,Q1,happiness,happiness,,12
P92,images,4,I2,sad,,happy_but_sad,1+12
P92,images,6,I5,disgust,disgust,,9
"""
KEPT = {
    ("P91", "questionnaire"): (29, 30, 31),
    ("P91", "images"): (0, 1, 2, 3),
    ("P92", "questionnaire"): (5,),
    ("P92", "images"): (4, 6),
}
"""Which frames of a session have a picture."""


def build(folder: Path) -> Path:
    """participants.csv, frames.csv and ten pictures; two sessions have gaps."""
    rng = np.random.default_rng(0)
    root = folder / "MMED-FST"
    for (person, stimulus), numbers in KEPT.items():
        place = root / "frames" / person / stimulus
        place.mkdir(parents=True)
        for number in numbers:
            cv2.imwrite(str(place / f"{number:04d}.png"), rng.integers(0, 255, (8, 8), dtype=np.uint8))
    (root / "participants.csv").write_text(PEOPLE, encoding="utf-8")
    (root / "frames.csv").write_text(FRAMES, encoding="utf-8")
    return root

"""What the live window shows: the frame with its faces marked, and the snapshots with what was read in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from micromask.core.types import Image
from micromask.inference.snapshot import SnapFace
from micromask.inference.stream import LiveState

SHOWN = 960
"""The window's picture is at most so many px wide."""

COLOURS = ((94, 200, 242), (255, 180, 84), (142, 224, 139), (255, 143, 163), (201, 167, 255), (255, 224, 102))
DARK, LIGHT = (20, 24, 29), (230, 234, 238)
FONT = cv2.FONT_HERSHEY_SIMPLEX

CARD_WIDTH, CROP, LINE, MOST_LINES = 260, 150, 20, 7


def draw_faces(picture: Image, state: LiveState) -> Image:
    """The picture (H, W, 3) RGB, at most `SHOWN` px wide, with a box around each face, its number, its emotion and how
    far it is from rest."""
    height, width = picture.shape[:2]
    scale = min(1.0, SHOWN / width)
    size = (round(width * scale), round(height * scale))
    drawn = np.ascontiguousarray(
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if scale < 1 else picture.copy()
    )
    for face in state.faces:
        x0, y0, x1, y1 = (round(side * scale) for side in face.box)
        colour = COLOURS[face.face % len(COLOURS)]
        cv2.rectangle(drawn, (x0, y0), (x1, y1), DARK, 4)
        cv2.rectangle(drawn, (x0, y0), (x1, y1), colour, 2)
        words = f"{face.face}{_top(face.emotions)}"
        if face.strength is not None:
            words += f"  {face.strength:.1f} %"
        (wide, high), _ = cv2.getTextSize(words, FONT, 0.5, 1)
        top = max(y0 - high - 10, 0)
        cv2.rectangle(drawn, (x0, top), (x0 + wide + 8, top + high + 8), DARK, -1)
        cv2.putText(drawn, words, (x0 + 4, top + high + 3), FONT, 0.5, colour, 1, cv2.LINE_AA)
    return np.asarray(drawn, dtype=np.uint8)


def draw_snapshot(faces: Sequence[SnapFace], height: int) -> Image:
    """The enhanced faces of a snapshot (height, 260, 3) RGB from left to right one below the other, as many as there is
    room for, each with what was done to it and the most probable classes."""
    strip = np.full((height, CARD_WIDTH, 3), DARK, np.uint8)
    if not faces:
        cv2.putText(strip, "no face in the snapshot", (12, 28), FONT, 0.5, LIGHT, 1, cv2.LINE_AA)
    top = 12
    for face in faces:
        lines = _lines(face)
        if top + CROP + LINE * (len(lines) + 1) > height:
            break
        strip[top : top + CROP, 12 : 12 + CROP] = cv2.resize(
            face.enhanced.picture, (CROP, CROP), interpolation=cv2.INTER_AREA
        )
        for number, line in enumerate(lines, start=1):
            at = (12, top + CROP + LINE * number - 4)
            cv2.putText(strip, line, at, FONT, 0.45, LIGHT, 1, cv2.LINE_AA)
        top += CROP + LINE * (len(lines) + 1)
    return strip


def _lines(face: SnapFace) -> list[str]:
    named = "face" if face.face is None else f"face {face.face}"
    lines = [f"{named}, {face.box[2] - face.box[0]:.0f} px wide", *(step for step in face.enhanced.steps[:2])]
    best = sorted(face.probabilities.items(), key=lambda one: -one[1])[: MOST_LINES - len(lines) - 1]
    lines += [f"{name} {chance:.2f}" for name, chance in best]
    if face.as_it_is:
        lines.append(f"as it is:{_top(face.as_it_is)}")
    if not face.probabilities:
        lines.append("no --model: no emotion")
    return lines


def _top(emotions: Mapping[str, float]) -> str:
    if not emotions:
        return ""
    name = max(emotions, key=emotions.__getitem__)
    return f"  {name} {emotions[name]:.2f}"

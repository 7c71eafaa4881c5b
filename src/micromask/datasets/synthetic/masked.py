"""Smiles with the upper face in it, without it and against it, and mouths that talk: what masked expressions are
measured on."""

from __future__ import annotations

import numpy as np

from micromask.core.registry import Registry
from micromask.datasets.synthetic.actions import MOST_AMPLITUDE
from micromask.datasets.synthetic.corpus import Actions
from micromask.datasets.synthetic.script import HeadMove, PlannedExpression, Script

SMILES: Registry[tuple[str, Actions]] = Registry("smile")
"""What the upper face does while the mouth smiles: the name of it, and actions with their share of the strength."""

for _upper, _smile in {
    "smiles": ("happiness", (("lip_corner_puller", 1.0), ("cheek_raiser", 0.6))),
    "still": ("mouth smiles alone", (("lip_corner_puller", 1.0),)),
    "brows-lowered": ("happy_but_angry", (("lip_corner_puller", 1.0), ("brow_lowerer", 0.6))),
    "inner-brows-raised": ("happy_but_sad", (("lip_corner_puller", 1.0), ("inner_brow_raiser", 0.6))),
}.items():
    SMILES.add(_upper)(_smile)

SYLLABLES: tuple[Actions, ...] = (
    (("jaw_drop", 1.0),),
    (("jaw_drop", 0.6), ("lip_stretcher", 0.7)),
    (("lip_pucker", 0.9),),
    (("jaw_drop", 0.7), ("lip_pucker", 0.6)),
    (("lip_tightener", 0.6),),
    (("upper_lip_raiser", 0.5), ("jaw_drop", 0.8)),
)
"""What a mouth does in speech, syllable by syllable: it opens, widens, rounds and closes."""


def smile(
    upper: str, onset_s: float, *, lasts_s: float = 1.2, strength: float = 0.06, share: float = 1.0
) -> PlannedExpression:
    """One smile.

    Parameters
    ----------
    upper : str
        What the upper face does; a name in ``SMILES``.
    onset_s, lasts_s : float
        When it begins and how long it takes. A third of that it rises, a sixth it stays.
    strength : float
        How far the corners of the mouth go at the apex, in distances between the eyes.
    share : float
        All that the upper face does times this.

    Examples
    --------
    >>> smile("brows-lowered", 2.0, strength=0.05).actions
    (('lip_corner_puller', 0.05), ('brow_lowerer', 0.03))
    """
    emotion, actions = SMILES[upper]
    (corners, first), *rest = actions
    moved = [(corners, first * strength), *((name, round(strength * share * each, 5)) for name, each in rest)]
    third = lasts_s / 3
    return PlannedExpression(
        onset_s, onset_s + third, onset_s + lasts_s, tuple(moved), emotion, hold_s=round(lasts_s / 6, 5)
    )


def speech(start_s: float, end_s: float, *, strength: float = 0.05, seed: int = 0) -> tuple[PlannedExpression, ...]:
    """The mouth talks: syllables of 0.15 to 0.3 s that run into each other, drawn from a seed."""
    rng = np.random.default_rng([seed, 9])
    said, at = [], start_s
    while at < end_s - 0.3:
        lasts = float(rng.uniform(0.15, 0.3))
        actions = SYLLABLES[int(rng.integers(len(SYLLABLES)))]
        loud = strength * float(rng.uniform(0.6, 1.4))
        moved = tuple((name, round(min(MOST_AMPLITUDE, loud * share), 5)) for name, share in actions)
        said.append(PlannedExpression(at, at + lasts / 2, at + lasts, moved, "speech"))
        at += float(rng.uniform(0.7, 1.0)) * lasts
    return tuple(said)


def smiles_script(
    subject: int,
    *,
    seconds_each: float = 3.0,
    fps: float = 30.0,
    size: int = 240,
    strength: float = 0.06,
    lasts_s: float = 1.2,
    share: float = 1.0,
    sway: float = 0.0,
    turn: float = 0.0,
    loud: float = 0.05,
    noise: float = 2.0,
    blinks: bool = True,
    seed: int = 0,
) -> Script:
    """One person smiles in each of the ways of ``SMILES``, in an order drawn from the seed, then talks for two seconds.

    Each smile is up to 20 % stronger or weaker, longer or shorter than asked for; people blink between their smiles.
    The head wanders by ``sway`` (distances between the eyes) and turns by ``turn`` degrees and back while each smile
    lasts; ``loud`` is how far the mouth moves in speech.
    """
    rng = np.random.default_rng([seed, subject, 10])
    order = [list(SMILES)[index] for index in rng.permutation(len(SMILES))]
    shown = []
    for number, upper in enumerate(order):
        strong, long = rng.uniform(0.8, 1.2, 2)
        onset = 1.2 + number * seconds_each
        shown.append(smile(upper, onset, lasts_s=lasts_s * float(long), strength=strength * float(strong), share=share))
    talks = 1.2 + len(order) * seconds_each
    said = speech(talks, talks + 2, strength=loud, seed=seed + subject)
    head = [HeadMove("sway", 0, talks + 3.2, sway)] if sway else []
    if turn:
        head += [HeadMove("yaw", one.onset_s - 0.6, one.offset_s + 0.6, turn) for one in shown]
    shut = tuple(0.7 + number * seconds_each for number in range(len(order))) if blinks else ()
    return Script(
        seconds=talks + 3.2,
        fps=fps,
        size=size,
        expressions=(*shown, *said),
        blinks=shut,
        head=tuple(head),
        noise=noise,
        subject=subject,
        seed=seed,
    )

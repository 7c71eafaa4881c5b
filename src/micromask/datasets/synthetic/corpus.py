"""A whole corpus of synthetic people: who shows what when, drawn from a seed, with every fact of it known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from micromask.core.clips import ClipKind
from micromask.core.errors import BadInputError
from micromask.core.registry import Registry
from micromask.datasets.synthetic.actions import ACTIONS
from micromask.datasets.synthetic.script import HeadMove, LightChange, PlannedExpression, Script

Actions = tuple[tuple[str, float], ...]

MOST_STRENGTH = 0.075
"""The strongest corpus: with the smile of a masked expression and the strongest person it stays below 0.15."""

SHORTEST_S, LONGEST_S = 0.25, 0.5
"""How long a micro-expression lasts, from its first movement to its last (s)."""

BLINK_S = 0.25

PEOPLE_PER_SEED = 1000


@dataclass(frozen=True, slots=True)
class Emotion:
    """How an emotion is shown: variants of actions with their share of the strength; what is shown over what is felt.

    One of the variants is drawn for each clip. ``shown`` and ``felt`` are set for a masked expression.
    """

    variants: tuple[Actions, ...]
    shown: str | None = None
    felt: str | None = None


EMOTIONS: Registry[Emotion] = Registry("synthetic emotion")
"""Emotions by their raw label. Action units after Ekman and Friesen's tables (EMFACS) as far as there are fields."""

_SMILE = ("lip_corner_puller", 1.5)

for _name, _emotion in {
    "happiness": Emotion(((("lip_corner_puller", 1.0),),)),
    "surprise": Emotion(((("inner_brow_raiser", 1.0), ("outer_brow_raiser", 1.0)),)),
    "disgust": Emotion(
        (
            (("nose_wrinkler", 1.0),),
            (("upper_lip_raiser", 1.0), ("brow_lowerer", 0.5)),
            (("nose_wrinkler", 0.8), ("upper_lip_raiser", 0.6)),
        )
    ),
    "anger": Emotion(
        ((("brow_lowerer", 1.0), ("lip_tightener", 0.8)), (("brow_lowerer", 1.0), ("lip_tightener", 0.5)))
    ),
    "sadness": Emotion(
        (
            (("inner_brow_raiser", 0.8), ("lip_corner_depressor", 1.0)),
            (("inner_brow_raiser", 0.7), ("lip_corner_depressor", 0.9), ("chin_raiser", 0.6)),
        )
    ),
    "contempt": Emotion(((("dimpler_left", 1.0),), (("dimpler_right", 1.0),))),
    "repression": Emotion(((("lip_tightener", 1.0),), (("lip_corner_depressor", 0.7), ("chin_raiser", 0.9)))),
    "others": Emotion(((("brow_lowerer", 1.0),), (("inner_brow_raiser", 1.0),))),
    "happy_but_angry": Emotion(((_SMILE, ("brow_lowerer", 1.0)),), "happiness", "anger"),
    "happy_but_sad": Emotion(((_SMILE, ("inner_brow_raiser", 1.0)),), "happiness", "sadness"),
}.items():
    EMOTIONS.add(_name)(_emotion)

BASIC = ("happiness", "surprise", "disgust", "anger", "sadness", "contempt")
MASKED = ("happy_but_angry", "happy_but_sad")


@dataclass(frozen=True, slots=True)
class CorpusPlan:
    """What a synthetic corpus is like; the same plan gives the same bytes.

    Parameters
    ----------
    subjects, clips_per_subject : int
        Emotions take turns, so that every person shows all of them about equally often.
    fps, seconds : float
        Of every clip: 20 to 240 frames/s; 0.6 s or more. One expression of 0.25 to 0.5 s falls somewhere into it.
    size : int
        Side of the square picture (px), a multiple of 4 from 64 on; the face is 45 % of it.
    strength : float
        How far the skin moves at the apex, in distances between the eyes: 0.02 to 0.04 is a typical micro-expression.
        Each person is up to 15 % stronger or weaker than that, each clip another 15 %.
    noise : float
        Standard deviation of the sensor's noise (grey levels).
    head_motion : float
        How far the head wanders within a clip, in distances between the eyes; between clips people sit up to three
        times as far from their place. 0 nails the head down.
    light : float
        How much the light differs from clip to clip (a share of its strength).
    blinks : float
        Mean number a second.
    seed : int
        Other seeds are other people too.
    emotions : tuple of str
        Names in ``EMOTIONS``.
    """

    subjects: int = 24
    clips_per_subject: int = 12
    fps: float = 100.0
    seconds: float = 1.0
    size: int = 240
    strength: float = 0.03
    noise: float = 2.0
    head_motion: float = 0.015
    light: float = 0.03
    blinks: float = 0.25
    seed: int = 0
    emotions: tuple[str, ...] = field(default=(*BASIC, *MASKED))

    def __post_init__(self) -> None:
        for name in self.emotions:
            EMOTIONS[name]  # answers a miss with the nearest name
        limits: Mapping[str, tuple[float, float]] = {
            "subjects": (1, PEOPLE_PER_SEED - 1),
            "clips_per_subject": (1, 99),
            "fps": (20, 240),
            "seconds": (SHORTEST_S + 0.35, 600),
            "strength": (0.001, MOST_STRENGTH),
            "head_motion": (0, 0.1),
            "light": (0, 0.3),
            "blinks": (0, 2),
        }
        for name, (least, most) in limits.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise BadInputError(f"a synthetic corpus has {name} from {least:g} to {most:g}, got {value:g}")
        if not self.emotions or self.seed < 0:
            raise BadInputError(
                f"a synthetic corpus needs emotions and a seed from 0, got {self.emotions}, {self.seed}"
            )
        Script(self.seconds, self.fps, self.size, noise=self.noise)  # says what is wrong with size and noise


@dataclass(frozen=True, slots=True)
class SyntheticClip:
    """One planned clip and the truth about it: frames are those of its script, counted from 0, offset inclusive.

    ``subject`` and ``number`` count from 1; ``actions`` are as drawn, with the amplitudes of the apex.
    """

    subject: int
    number: int
    emotion: str
    kind: ClipKind
    shown: str | None
    felt: str | None
    actions: Actions
    action_units: str
    onset: int
    apex: int
    offset: int
    script: Script

    @property
    def frames(self) -> int:
        """How many frames the clip has."""
        return round(self.script.seconds * self.script.fps)


def plan_clips(plan: CorpusPlan) -> Iterator[SyntheticClip]:
    """The clips of a corpus, person after person; nothing is drawn yet.

    Examples
    --------
    >>> first = next(plan_clips(CorpusPlan()))
    >>> first.subject, first.number, first.emotion, first.action_units
    (1, 1, 'happiness', '12')
    >>> 0 < first.onset < first.apex < first.offset < first.frames
    True
    """
    for subject in range(1, plan.subjects + 1):
        person = np.random.default_rng([plan.seed, subject, 7]).uniform(0.85, 1.15)
        for number in range(1, plan.clips_per_subject + 1):
            turn = (subject - 1) * plan.clips_per_subject + number - 1
            yield _clip(plan, subject, number, plan.emotions[turn % len(plan.emotions)], float(person))


def _clip(plan: CorpusPlan, subject: int, number: int, name: str, person: float) -> SyntheticClip:
    rng = np.random.default_rng([plan.seed, subject, number, 8])
    emotion = EMOTIONS[name]
    variant = emotion.variants[int(rng.integers(len(emotion.variants)))]
    strength = plan.strength * person * rng.uniform(0.85, 1.15)
    actions = tuple((action, round(float(strength * share), 5)) for action, share in variant)
    start, top, end = _moments(plan, rng)
    expression = PlannedExpression(start / plan.fps, top / plan.fps, end / plan.fps, actions, name)
    script = Script(
        seconds=plan.seconds,
        fps=plan.fps,
        size=plan.size,
        expressions=(expression,),
        blinks=_blinks(plan, rng),
        blink_seconds=BLINK_S,
        head=_head(plan, rng),
        light=_lights(plan, rng),
        noise=plan.noise,
        subject=plan.seed * PEOPLE_PER_SEED + subject,
        seed=int(rng.integers(2**31)),
    )
    return SyntheticClip(
        subject=subject,
        number=number,
        emotion=name,
        kind="masked" if emotion.felt else "micro",
        shown=emotion.shown,
        felt=emotion.felt,
        actions=actions,
        action_units=_units(variant),
        onset=start + 1,
        apex=top,
        offset=end - 1,
        script=script,
    )


def _moments(plan: CorpusPlan, rng: np.random.Generator) -> tuple[int, int, int]:
    """Frames of the last rest before, of the peak and of the first rest after the expression."""
    edge = max(1, round(0.05 * plan.fps))
    frames = round(plan.seconds * plan.fps)
    longest = min(math.floor(LONGEST_S * plan.fps), frames - 2 * edge - 1)
    shortest = min(max(4, math.ceil(SHORTEST_S * plan.fps)), longest)
    length = int(rng.integers(shortest, longest + 1))
    start = int(rng.integers(edge, frames - edge - length))
    rise = min(max(2, round(length * rng.uniform(0.35, 0.55))), length - 2)
    return start, start + rise, start + length


def _head(plan: CorpusPlan, rng: np.random.Generator) -> tuple[HeadMove, ...]:
    """How somebody sits in this clip, long before it begins, and how the head wanders."""
    far = 3 * plan.head_motion
    seat = rng.uniform(-far, far, 2)
    tilt = float(rng.uniform(-1, 1)) * far * 20
    if not plan.head_motion:
        return ()
    return (
        HeadMove("shift_x", -20, -19, float(seat[0]), there_and_back=False),
        HeadMove("shift_y", -20, -19, float(seat[1]), there_and_back=False),
        HeadMove("roll", -20, -19, tilt, there_and_back=False),
        HeadMove("sway", -5, plan.seconds + 5, plan.head_motion),
    )


def _lights(plan: CorpusPlan, rng: np.random.Generator) -> tuple[LightChange, ...]:
    whole, side = 1 + plan.light * rng.uniform(-1, 1, 2)
    if not plan.light:
        return ()
    return (
        LightChange("global", -20, -19, float(whole), there_and_back=False),
        LightChange("side", -20, -19, float(side), there_and_back=False),
    )


def _blinks(plan: CorpusPlan, rng: np.random.Generator) -> tuple[float, ...]:
    """Times at which blinks begin, none before another has ended."""
    times = sorted(rng.uniform(0, plan.seconds - BLINK_S, rng.poisson(plan.blinks * plan.seconds)))
    kept: list[float] = []
    for time in times:
        if not kept or time >= kept[-1] + BLINK_S:
            kept.append(round(float(time), 4))
    return tuple(kept)


def _units(actions: Actions) -> str:
    """Action units as a coder writes them: '4+23', 'L14'.

    >>> _units((("lip_tightener", 1.0), ("brow_lowerer", 0.5))), _units((("dimpler_left", 1.0),))
    ('4+23', 'L14')
    """
    found = sorted(
        (ACTIONS[name].unit, {"left": "L", "right": "R"}.get(ACTIONS[name].sides, "")) for name, _ in actions
    )
    return "+".join(f"{side}{unit}" for unit, side in found)

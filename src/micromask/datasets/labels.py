"""Label sets: functions of a clip that say its class, or None where the set leaves the clip out.

A raw label is kept as the coder wrote it; whoever trains or scores asks a label set for the class. The tables below are
the whole of what these functions know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.registry import Registry

SPELLINGS: Mapping[str, str] = {
    "angry": "anger",
    "contemptuous": "contempt",
    "disgusted": "disgust",
    "disgusting": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "scared": "fear",
    "happy": "happiness",
    "happyiness": "happiness",
    "happyness": "happiness",
    "happines": "happiness",
    "smiling": "happiness",
    "sad": "sadness",
    "sadnes": "sadness",
    "surprised": "surprise",
    "suprise": "surprise",
    "surprize": "surprise",
    "other": "others",
    "repressed": "repression",
}
"""Other spellings, forms and known typos -> the one name of an emotion (compared in small letters, without blanks)."""

BASIC_7 = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
MEGC_3 = ("negative", "positive", "surprise")
MASKED_OR_NOT = ("masked", "not masked")
OBJECTIVE = ("I", "II", "III", "IV", "V", "VI", "VII")

MEGC_RULES: Mapping[str, Mapping[str, str]] = {
    "casme2": {"disgust": "negative", "repression": "negative", "happiness": "positive", "surprise": "surprise"},
    "samm": {
        **dict.fromkeys(("anger", "contempt", "disgust", "fear", "sadness"), "negative"),
        "happiness": "positive",
        "surprise": "surprise",
    },
    "smic": {"negative": "negative", "positive": "positive", "surprise": "surprise"},
}
"""Emotion -> class of the MEGC 2019 composite, for each of its corpora; what is not named is left out.

SMIC's line holds for the others too: motion maps of the composite carry its classes, not the coder's emotion.
"""

MEGC_DROPPED = frozenset({(4, "EP12_01f"), (5, "EP12_03f")})
"""Clips of CASME II (number of the subject, file name) that the composite leaves out whatever their label."""

MEGC_ELSEWHERE: Mapping[str, str] = {
    **MEGC_RULES["smic"],
    **MEGC_RULES["samm"],
    "repression": "negative",
}
"""The same idea for every other corpus, of which MEGC 2019 says nothing: all rules above taken together."""

FIVE: Mapping[str, tuple[str, ...]] = {
    "casme2": ("disgust", "happiness", "others", "repression", "surprise"),
    "samm": ("anger", "contempt", "happiness", "others", "surprise"),
    "mmed-fst": ("anger", "contempt", "disgust", "happiness", "sadness"),
}
"""The five classes that each corpus is usually scored on; other corpora have no five-class set."""

FORMS: Mapping[str, str] = {
    "anger": "angry",
    "contempt": "contemptuous",
    "disgust": "disgusted",
    "fear": "afraid",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprised",
}
"""The form of an emotion's name in the name of a masked pair."""


@dataclass(frozen=True, slots=True)
class LabelSet:
    """A label set: call it with a clip. ``classes`` are empty where they depend on the corpus."""

    name: str
    title: str
    classes: tuple[str, ...]
    label: Callable[[Clip], str | None]

    def __call__(self, clip: Clip) -> str | None:
        """The clip's class; None where this set leaves the clip out."""
        return self.label(clip)


label_sets: Registry[LabelSet] = Registry("label set")


def one_spelling(emotion: str) -> str:
    """An emotion's name in small letters, in one form, with known typos mended; unknown names stay.

    >>> [one_spelling(each) for each in ("Anger", "happyiness", "sad ", "Other", "tense")]
    ['anger', 'happiness', 'sadness', 'others', 'tense']
    """
    plain = " ".join(emotion.split()).casefold()
    return SPELLINGS.get(plain, plain)


_PAIR = re.compile(r"([^\W_]+)[\s_-]+(?:but[\s_-]+)?(?:actually[\s_-]+)?([^\W_]+)", re.IGNORECASE)
_KNOWN = frozenset(FORMS) | {"neutral"}


def split_masked(text: str) -> tuple[str, str] | None:
    """What is shown and what is felt in a coded masked expression, each as it stands there; None for anything else.

    The shown emotion comes first. ``smiling`` is always the shown one, wherever it stands.

    >>> split_masked("happy_but_sad"), split_masked("Happy but actually Angry"), split_masked("Sad but smiling")
    (('happy', 'sad'), ('Happy', 'Angry'), ('smiling', 'Sad'))
    >>> split_masked("happiness") is None
    True
    """
    found = _PAIR.fullmatch(text.strip())
    if found is None or not {one_spelling(found[1]), one_spelling(found[2])} <= _KNOWN:
        return None
    shown, felt = found[1], found[2]
    return (felt, shown) if felt.casefold() == "smiling" else (shown, felt)


def label_clips(clips: Iterable[Clip], name: str) -> dict[str, str]:
    """The class of each clip that a label set keeps, by clip id, in the clips' order.

    Raises
    ------
    BadInputError
        If there is no such label set, or it leaves out every clip.
    """
    labels, every = label_sets[name], list(clips)
    kept = {clip.id: label for clip in every if (label := labels(clip)) is not None}
    if every and not kept:
        coded = ", ".join(sorted({clip.annotation.emotion or "nothing" for clip in every})[:8])
        raise BadInputError(
            f"label set {name!r} leaves out all {len(every)} clips, which are coded: {coded}; "
            f"label sets: {', '.join(label_sets)}"
        )
    return kept


def _own(clip: Clip) -> str | None:
    return one_spelling(clip.annotation.emotion) or None


def _megc_3(clip: Clip) -> str | None:
    corpus = clip.subject.dataset
    if corpus == "casme2" and (_number(clip.subject.name), clip.id.rsplit("/", 1)[-1]) in MEGC_DROPPED:
        return None
    emotion = one_spelling(clip.annotation.emotion)
    return MEGC_RULES["smic"].get(emotion) or MEGC_RULES.get(corpus, MEGC_ELSEWHERE).get(emotion)


def _number(text: str) -> int:
    digits = re.sub(r"\D", "", text)
    return int(digits) if digits else -1


def _five_class(clip: Clip) -> str | None:
    emotion = one_spelling(clip.annotation.emotion)
    return emotion if emotion in FIVE.get(clip.subject.dataset, ()) else None


def _objective(clip: Clip) -> str | None:
    text = (clip.annotation.objective_class or "").strip().upper()
    try:
        number = float(text)
    except ValueError:
        return text if text in OBJECTIVE else None
    return OBJECTIVE[int(number) - 1] if number in range(1, 8) else None


def _objective_5(clip: Clip) -> str | None:
    label = _objective(clip)
    return label if label in OBJECTIVE[:5] else None


def _basic_7(clip: Clip) -> str | None:
    emotion = one_spelling(clip.annotation.emotion)
    return emotion if emotion in BASIC_7 else None


def _pair(clip: Clip) -> tuple[str | None, str | None]:
    """Shown and felt emotion: as coded in their own columns, else as the name of a masked class tells them."""
    annotation = clip.annotation
    named = split_masked(annotation.emotion) or ("", "")
    shown = one_spelling(annotation.shown_emotion or named[0])
    felt = one_spelling(annotation.felt_emotion or named[1])
    return shown or None, felt or None


def _masked_pair(clip: Clip) -> str | None:
    shown, felt = _pair(clip)
    if shown is None or felt is None or shown == felt:
        return None
    return f"{FORMS.get(shown, shown)}_but_{FORMS.get(felt, felt)}"


def _shown(clip: Clip) -> str | None:
    return _pair(clip)[0]


def _felt(clip: Clip) -> str | None:
    return _pair(clip)[1]


def _masked_or_not(clip: Clip) -> str | None:
    if clip.annotation.kind == "masked" or _masked_pair(clip) is not None:
        return "masked"
    return "not masked" if clip.annotation.emotion else None


def _intended(clip: Clip) -> str | None:
    return one_spelling(clip.annotation.intended_emotion or "") or None


for _each in (
    LabelSet("own", "the corpus's own classes, one spelling each", (), _own),
    LabelSet("megc-3", "MEGC 2019 composite, doi:10.1109/FG.2019.8756611", MEGC_3, _megc_3),
    LabelSet("five-class", "the five classes usually scored on CASME II, SAMM and MMED-FST", (), _five_class),
    LabelSet("objective", "action-unit classes I to VII, doi:10.3390/jimaging4100119", OBJECTIVE, _objective),
    LabelSet("objective-5", "classes I to V, MEGC 2018, doi:10.1109/FG.2018.00106", OBJECTIVE[:5], _objective_5),
    LabelSet("basic-7", "six basic emotions and neutral", BASIC_7, _basic_7),
    LabelSet("masked-pair", "what is shown over what is felt, such as happy_but_sad", (), _masked_pair),
    LabelSet("masked-or-not", "whether one emotion is shown over another", MASKED_OR_NOT, _masked_or_not),
    LabelSet("shown", "the shown emotion of a masked expression", (), _shown),
    LabelSet("felt", "the felt emotion of a masked expression", (), _felt),
    LabelSet("intended", "the emotion that the stimulus was chosen for", (), _intended),
):
    label_sets.add(_each.name)(_each)

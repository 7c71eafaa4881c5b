"""What a model is to be fitted on and how, as a page asks for it, and who is in the pictures by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError
from micromask.datasets.catalogue import Corpus
from micromask.datasets.image_folder import NAME, UNKNOWN
from micromask.reports.words import count

KIND = "train"

NOBODY, OWN = "nobody", "own"
WHO: Mapping[str, tuple[str, str | None]] = {
    NOBODY: ("The names do not tell", None),
    "underscore": ("What stands before the first _, as in anna_03.jpg", r"(?:^|/)([^_/]+)_[^/]*$"),
    "dash": ("What stands before the first -, as in p07-happy.png", r"(?:^|/)([^-/]+)-[^/]*$"),
    "folder": ("The folder within the emotion's folder, as in anger/anna/1.jpg", r"^([^/]+)/"),
    OWN: ("A pattern of my own", None),
}
"""Ways in which a picture's name tells who is in it: words for a person, and the pattern of the image-folder loader."""

MODELS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "mer-cnn1": ("CNN 1: nine convolutions, quick", (48, 80)),
    "mer-cnn2": ("CNN 2: twelve convolutions", (48, 80)),
    "mmed-cnn": ("MMED CNN: three convolutions, the quickest", (48, 64, 128)),
    "mbcc-cnn": ("MBCC CNN: two branches", (32, 64)),
    "mer-resnet18": ("ResNet-18: the slowest", (64, 96, 128)),
}
"""Models of single frames that are offered, and at which sizes (px); the last is the paper's own."""

MOST_EPOCHS, FOLDS, FEWEST_PEOPLE = 200, 5, 3

WHY_NOT = (
    "nobody can say how good this model is on people it has not seen: {why}, so no one could be kept apart from those "
    "that it learnt from"
)


@dataclass(frozen=True, slots=True)
class Training:
    """A fit that is wanted; its payload is these fields.

    ``folder`` holds a folder of pictures per emotion. ``who`` is a key of WHO, ``pattern`` the regular expression of
    one's own. ``whole`` says that the pictures are faces already cut out.
    """

    folder: str
    title: str
    model: str = "mer-cnn1"
    size: int = 48
    epochs: int = 20
    who: str = NOBODY
    pattern: str = ""
    whole: bool = False

    def __post_init__(self) -> None:
        if self.model not in MODELS or self.size not in MODELS[self.model][1]:
            sizes = ", ".join(map(str, MODELS.get(self.model, ("", ()))[1]))
            raise BadInputError(f"models are {', '.join(MODELS)}, and sizes of {self.model} {sizes or 'not known'}")
        if not 1 <= self.epochs <= MOST_EPOCHS:
            raise BadInputError(f"1 to {MOST_EPOCHS} epochs, got {self.epochs}")
        if self.who not in WHO:
            raise BadInputError(f"who is in a picture is told by {', '.join(WHO)}, got {self.who!r}")
        if self.who == OWN and not self.pattern:
            raise BadInputError("the pattern is empty: write one with a group, such as ^([^_]+)_")

    @property
    def subject_pattern(self) -> str | None:
        """The pattern of the image-folder loader, None where names tell nothing."""
        return self.pattern if self.who == OWN else WHO[self.who][1]

    @property
    def payload(self) -> dict[str, Any]:
        """For the queue."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Found:
    """What a folder holds: pictures of each emotion, how many people their names tell (0: nobody knows), and lines."""

    emotions: Mapping[str, int]
    people: int
    left_out: int
    lines: tuple[str, ...]


def look_at(folder: Path, who: str, pattern: str = "") -> Found:
    """What could be learnt from a folder, by the names in it; no picture is opened.

    Raises
    ------
    BadInputError
        If it is no folder of emotions, or the pattern is none.
    """
    wanted = Training(str(folder), "look", who=who, pattern=pattern)
    every = corpus_of(Training(str(folder), "look")).clips
    known = every if wanted.subject_pattern is None else corpus_of(wanted).clips
    emotions = Counter(clip.annotation.emotion for clip in known)
    people = {str(clip.subject) for clip in known if clip.subject.name != UNKNOWN}
    left_out = len(every) - len(known)
    lines = []
    if len(emotions) < 2:
        lines.append(f"a model tells two emotions or more apart, and this folder has {count(len(emotions), 'emotion')}")
    if left_out:
        lines.append(f"{count(left_out, 'picture')} whose name does not fit will be left out")
    why = too_few(len(people))
    lines.append(
        WHY_NOT.format(why=why) if why else f"{len(people)} people, kept apart in {folds_of(len(people))} groups"
    )
    return Found(emotions, len(people), left_out, tuple(lines))


def folds_of(people: int) -> int:
    """How many groups of people are held out in turn."""
    return min(FOLDS, people)


def too_few(people: int) -> str:
    """Why people cannot be kept apart, '' where they can."""
    if people == 0:
        return "the names do not tell who is in the pictures"
    if people >= FEWEST_PEOPLE:
        return ""
    return "there is one person only" if people == 1 else f"there are only {people} people"


def corpus_of(wanted: Training) -> Corpus:
    """The folder as a data set. Errors as `look_at`."""
    from micromask.datasets import open_corpus

    extra: dict[str, Any] = {} if wanted.subject_pattern is None else {"subject_pattern": wanted.subject_pattern}
    return open_corpus(NAME, Path(wanted.folder), **extra)

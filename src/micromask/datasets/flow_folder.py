"""Motion maps in the folder layout of STSTNet and HTNet: one folder per held-out subject, each map in many folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from natsort import natsorted

from micromask.core.clips import Annotation, Clip, MotionFile, Source
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.recordings.images import IMAGE_SUFFIXES

NAME = "flow-folder"
LABELS = {"0": "negative", "1": "positive", "2": "surprise"}
"""What the label folders mean in the MEGC 2019 composite."""

TRAIN, TEST = "u_train", "u_test"


@dataclass(frozen=True, slots=True)
class _Copy:
    """One file of a map: whose fold it stands in, on which side, under which label."""

    path: Path
    fold: str
    side: str
    label: str


@dataclass(slots=True)
class _Map:
    tests: list[_Copy] = field(default_factory=list)
    trains: list[_Copy] = field(default_factory=list)


@datasets.add(NAME)
def flow_folder(root: Path, options: LoadOptions) -> Corpus:
    """Motion maps under ``<root>/<subject>/u_test|u_train/<label>/<name>.png``, each clip once.

    A map belongs to the subject in whose ``u_test`` it stands; that copy is the clip's. All other copies are held
    against it: another label is an error (DS020), other bytes are a caution (DS021), a copy in the same subject's
    ``u_train`` is a leak of the published folds (DS022), a map that nobody is tested on has no known subject (DS019).
    Blanks at the end of a name (``'001 .png'``) count for nothing. Label folders 0, 1, 2 become negative, positive,
    surprise; other folders keep their name.

    ``recording`` of a clip is one frame, the map's file; ``motion`` says how it is coded. Names are listed and bytes
    compared, but no image is decoded.

    Options
    -------
    dataset : str
        The name that goes with a subject's own: ``flow-folder`` if not given. ``megc2019`` names the corpus of the
        composite that a folder's name tells: ``sub01`` casme2, ``s01`` smic, ``006`` samm.

    Releases: ``N folds, maps copied into every fold`` or ``N folds, test maps only``.

    Raises
    ------
    BadInputError
        If root is one level too high or too low, or holds no such folders.

    Source
    ------
    Liong et al. 2019 (STSTNet), doi:10.1109/FG.2019.8756567; Wang et al. 2024 (HTNet), doi:10.48550/arXiv.2307.14637
    """
    told = options.take(NAME, dataset=NAME)
    folds = _folds(root)
    builder = Builder(NAME, root, options)
    maps: dict[str, _Map] = {}
    for fold in folds:
        for copy in _copies(root, fold):
            every = maps.setdefault(copy.path.stem.strip(), _Map())
            (every.tests if copy.side == TEST else every.trains).append(copy)
    if not maps:
        raise BadInputError(f"{NAME}: {root} has folders {TEST} but no images in <subject>/{TEST}/<label>/")
    for name, every in maps.items():
        for own in _own_copies(builder, root, every):
            subject = SubjectId(_dataset(str(told["dataset"]), own.fold), own.fold)
            builder.add(map_clip(f"{own.fold}/{name}", own.path, subject, LABELS.get(own.label, own.label)))
    shared = any(every.trains for every in maps.values())
    return builder.corpus(f"{len(folds)} folds, {'maps copied into every fold' if shared else 'test maps only'}")


def map_clip(clip_id: str, path: Path, subject: SubjectId, emotion: str, source: Source | None = None) -> Clip:
    """A clip that is a ready-made motion map: its recording is one frame, the map's file."""
    recording = Recording(clip_id, path, 1.0, 1, None, subject=subject)
    annotation = Annotation(0, 0, 0, emotion, "micro", source or Source(path), apex_from="image")
    return Clip(clip_id, recording, annotation, MotionFile(path))


def _own_copies(builder: Builder, root: Path, every: _Map) -> list[_Copy]:
    """The copies of one name that are clips: those in test folders, unless something speaks against it.

    One, as a rule. Where a name stands in the test folders of several subjects, their maps are told apart by content.
    """
    if not every.tests:
        at = every.trains[0].path.relative_to(root)
        builder.say("DS019", f"{at}: stands in {len(every.trains)} training folders and in nobody's {TEST}")
        return []
    owners = {copy.fold: copy for copy in reversed(every.tests)}
    if len(owners) == 1:
        own = every.tests[0]
        return [own] if _agree(builder, root, own, every.tests[1:] + every.trains) else []
    contents = {_digest(copy.path): copy for copy in owners.values()}
    if len(contents) < len(owners):
        at = every.tests[0].path.relative_to(root)
        builder.say("DS019", f"{at}: one map stands in {TEST} of {', '.join(sorted(owners))}")
        return []
    copies: dict[str, list[_Copy]] = {fold: [] for fold in owners}
    for copy in every.trains:
        whose = contents.get(_digest(copy.path))
        if whose is None:
            builder.say("DS021", f"{copy.path.relative_to(root)}: is not the map of {', '.join(sorted(owners))}")
        else:
            copies[whose.fold].append(copy)
    return [own for fold, own in owners.items() if _agree(builder, root, own, copies[fold])]


def _agree(builder: Builder, root: Path, own: _Copy, others: list[_Copy]) -> bool:
    """Hold the other copies of a map against its own; False (and a finding) where their labels differ."""
    odd = next((copy for copy in others if copy.label != own.label), None)
    if odd is not None:
        builder.say("DS020", f"{own.path.relative_to(root)} but also {odd.path.relative_to(root)}")
        return False
    mine = next((copy for copy in others if copy.side == TRAIN and copy.fold == own.fold), None)
    if mine is not None:
        builder.say("DS022", f"{mine.path.relative_to(root)}: {own.fold} is tested on this map and trained on it")
    different = _different(own, others)
    if different:
        at = different[0].path.relative_to(root)
        builder.say("DS021", f"{own.path.relative_to(root)}: {len(different)} of {len(others)} copies differ, as {at}")
    return True


def _different(own: _Copy, others: list[_Copy]) -> list[_Copy]:
    """Copies that hold other bytes; files that are one on disk (links) are not read."""
    here = own.path.stat()
    digest: bytes | None = None
    found = []
    for copy in others:
        there = copy.path.stat()
        if (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino):
            continue
        if there.st_size == here.st_size:
            digest = digest or _digest(own.path)
            if _digest(copy.path) == digest:
                continue
        found.append(copy)
    return found


def _digest(path: Path) -> bytes:
    return hashlib.blake2b(path.read_bytes(), digest_size=16).digest()


def _dataset(told: str, fold: str) -> str:
    if told != "megc2019":
        return told
    name = fold.lower()
    return "casme2" if name.startswith("sub") else "smic" if name.startswith("s") else "samm"


def _folds(root: Path) -> list[str]:
    if not root.is_dir():
        raise BadInputError(f"{NAME}: {root} is a file; give the folder that holds a folder per held-out subject")
    inside = _inside(root)
    if {TRAIN, TEST} & set(inside):
        parent = root.resolve().parent
        raise BadInputError(f"{NAME}: {root} is one level too low: it is one subject's folder; give {parent}")
    folds = [name for name in inside if TEST in _inside(root / name)]
    if folds:
        return folds
    inner = ((root / name, root / name / child) for name in inside for child in _inside(root / name))
    below = next((folder for folder, child in inner if TEST in _inside(child)), None)
    if below is not None:
        raise BadInputError(f"{NAME}: {root} is one level too high; give {below}")
    raise BadInputError(f"{NAME}: {root} holds no <subject>/{TEST} folder; wanted <subject>/{TEST}/<label>/<name>.png")


def _inside(folder: Path) -> list[str]:
    return natsorted(child.name for child in folder.iterdir() if child.is_dir())


def _copies(root: Path, fold: str) -> Iterator[_Copy]:
    for side in (TEST, TRAIN):
        here = root / fold / side
        if not here.is_dir():
            continue
        for label in _inside(here):
            names = [each.name for each in (here / label).iterdir() if each.suffix.lower() in IMAGE_SUFFIXES]
            for name in natsorted(names):
                if not name.startswith("."):
                    yield _Copy(here / label / name, fold, side, label)

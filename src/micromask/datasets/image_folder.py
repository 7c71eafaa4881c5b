"""A folder of images per emotion: ``<root>/<emotion>/<image>``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from natsort import natsorted

from micromask.core.clips import Annotation, Clip, ClipKind, Source
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.labels import split_masked
from micromask.recordings.images import IMAGE_SUFFIXES

NAME = "image-folder"
UNKNOWN = "unknown"
"""The subject of every image where nothing says who is in it."""

SHOWN = 20
"""So many files whose name does not match are named; the others are counted."""

_SUFFIXES = tuple(IMAGE_SUFFIXES)


@datasets.add(NAME)
def image_folder(root: Path, options: LoadOptions) -> Corpus:
    """Every image below ``<root>/<emotion>/`` as a clip of one frame; its raw label is the folder's name.

    Options
    -------
    subject_pattern : str
        Regular expression that is searched in the file's name (in its path below the emotion's folder, with ``/``,
        where images lie deeper). Its group named ``subject``, else its first group without a name, else its first
        group, is the subject; its other named groups, such as ``(?P<gender>f|m)``, are the clip's attributes. Without
        it nobody knows who is in the pictures: all are of subject 'unknown', and a finding (DS018) says that subjects
        cannot be kept apart, so that no figure on this folder is subject-independent.
    kind : {"macro", "micro"}
        What the images show; macro unless said otherwise. A folder named after a masked pair (``happy_but_sad``) holds
        masked expressions whatever is said.
    dataset : str
        The name that goes with a subject's own, ``image-folder`` if not given: '01' of one folder is not '01' of
        another.

    Nothing but names is read: no image is opened. The release is the emotions' folders and the number of images.

    Raises
    ------
    BadInputError
        If root is one level too high or too low, holds no images, or the pattern is none or has no group.

    Source
    ------
    The layout of paper "CNN detection of seven emotions"; any folder of labelled pictures fits.
    """
    told = options.take(NAME, subject_pattern=None, kind="macro", dataset=NAME)
    pattern = None if told["subject_pattern"] is None else _compiled(str(told["subject_pattern"]))
    if told["kind"] not in ("macro", "micro"):
        raise BadInputError(f"{NAME}: kind is macro or micro, got {told['kind']!r}")
    folders = _emotion_folders(root)
    builder = Builder(NAME, root, options)
    dataset = str(told["dataset"])
    subjects = {UNKNOWN: SubjectId(dataset, UNKNOWN)}
    names, unmatched = [], 0
    for folder in folders:
        emotion = folder.name
        pair = split_masked(emotion)
        kind: ClipKind = "masked" if pair else told["kind"]
        frame = Annotation(0, 0, 0, emotion, kind, Source(folder), apex_from="image")
        if pair:
            frame = replace(frame, shown_emotion=pair[0], felt_emotion=pair[1])
        before = len(builder.clips)
        for relative in _images(folder):
            path = folder / relative
            who, facts = (UNKNOWN, {}) if pattern is None else _named(pattern, relative)
            if not who:
                unmatched += 1
                if unmatched <= SHOWN and pattern is not None:
                    builder.say("DS019", f"{emotion}/{relative}: subject_pattern {pattern.pattern!r} does not match")
                continue
            subject = subjects.setdefault(who, SubjectId(dataset, who))
            name = f"{emotion}/{relative}"
            recording = Recording(name, path, 1.0, 1, None, subject=subject)
            builder.add(Clip(name, recording, replace(frame, source=Source(path)), attributes=facts))
        if len(builder.clips) > before:
            names.append(emotion)
    if unmatched > SHOWN:
        builder.say("DS019", f"and {unmatched - SHOWN} more files")
    if pattern is None:
        builder.say("DS018", f"{len(builder.clips)} images of subject '{UNKNOWN}'; give subject_pattern if names tell")
    return builder.corpus(f"{', '.join(names)}: {len(builder.clips)} images")


def _compiled(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise BadInputError(f"{NAME}: subject_pattern {text!r} is no regular expression: {error}") from None
    if not pattern.groups:
        raise BadInputError(f"{NAME}: subject_pattern {text!r} has no group; put the subject in brackets: '^([^_]+)_'")
    return pattern


def _named(pattern: re.Pattern[str], name: str) -> tuple[str, dict[str, str]]:
    """Subject ('' where there is none) and attributes that a file's name tells."""
    found = pattern.search(name)
    if found is None:
        return "", {}
    named = pattern.groupindex
    unnamed = [group for group in range(1, pattern.groups + 1) if group not in named.values()]
    subject = named.get("subject") or (unnamed or [1])[0]
    return found[subject] or "", {key: found[at] for key, at in named.items() if at != subject and found[at]}


def _emotion_folders(root: Path) -> list[Path]:
    if not root.is_dir():
        raise BadInputError(f"{NAME}: {root} is a file; give the folder that holds a folder of images per emotion")
    below = [child for child in root.iterdir() if child.is_dir() and not child.name.startswith(".")]
    folders = [folder for folder in natsorted(below, key=lambda each: each.name) if _holds_images(folder)]
    if not folders:
        if any(child.suffix.lower() in IMAGE_SUFFIXES for child in root.iterdir()):
            raise BadInputError(
                f"{NAME}: {root} is one level too low: it holds images itself; give {root.resolve().parent}, "
                "whose folders are emotions"
            )
        raise BadInputError(
            f"{NAME}: {root} holds no folder with images ({', '.join(sorted(IMAGE_SUFFIXES))}); "
            "wanted <root>/<emotion>/<image>"
        )
    splits = {folder.name.lower() for folder in folders}
    if splits <= {"train", "training", "test", "testing", "val", "valid", "validation"}:
        raise BadInputError(
            f"{NAME}: {root} is one level too high: its folders are {', '.join(sorted(splits))}, not emotions; "
            f"give {folders[0]}"
        )
    return folders


def _holds_images(folder: Path) -> bool:
    return any(name.lower().endswith(_SUFFIXES) for _, _, names in os.walk(folder) for name in names)


def _images(folder: Path, below: str = "") -> Iterator[str]:
    """Paths of a folder's images relative to it, in natural order, those of inner folders after its own."""
    names, inner = [], []
    with os.scandir(folder / below) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.name.lower().endswith(_SUFFIXES):
                names.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):  # a link may lead round in circles
                inner.append(entry.name)
    for name in natsorted(names):
        yield below + name
    for name in natsorted(inner):
        yield from _images(folder, f"{below}{name}/")

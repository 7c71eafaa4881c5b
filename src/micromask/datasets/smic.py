"""SMIC: the folder tree is the annotation; no sheet, no apex."""

from __future__ import annotations

import re
from pathlib import Path

from micromask.core.clips import Source
from micromask.core.errors import BadInputError
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.frames import existing, frame_folder
from micromask.datasets.sheets import Row

FPS = {"HS": 100.0, "VIS": 25.0, "NIR": 25.0}
EMOTIONS = {"negative": "ne", "positive": "po", "surprise": "sur"}
LICENCE = "SMIC licence agreement, research only"

_SUBJECT = re.compile(r"s0*(\d+)", re.IGNORECASE)
_CLIP = re.compile(r"s0*(\d+)_([a-z]+)_\d+", re.IGNORECASE)


@datasets.add("smic")
def smic(root: Path, options: LoadOptions) -> Corpus:
    """Clips of SMIC: ``HS/s1/micro/negative/s1_ne_01/...`` and the same below VIS and NIR.

    A clip is its whole folder, its label the folder of the emotion, its apex unknown (``missing_apex``). The subject is
    named as in the raw tree, without a zero ('s1'), also where a copy writes 's01'. Folders other than ``micro`` (the
    clips without an expression) are left out and counted.

    Options: ``camera`` "HS" (high speed, 100 fps; default), "VIS" (25 fps) or "NIR" (near infrared, 25 fps). The root
    is the folder that holds HS, VIS and NIR (``SMIC_all_raw``, ``SMIC_all_cropped``), or one camera's folder under a
    name of its own. Releases: ``raw`` and ``cropped`` (files that begin with ``reg_``).

    Source: Li et al. 2013, doi:10.1109/FG.2013.6553717
    """
    camera = str(options.take("smic", camera="HS")["camera"]).upper()
    if camera not in FPS:
        raise BadInputError(f"smic: camera is HS, VIS or NIR, got {camera!r}")
    place = _camera_folder(root, camera)
    builder = Builder("smic", root, options)
    cropped = False
    for person in sorted(_people(place), key=lambda folder: _number(folder.name)):
        subject, found = f"s{_number(person.name)}", 0
        for group in sorted(child for child in person.iterdir() if child.is_dir()):
            if group.name.lower() != "micro":
                count = sum(1 for _ in _clips_below(group))
                builder.say("DS013", f"{person.name}/{group.name}: {count} clips without a micro-expression")
                continue
            for emotion in sorted(child for child in group.iterdir() if child.is_dir()):
                for clip in sorted(child for child in emotion.iterdir() if child.is_dir()):
                    cropped |= _add(builder, clip, emotion.name, subject, FPS[camera])
                    found += 1
        if not found:
            builder.say("DS008", f"{person}: no clip below micro/{{{'|'.join(EMOTIONS)}}}")
    return builder.corpus(f"{camera}, {'cropped' if cropped else 'raw'}")


def _add(builder: Builder, clip: Path, emotion: str, subject: str, fps: float) -> bool:
    """Add one folder of frames as a clip; whether its pictures are cropped ones."""
    row = Row(Source(clip), {})
    if emotion.lower() not in EMOTIONS:
        builder.say("DS011", f"{clip}: folder {emotion!r} is no emotion of SMIC ({', '.join(EMOTIONS)})")
        return False
    named = _CLIP.match(clip.name)
    if named is not None:
        if f"s{named[1]}" != subject:
            builder.say(
                "DS030", f"{clip}: named after s{named[1]}, lies in the folder of {subject}; the folder is taken"
            )
        if named[2].lower() != EMOTIONS[emotion.lower()]:
            builder.say("DS030", f"{clip}: its name says {named[2]!r}, its folder {emotion!r}; the folder is taken")
    frames = frame_folder(clip)
    if frames is None:
        builder.say("DS007", f"{clip}: no picture in it")
        return False
    builder.clip(
        row,
        clip.name,
        subject,
        frames,
        fps=fps,
        onset=frames.numbers[0],
        apex=None,
        offset=frames.numbers[-1],
        emotion=emotion,
        kind="micro",
        licence=LICENCE,
    )
    return frames.names[0].lower().startswith("reg_")


def _camera_folder(root: Path, camera: str) -> Path:
    """The folder whose children are the subjects."""
    place = existing(root, camera)
    if place is not None:
        if _people(place):
            return place
        raise BadInputError(f"smic: {place} has no subject (a folder such as s1/micro/negative/s1_ne_01)")
    if _people(root):
        if root.name.upper() in FPS and root.name.upper() != camera:
            raise BadInputError(f"smic: {root} holds {root.name}, not {camera}; give its parent {root.parent}")
        if root.name.upper() == camera:
            raise BadInputError(f"smic: {root} is one level too low; give its parent {root.parent}")
        return root
    children = [child for child in sorted(root.iterdir()) if child.is_dir()] if root.is_dir() else []
    below = [child for child in children if existing(child, camera) is not None]
    if below:
        raise BadInputError(f"smic: {root} is one level too high; give {below[0]}")
    if existing(root.parent.parent, camera) is not None and _SUBJECT.fullmatch(root.name):
        raise BadInputError(f"smic: {root} is two levels too low; give {root.parent.parent}")
    raise BadInputError(
        f"smic: {root} has no folder {camera}; wanted {camera}/s1/micro/{{negative|positive|surprise}}/s1_ne_01"
    )


def _people(place: Path) -> list[Path]:
    if not place.is_dir():
        return []
    folders = (child for child in place.iterdir() if child.is_dir() and _SUBJECT.fullmatch(child.name))
    return [child for child in folders if existing(child, "micro") is not None]


def _number(name: str) -> int:
    found = _SUBJECT.fullmatch(name)
    assert found is not None
    return int(found[1])


def _clips_below(folder: Path) -> list[Path]:
    return [child for child in folder.rglob("*") if child.is_dir() and frame_folder(child) is not None]

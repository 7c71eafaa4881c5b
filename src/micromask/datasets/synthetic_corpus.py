"""The corpus that ``micromask datasets synthesize`` writes: films of synthetic people and a table of what they show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from micromask.core.clips import Annotation, Clip
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.labels import split_masked
from micromask.datasets.sheets import Row, find_sheet, read_sheet

NAME = "synthetic"
MADE = "synthetic.json"
COLUMNS = {
    name: (name,)
    for name in (
        *("path", "subject", "clip", "emotion", "onset", "apex", "offset", "action_units", "shown_emotion"),
        *("felt_emotion", "intended_emotion", "fps", "frames", "size", "licence"),
    )
}
OPTIONAL = ("action_units", "shown_emotion", "felt_emotion", "intended_emotion", "licence")


@datasets.add(NAME)
def synthetic(root: Path, options: LoadOptions) -> Corpus:
    """Clips of synthetic people: ``films/S01/S01_EP03.mp4`` and ``clips.csv``, written by ``datasets.synthetic``.

    Clips are named ``S01/EP03``, subjects 'S01'. The table says how many frames a film has, at which rate and of which
    size, so that no film is opened. Every apex is the true one. A corpus that was written in the layout of another one
    is read with that one's name, and this loader says which.

    Options: none. One release, ``format 1`` (``format ?`` where ``synthetic.json`` is gone).

    Source: this project; the face is scikit-image's public-domain portrait of an astronaut (NASA).
    """
    options.take(NAME)
    made = _made(root)
    if made.get("layout", NAME) != NAME:
        corpus = "image-folder" if made["layout"] == "folder" else made["layout"]
        raise BadInputError(f"{NAME}: {root} was written in the layout of {corpus}; load it as {corpus}")
    sheet = read_sheet(find_sheet(root, ("clips.csv",), NAME), COLUMNS, NAME, optional=OPTIONAL)
    builder = Builder(NAME, root, options)
    for row in sheet:
        _add(builder, row)
    return builder.corpus(f"format {made.get('format', '?')}")


def _made(root: Path) -> dict[str, Any]:
    """How the corpus was made; empty where nothing says it."""
    path = (root.parent if root.is_file() else root) / MADE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise BadInputError(f"{NAME}: {path} is damaged; synthesize the corpus again") from None
    return found if isinstance(found, dict) else {}


def _add(builder: Builder, row: Row) -> None:
    subject, name, emotion = row.text("subject"), row.text("clip"), row.text("emotion")
    numbers = {each: row.whole(each) for each in ("onset", "apex", "offset", "frames", "size")}
    onset, offset, frames, size = (numbers[each] for each in ("onset", "offset", "frames", "size"))
    try:
        fps = float(row.text("fps"))
    except ValueError:
        fps = 0.0
    if not (subject and name) or onset is None or offset is None or not frames or not size or not 0 < fps < 1000:
        builder.say(
            "DS011", f"{row.source}: needs a subject, a clip, and numbers in onset, offset, frames, size and fps"
        )
        return
    clip_id, apex = f"{subject}/{name}", numbers["apex"]
    path = row.source.file.parent / row.text("path")
    if offset < onset:
        builder.say("DS005", f"{row.source}: {clip_id}: ends (offset {offset}) before it begins (onset {onset})")
    elif apex is not None and not onset <= apex <= offset:
        builder.say("DS006", f"{row.source}: {clip_id}: apex {apex} outside onset {onset} to offset {offset}")
    elif onset < 0 or offset >= frames:
        builder.say("DS007", f"{row.source}: {clip_id}: frames {onset} to {offset}; its film has 0 to {frames - 1}")
    elif not path.is_file():
        builder.say("DS008", f"{row.source}: {clip_id}: no film {row.text('path')}")
    else:
        licence = row.text("licence") or "unknown"
        recording = Recording(clip_id, path, fps, frames, (size, size), SubjectId(NAME, subject), licence=licence)
        annotation = Annotation(
            onset,
            apex,
            offset,
            emotion,
            "masked" if split_masked(emotion) else "micro",
            row.source,
            action_units=row.text("action_units"),
            apex_from=None if apex is None else "coder",
            shown_emotion=row.text("shown_emotion") or None,
            felt_emotion=row.text("felt_emotion") or None,
            intended_emotion=row.text("intended_emotion") or None,
        )
        builder.add(Clip(clip_id, recording, annotation))

"""A study as a data set without faces: motion maps, landmarks and tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import FloatArray, Image
from micromask.datasets.pixels import read_frames
from micromask.datasets.prepare import motion_map_of
from micromask.faces.align import ALIGNED_SIZE
from micromask.recordings import probe
from micromask.studies.card import card_document, said_gender
from micromask.studies.design import Design
from micromask.studies.export_folder import Exported, export_folder, refuse_existing, some, write_card, write_table
from micromask.studies.film_clock import film_path
from micromask.studies.motion_pairs import POINTS, Pair, aligned_points, motion_pairs
from micromask.studies.only_maps import MOST_LIKE, check_only_maps, likeness
from micromask.studies.selection import Selection, SettledFrame, export_numbers, select, without_people

LANDMARKS = (
    "subject", "clip", "part", "number", "time_s",
    *(f"{axis}{point}" for point in range(POINTS) for axis in "xy"),
)  # fmt: skip
MANIFEST = (
    "dataset", "subject", "clip", "emotion", "file", "gender", "part", "recording", "number", "item",
    "intended_emotion", "action_units", "settled_how", "reference", "from_s", "to_s",
)  # fmt: skip
"""Those of the flow table, then ours, which its loader passes over."""


def export_deidentified(
    study: Path, design: Design, folder: Path, progress: Callable[[int], None] | None = None
) -> Exported:
    """Write what a study has settled as motion maps and landmarks, whole or not at all. No face is in it.

    ``micro/manifest.csv`` and ``masked/manifest.csv`` with ``maps/<participant>/<clip>.png`` beside them, as the flow
    table's loader reads them, ``landmarks.csv``, ``CARD.md`` and ``card.json``. A map is the flow to the labelled frame
    from the onset of the interval that coders marked around it with the same label (their median), else from half a
    second before, on the aligned face; see `datasets.prepare.motion_map_of`. Landmarks are in px of an upright face of
    128 x 128.

    Labels without a face on their frame, and those on a film's first frame, are left out and counted.

    Parameters
    ----------
    study : Path
    design : Design
    folder : Path
        Must not be there.
    progress : callable, optional
        Called with the number of labels done.

    Raises
    ------
    BadInputError
        If there is nothing to export, or a film cannot be read.
    BadOutputError
        If the folder is there or cannot be written.
    """
    refuse_existing(folder)
    whole = select(study, design)
    numbers = export_numbers(whole.frames, [each.part for each in whole.frames])
    pairs, missing = motion_pairs(study, whole, numbers)
    if not pairs:
        raise BadInputError(f"no motion can be shown: {', '.join(f'{why} ({n})' for why, n in missing.items())}")
    here = {pair.frame.participant for pair in pairs}
    nothing = tuple(name for name in whole.people if name not in here)
    selection = replace(without_people(whole, nothing), frames=tuple(pair.frame for pair in pairs))
    left_out = {
        "consent withdrawn": whole.withdrawn,
        "no consent": whole.without_consent,
        "no label with motion": nothing,
    }
    parts = [pair.frame.part for pair in pairs]
    counts = {why: len(names) for why, names in left_out.items()} | missing
    document = card_document(study, design, selection, "deidentified", parts, counts)
    with export_folder(study, folder, selection) as fresh:
        maps = _write_maps(study, design, fresh, selection, pairs, progress)
        write_table(fresh / "landmarks.csv", LANDMARKS, _landmark_rows(pairs))
        write_card(fresh, document)
        check_only_maps(fresh)
    told = tuple(f"{number} labels left out: {why}" for why, number in missing.items())
    return Exported(folder, len(selection.people), maps, len(pairs), some(left_out), told)


def _write_maps(
    study: Path,
    design: Design,
    folder: Path,
    selection: Selection,
    pairs: Sequence[Pair],
    progress: Callable[[int], None] | None,
) -> int:
    """Maps and their tables; how many maps."""
    rows: dict[str, list[dict[str, object]]] = {}
    genders = {name: said_gender(design, told) for name, told in selection.people.items()}
    dataset = _dataset(design.title)
    for done, (pair, picture) in enumerate(_maps(study, pairs), start=1):
        frame = pair.frame
        file = f"maps/{frame.participant}/{pair.clip}.png"
        place = folder / frame.kind / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes())
        rows.setdefault(frame.kind, []).append(
            {
                "dataset": dataset,
                "subject": frame.participant,
                "clip": pair.clip,
                "emotion": frame.emotion,
                "file": file,
                "gender": genders[frame.participant],
                "part": frame.part,
                "recording": frame.recording,
                "number": frame.number,
                "item": frame.item,
                "intended_emotion": frame.intended,
                "action_units": frame.action_units,
                "settled_how": frame.how,
                "reference": pair.by,
                "from_s": f"{pair.from_s:.3f}",
                "to_s": f"{frame.time_s:.3f}",
            }
        )
        if progress is not None:
            progress(done)
    for kind, own in rows.items():
        write_table(folder / kind / "manifest.csv", MANIFEST, own)
    return sum(len(own) for own in rows.values())


def _maps(study: Path, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Image]]:
    """The map of each pair, film by film; of a film only the frames that are still wanted are in memory."""
    films: dict[int, list[Pair]] = {}
    for pair in pairs:
        films.setdefault(pair.frame.recording, []).append(pair)
    for recording, own in films.items():
        waiting = sorted(own, key=lambda pair: pair.frame.frame)
        wanted = {pair.reference for pair in own} | {pair.frame.frame for pair in own}
        held: dict[int, Image] = {}
        for number, picture in read_frames(probe(film_path(study, recording)), wanted, colour=True):
            held[number] = picture
            while waiting and waiting[0].frame.frame <= number:
                pair = waiting.pop(0)
                yield pair, _map(held[pair.reference], held[pair.frame.frame], pair)
            needed = {pair.reference for pair in waiting} | {pair.frame.frame for pair in waiting}
            held = {at: each for at, each in held.items() if at in needed}


def _map(before: Image, after: Image, pair: Pair) -> Image:
    """The map of two pictures; refused where it looks like the face that it was made of."""
    place = _place(pair.frame)
    motion = motion_map_of(before, after, place)
    alike = max(likeness(motion, each, place) for each in (before, after))
    if alike > MOST_LIKE:
        raise BadOutputError(
            f"the export was not written: the motion map of frame {pair.frame.number} of recording "
            f"{pair.frame.recording} shows the face itself (correlation {alike:.2f}); settle that frame as showing none"
        )
    return motion


def _place(frame: SettledFrame) -> FloatArray:
    """The transform (2, 3) from px of the film to an aligned face of 128 px."""
    return np.asarray(frame.measures["to_aligned"], dtype=np.float64) * (ALIGNED_SIZE / float(frame.measures["size"]))


def _landmark_rows(pairs: Sequence[Pair]) -> Iterator[Mapping[str, object]]:
    """One row for each labelled frame, also where it has two labels."""
    told: set[tuple[str, str]] = set()
    for pair in pairs:
        frame, points = pair.frame, aligned_points(pair.frame)
        if points is None or (frame.participant, pair.clip) in told:
            continue
        told.add((frame.participant, pair.clip))
        place = {"part": frame.part, "number": frame.number, "time_s": f"{frame.time_s:.3f}"}
        marks = {
            f"{axis}{at}": f"{value:.2f}" for at, xy in enumerate(points) for axis, value in zip("xy", xy, strict=True)
        }
        yield {"subject": frame.participant, "clip": pair.clip, **place, **marks}


def _dataset(title: str) -> str:
    """A study's title as a data set's name: small letters, digits and dashes; of a long one the first words.

    >>> _dataset("Smiles & Co."), _dataset("Ärger")
    ('study-smiles-co', 'study-arger')
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = words if len(words) <= 40 else words[:41].rpartition("-")[0] or words[:40]
    return f"study-{short or 'unnamed'}"

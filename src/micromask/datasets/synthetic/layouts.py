"""How a synthetic corpus lies on disk: films, frames or maps and a sheet, as its own loader or another wants them.

A layout writes each clip by itself, so that several processes can, and its sheets at the end.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from micromask.core.registry import Registry
from micromask.core.types import Image
from micromask.datasets.prepare import motion_map_of
from micromask.datasets.synthetic.corpus import BASIC, MASKED, SyntheticClip
from micromask.datasets.synthetic.face import at, shape_of
from micromask.datasets.synthetic.head import head_field, poses
from micromask.datasets.synthetic.render import render
from micromask.datasets.synthetic.workbook import write_workbook
from micromask.faces.align import face_transform
from micromask.recordings.write import write_film

LICENCE = "made from scikit-image's public-domain portrait; free for any use"

MEGC: Mapping[str, str] = {
    **dict.fromkeys(("disgust", "anger", "sadness", "contempt", "repression"), "negative"),
    "happiness": "positive",
    "surprise": "surprise",
}
"""Emotion -> class of the MEGC 2019 composite, for layouts that know no others."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lie on disk.

    ``corpus`` is the loader that reads it (with ``options``), ``fps`` the rate that this loader takes for granted (None
    where the corpus says it), ``emotions`` those that it can name. ``clip`` writes one clip below a root, ``sheets``
    what is written when all clips are there.
    """

    name: str
    corpus: str
    fps: float | None
    emotions: tuple[str, ...]
    clip: Callable[[Path, SyntheticClip], None]
    sheets: Callable[[Path, Sequence[SyntheticClip]], None]
    options: Mapping[str, Any]


layouts: Registry[Layout] = Registry("layout")


def _layout(
    name: str,
    clip: Callable[[Path, SyntheticClip], None],
    sheets: Callable[[Path, Sequence[SyntheticClip]], None],
    *,
    corpus: str = "",
    fps: float | None = None,
    emotions: tuple[str, ...] = BASIC,
    **options: Any,
) -> None:
    layouts.add(name)(Layout(name, corpus or name, fps, emotions, clip, sheets, options))


def person(clip: SyntheticClip) -> str:
    """'S01'."""
    return f"S{clip.subject:02d}"


def take(clip: SyntheticClip) -> str:
    """'S01_EP03'."""
    return f"{person(clip)}_EP{clip.number:02d}"


def first_number(clip: SyntheticClip) -> int:
    """The number of a clip's first frame where files are numbered on: another one for each clip, never 0 or 1."""
    return 37 + 211 * clip.number + clip.subject


def _moments(clip: SyntheticClip, *frames: int) -> Iterator[Image]:
    """Single frames of a clip, without drawing the others."""
    yield from render(replace(clip.script, times=tuple(frame / clip.script.fps for frame in frames)))


def _picture(path: Path, image: Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    path.write_bytes(cv2.imencode(path.suffix, stored)[1].tobytes())


def _numbered(root: Path, clip: SyntheticClip, folder: str, name: Callable[[int], str], *, grey: bool = False) -> None:
    """Every frame of a clip as a picture; ``name`` turns the frame's number, from 0, into the file's name."""
    for number, image in enumerate(render(clip.script)):
        stored = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8) if grey else image
        _picture(root / folder / name(number), stored)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A csv in UTF-8 with line feeds, empty where a cell is None."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


# Its own: films and clips.csv -----------------------------------------------------------------------------------------

NATIVE = (
    *("path", "subject", "clip", "emotion", "onset", "apex", "offset", "kind", "action_units", "shown_emotion"),
    *("felt_emotion", "intended_emotion", "fps", "frames", "size", "licence"),
)


def _film(root: Path, clip: SyntheticClip) -> None:
    path = root / "films" / person(clip) / f"{take(clip)}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_film(path, render(clip.script), clip.script.fps, crf=14)


def _facts(clip: SyntheticClip, path: str) -> tuple[object, ...]:
    return (
        *(path, person(clip), f"EP{clip.number:02d}", clip.emotion, clip.onset, clip.apex, clip.offset, clip.kind),
        *(clip.action_units, clip.shown, clip.felt, clip.felt or clip.emotion),
        *(clip.script.fps, clip.frames, clip.script.size, LICENCE),
    )


def _native_sheet(root: Path, clips: Sequence[SyntheticClip]) -> None:
    write_csv(root / "clips.csv", NATIVE, (_facts(clip, f"films/{person(clip)}/{take(clip)}.mp4") for clip in clips))


def _frames(root: Path, clip: SyntheticClip) -> None:
    _numbered(root, clip, f"frames/{take(clip)}", lambda number: f"{number + 1:05d}.png")


def _table_sheet(root: Path, clips: Sequence[SyntheticClip]) -> None:
    write_csv(root / "clips.csv", NATIVE, (_facts(clip, f"frames/{take(clip)}") for clip in clips))


_layout("synthetic", _film, _native_sheet, emotions=(*BASIC, *MASKED))
_layout("clip-table", _frames, _table_sheet, emotions=(*BASIC, *MASKED))

# Published corpora ----------------------------------------------------------------------------------------------------


def _casme2_name(clip: SyntheticClip) -> str:
    return f"EP{clip.number:02d}_01f"


def _casme2(root: Path, clip: SyntheticClip) -> None:
    folder = f"CASME2_RAW_selected/sub{clip.subject:02d}/{_casme2_name(clip)}"
    _numbered(root, clip, folder, lambda number: f"img{first_number(clip) + number}.jpg")


def _units_cell(clip: SyntheticClip) -> object:
    return int(clip.action_units) if clip.action_units.isdigit() else clip.action_units


def _casme2_sheets(root: Path, clips: Sequence[SyntheticClip]) -> None:
    header = ("Subject", "Filename", None, "OnsetFrame", "ApexFrame", "OffsetFrame", None)
    rows: list[Sequence[object]] = [(*header, "Action Units", "Estimated Emotion")]
    for clip in clips:
        numbers = (first_number(clip) + frame for frame in (clip.onset, clip.apex, clip.offset))
        cells = (f"{clip.subject:02d}", _casme2_name(clip), None, *numbers, None, _units_cell(clip), clip.emotion)
        rows.append(cells)
    write_workbook(root / "CASME2-coding-20140508.xlsx", {"Sheet1": rows, "Sheet2": [], "Sheet3": []})


def _samm_name(clip: SyntheticClip) -> str:
    return f"{clip.subject:03d}_{BASIC.index(clip.emotion) + 1}_{clip.number}"


def _samm(root: Path, clip: SyntheticClip) -> None:
    folder = f"SAMM/{clip.subject:03d}/{_samm_name(clip)}"
    _numbered(root, clip, folder, lambda number: f"{clip.subject:03d}_{first_number(clip) + number:05d}.jpg", grey=True)


def _samm_sheets(root: Path, clips: Sequence[SyntheticClip]) -> None:
    rows: list[Sequence[object]] = [("synthetic people",), *((),) * 12]
    rows.append(
        (
            *("Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration"),
            *("Micro", "Action Units", "Estimated Emotion", "Objective Classes", "Notes"),
        )
    )
    for clip in clips:
        onset, apex, offset = (first_number(clip) + frame for frame in (clip.onset, clip.apex, clip.offset))
        name, code = _samm_name(clip), BASIC.index(clip.emotion) + 1
        cells = (f"{clip.subject:03d}", name, code, onset, apex, offset, offset - onset + 1, "Micro - 1/2")
        rows.append((*cells, clip.action_units, clip.emotion.capitalize(), None, None))
    write_workbook(root / "SAMM_Micro_FACS_Codes_v2.xlsx", {"MICRO_ONLY": rows})


def _smic(root: Path, clip: SyntheticClip) -> None:
    label = MEGC[clip.emotion]
    short = {"negative": "ne", "positive": "po", "surprise": "sur"}[label]
    folder = root / f"HS/s{clip.subject}/micro/{label}/s{clip.subject}_{short}_{clip.number:02d}"
    for number, image in islice(enumerate(render(clip.script)), clip.onset, clip.offset + 1):
        _picture(folder / f"image{first_number(clip) + number:06d}.bmp", image)


def _mmew_name(clip: SyntheticClip) -> str:
    return f"{person(clip)}-{BASIC.index(clip.emotion) + 1:02d}-{clip.number:03d}"


def _mmew(root: Path, clip: SyntheticClip) -> None:
    _numbered(root, clip, f"Micro_Expression/{clip.emotion}/{_mmew_name(clip)}", lambda number: f"{number + 1}.jpg")


def _mmew_sheets(root: Path, clips: Sequence[SyntheticClip]) -> None:
    header = ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Action Units", "Estimated Emotion")
    rows: list[Sequence[object]] = [(*header, "remarks")]
    for clip in clips:
        frames = (clip.onset + 1, clip.apex + 1, clip.offset + 1)
        rows.append((person(clip), _mmew_name(clip), *frames, _units_cell(clip), clip.emotion, None))
    write_workbook(root / "MMEW_Micro_Exp.xlsx", {"Sheet1": rows})


def _no_sheet(root: Path, clips: Sequence[SyntheticClip]) -> None:
    """The folders say it all."""


_CASME2_EMOTIONS = ("happiness", "surprise", "disgust", "repression", "sadness", "others")
_layout("casme2", _casme2, _casme2_sheets, fps=200.0, emotions=_CASME2_EMOTIONS)
_layout("samm", _samm, _samm_sheets, fps=200.0)
_layout("smic", _smic, _no_sheet, fps=100.0)
_layout("mmew", _mmew, _mmew_sheets, fps=90.0)

# Images and maps ------------------------------------------------------------------------------------------------------


def _images(root: Path, clip: SyntheticClip) -> None:
    rest, apex = _moments(clip, 0, clip.apex)
    _picture(root / clip.emotion / f"{take(clip)}.png", apex)
    _picture(root / "neutral" / f"{take(clip)}.png", rest)


def _map(path: Path, clip: SyntheticClip) -> None:
    onset, apex = _moments(clip, clip.onset, clip.apex)
    _picture(path, motion_map_of(onset, apex, face_transform(true_landmarks(clip, clip.onset))))


def true_landmarks(clip: SyntheticClip, frame: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(68, 2) px: where the landmarks of a clip's face are in a frame by the movement of its head alone."""
    (pose,) = poses(clip.script, np.array([frame / clip.script.fps]))
    rest = shape_of(clip.script.subject).landmarks
    return np.asarray((rest + at(head_field(pose, clip.script.subject), rest)) * clip.script.size - 0.5)


def _table_map(root: Path, clip: SyntheticClip) -> None:
    _map(root / "maps" / f"{take(clip)}.png", clip)


def _map_sheet(root: Path, clips: Sequence[SyntheticClip]) -> None:
    rows = (
        ("synthetic", person(clip), f"EP{clip.number:02d}", MEGC[clip.emotion], f"maps/{take(clip)}.png")
        for clip in clips
    )
    write_csv(root / "manifest.csv", ("dataset", "subject", "clip", "emotion", "file"), rows)


def _fold_map(root: Path, clip: SyntheticClip) -> None:
    label = ("negative", "positive", "surprise").index(MEGC[clip.emotion])
    _map(root / person(clip) / "u_test" / str(label) / f"{take(clip)}.png", clip)


def _fold_copies(root: Path, clips: Sequence[SyntheticClip]) -> None:
    """Every map stands in the training folder of everybody else, as in the folders that are passed around."""
    people = sorted({person(clip) for clip in clips})
    for path in sorted(root.glob("*/u_test/*/*.png")):
        whose, _, label, name = path.relative_to(root).parts
        for other in people:
            if other != whose:
                place = root / other / "u_train" / label / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())


_layout("image-folder", _images, _no_sheet, subject_pattern=r"^(S\d+)_", emotions=(*BASIC, *MASKED))
_layout("folder", _images, _no_sheet, corpus="image-folder", subject_pattern=r"^(S\d+)_", emotions=(*BASIC, *MASKED))
_layout("flow-table", _table_map, _map_sheet)
_layout("flow-folder", _fold_map, _fold_copies)

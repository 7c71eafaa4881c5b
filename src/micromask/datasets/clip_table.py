"""Any data set at all, as one table: a csv whose ``path`` is a film, a folder of frames or a single image."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from micromask.core.clips import Annotation, Clip, ClipKind
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.frames import FrameFolder, folder_recording, frame_folder
from micromask.datasets.sheets import Row, find_sheet, read_sheet
from micromask.recordings import probe
from micromask.recordings.images import DEFAULT_FPS, IMAGE_SUFFIXES, list_images

NAME = "clip-table"
COLUMNS: dict[str, tuple[str, ...]] = {
    "path": ("path", "file"),
    "subject": ("subject",),
    "emotion": ("emotion",),
    "clip": ("clip", "id"),
    "onset": ("onset",),
    "apex": ("apex",),
    "offset": ("offset",),
    "action_units": ("action_units",),
    "objective_class": ("objective_class",),
    "kind": ("kind",),
    "shown_emotion": ("shown_emotion",),
    "felt_emotion": ("felt_emotion",),
    "intended_emotion": ("intended_emotion",),
    "gender": ("gender", "sex"),
    "stimulus": ("stimulus",),
    "fps": ("fps",),
    "dataset": ("dataset",),
    "licence": ("licence", "license"),
}
"""What the loader calls a column -> the header texts for it (case, blanks and punctuation do not count)."""

KINDS: tuple[ClipKind, ...] = ("micro", "macro", "masked")
ATTRIBUTES = ("gender", "stimulus")
NEEDED = ("path", "subject", "emotion")


class _RowError(Exception):
    """Why a row is refused: a finding's code and the rest of its line."""

    def __init__(self, code: str, line: str) -> None:
        super().__init__(line)
        self.code = code
        self.line = line


@dataclass(slots=True)
class _Places:
    """What was looked up on disk already: many rows may name one film or one folder."""

    films: dict[Path, Recording] = field(default_factory=dict)
    folders: dict[Path, int] = field(default_factory=dict)

    def film(self, path: Path) -> Recording:
        if path not in self.films:
            self.films[path] = probe(path)
        return self.films[path]

    def images(self, path: Path) -> int:
        if path not in self.folders:
            self.folders[path] = len(list_images(path))
        return self.folders[path]


@datasets.add(NAME)
def clip_table(root: Path, options: LoadOptions) -> Corpus:
    """Clips that a csv (or .xlsx) lists, one a row.

    ``root`` is the table or the folder in which it is the only csv. Columns, in any order; others are ignored:

    ================ ===================================================================================================
    path             needed. A film, a folder of frames or a single image, relative to the table (or absolute)
    subject          needed, never empty: who it is
    emotion          needed, may be empty: as coded
    clip             a name, unique with dataset and subject; else path (and onset, where one recording has many rows)
    onset, offset    first and last frame (included), counted from 0; else the recording's first and last
    apex             strongest frame; else as ``missing_apex`` says
    kind             micro (if not given), macro or masked
    action_units     as coded
    objective_class  I to VII
    shown_emotion    what is shown, and
    felt_emotion     what is felt, in a masked expression
    intended_emotion what the stimulus was chosen for
    gender, stimulus who was filmed and how it was elicited, as one calls it: the clip's attributes, to split by
    fps              of a folder of frames (30 if not given); a film's own clock is taken as it is
    dataset          goes with the subject's name: '01' of one corpus is not '01' of another; else ``clip-table``
    licence          else unknown
    ================ ===================================================================================================

    Folders of frames are listed and no image is opened; a film is opened once, to count its frames.

    Options
    -------
    first_frame : {0, 1, "file"}
        How the table counts frames: from 0, from 1, or by the numbers in the files' names of a folder of frames.

    One release, ``N rows``.

    Raises
    ------
    BadInputError
        If there is no such table or it lacks a needed column. A row that cannot be right becomes a finding with its
        number: DS005 to DS008, DS011, DS017.
    """
    first = options.take(NAME, first_frame=0)["first_frame"]
    if str(first) not in ("0", "1", "file"):
        raise BadInputError(f"{NAME}: first_frame is 0, 1 or 'file', got {first!r}")
    path = find_sheet(root, ("*.csv",), NAME)
    sheet = read_sheet(path, COLUMNS, NAME, optional=[name for name in COLUMNS if name not in NEEDED])
    if not sheet.rows:
        raise BadInputError(f"{NAME}: {path} has a header and no rows")
    uses: dict[tuple[str, ...], int] = {}
    for row in sheet:
        uses[_whose(row)] = uses.get(_whose(row), 0) + 1
    builder, places = Builder(NAME, root, options), _Places()
    for row in sheet:
        try:
            builder.add(_clip(row, str(first), places, several=uses[_whose(row)] > 1))
        except _RowError as error:
            builder.say(error.code, f"{row.source}: {error.line}")
        except BadInputError as error:
            builder.say("DS011", f"{row.source}: {error}")
    return builder.corpus(f"{len(sheet.rows)} rows")


def _whose(row: Row) -> tuple[str, ...]:
    return row.text("dataset"), row.text("subject"), row.text("path")


def _clip(row: Row, first: str, places: _Places, *, several: bool) -> Clip:
    for name in ("path", "subject"):
        if not row.text(name):
            raise _RowError("DS011", f"{name} is empty; every clip needs one")
    kind = _kind(row)
    subject = SubjectId(row.text("dataset") or NAME, row.text("subject"))
    clip_id = f"{subject}/{row.text('clip') or row.text('path')}"
    if several and not row.text("clip"):
        clip_id += f"@{row.text('onset') or '0'}"
    path = row.source.file.parent / row.text("path").replace("\\", "/")
    picture = path.is_file() and path.suffix.lower() in IMAGE_SUFFIXES
    recording = _recording(row, path, picture, places)
    folder = _numbered(row, path) if first == "file" else None
    if folder is not None:  # its numbers also tell how long a gap is
        recording = folder_recording(folder, subject, clip_id, recording.fps, "")
    recording = replace(recording, id=clip_id, subject=subject, licence=row.text("licence") or "unknown")
    onset, apex, offset = _interval(row, recording, first, folder)
    apex_from: Literal["coder", "image"] | None = "image" if picture else None if apex is None else "coder"
    texts = {name: row.text(name) or None for name in ("objective_class", "shown_emotion", "felt_emotion")}
    annotation = Annotation(
        onset,
        0 if picture else apex,
        offset,
        row.text("emotion"),
        kind,
        row.source,
        action_units=row.text("action_units"),
        apex_from=apex_from,
        intended_emotion=row.text("intended_emotion") or None,
        **texts,
    )
    attributes = {name: row.text(name).lower() for name in ATTRIBUTES if row.text(name)}
    return Clip(clip_id, recording, annotation, attributes=attributes)


def _kind(row: Row) -> ClipKind:
    for kind in KINDS:
        if kind == (row.text("kind").lower() or "micro"):
            return kind
    raise _RowError("DS011", f"kind is {', '.join(KINDS)}, got {row.text('kind')!r}")


def _recording(row: Row, path: Path, picture: bool, places: _Places) -> Recording:
    fps = DEFAULT_FPS
    if row.text("fps"):
        try:
            fps = float(row.text("fps"))
        except ValueError:
            fps = 0.0
        if not 0 < fps < float("inf"):
            raise _RowError("DS011", f"fps must be a positive number, got {row.text('fps')!r}")
    if picture:
        return Recording(path.name, path, 1.0, 1, None)
    if path.is_dir():
        if not places.images(path):
            raise _RowError("DS008", f"{row.text('path')} holds no frames")
        return Recording(path.name, path, fps, places.images(path), None)
    if not path.exists():
        raise _RowError("DS008", f"no film, folder or image {row.text('path')} (looked for {path})")
    return places.film(path)


def _numbered(row: Row, path: Path) -> FrameFolder:
    """The folder whose files' numbers the table counts by."""
    folder = frame_folder(path) if path.is_dir() else None
    if folder is None:
        raise _RowError("DS011", f"first_frame 'file' needs a folder of numbered frames, got {row.text('path')}")
    if folder.strays:
        raise _RowError("DS040", f"{row.text('path')} holds {folder.strays[0]}; take it out")
    return folder


def _interval(row: Row, recording: Recording, first: str, folder: FrameFolder | None) -> tuple[int, int | None, int]:
    last = recording.n_frames - 1
    onset, apex, offset = (_frame(row, name, first, folder, last) for name in ("onset", "apex", "offset"))
    onset, offset = 0 if onset is None else onset, last if offset is None else offset
    if offset < onset:
        raise _RowError("DS005", f"ends (offset {row.text('offset')}) before it begins (onset {row.text('onset')})")
    if apex is not None and not onset <= apex <= offset:
        raise _RowError("DS006", f"apex {row.text('apex')} outside {row.text('onset')} to {row.text('offset')}")
    return onset, apex, offset


def _frame(row: Row, name: str, first: str, folder: FrameFolder | None, last: int) -> int | None:
    """A cell as a frame from 0 on the recording's own clock; None where it is empty."""
    text = row.text(name)
    if not text:
        return None
    try:
        number = int(text.removesuffix(".0"))
    except ValueError:
        raise _RowError("DS011", f"{name} must be a frame number, got {text!r}") from None
    frame = number - int(first) if folder is None else folder.index(number)
    if frame is None or not 0 <= frame <= last:
        lowest = folder.numbers[0] if folder else int(first)
        highest = folder.numbers[-1] if folder else last + int(first)
        raise _RowError("DS007", f"{name} {number} is not on the recording, whose frames are {lowest} to {highest}")
    return frame

"""What was read of pictures: a table with a row a face, and one offline page."""

from __future__ import annotations

import csv
import io
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from micromask import __version__
from micromask.core.predictions import FaceRead, PictureRead
from micromask.core.types import Image
from micromask.reports.evaluation.pictures import Picture, heat_over
from micromask.reports.fill import fill_template
from micromask.reports.tables import Column, plain_cell
from micromask.reports.words import count

QUALITY = 85
MOST_SHOWN = 1000
"""So many faces are on the page; the table has all of them. A page of a thousand is about 40 MB."""

NO_MODEL = (
    "No model was asked: faces were found and made easier to see, and nothing is said of what they express. "
    "No model of seven emotions comes with micromask."
)
TRAIN = (
    "To have one, fit it on a folder of pictures per emotion of your own: on the page Images, or with "
    "micromask train image-folder --root FOLDER --model mer-resnet18 --out mine.safetensors"
)

COLUMNS: dict[str, Column] = {
    "picture": Column("the picture"),
    "face": Column("number of the face in the picture, counted from 1, largest first; empty where none was found"),
    "emotion": Column("most probable class; empty where no model was asked"),
    "p_<class>": Column("probability of one class; one column per class, together 1", "0 to 1"),
    "x0": Column("left edge of the face, from the eyebrows to the chin and from ear to ear", "px of the picture"),
    "y0": Column("upper edge", "px of the picture"),
    "x1": Column("right edge", "px of the picture"),
    "y1": Column("lower edge", "px of the picture"),
    "confidence": Column("the detector's; comparable within one detector only", "0 to 1"),
    "width": Column("width of the picture, upright", "px"),
    "height": Column("height of the picture, upright", "px"),
    "enhanced": Column("what was done to the face that is shown, joined by '; '"),
    "cautions": Column("why the row may be weak, and what is odd about the file, joined by '; '"),
    "why": Column("why the picture could not be read; empty where it could"),
}
"""The columns of predictions.csv in their order."""


@dataclass(frozen=True, slots=True)
class FaceLine:
    """One row of the table, with its pictures as JPEG: what is shown, and the heat over it (empty where none is).

    ``face`` counts from 1, and is None where the row is about a picture without a face.
    """

    picture: str
    face: int | None = None
    size: tuple[int, int] | None = None
    box: tuple[float, float, float, float] | None = None
    confidence: float | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    why: str = ""
    shown: bytes = b""
    heat: bytes = b""

    @property
    def has_face(self) -> bool:
        """Whether the row is about a face, or a whole picture that a model was asked about."""
        return self.face is not None or bool(self.probabilities)

    @property
    def emotion(self) -> str:
        """The most probable class, '' where no model was asked."""
        return max(self.probabilities, key=self.probabilities.__getitem__) if self.probabilities else ""


def lines_of(read: PictureRead) -> tuple[FaceLine, ...]:
    """The rows of one picture: a row a face, or one row that says that there is none, or why it could not be read."""
    if read.why:
        return (FaceLine(read.name, why=read.why),)
    if not read.faces:
        return (FaceLine(read.name, size=read.size, cautions=("no face was found", *read.notes)),)
    return tuple(_line(read, face, number) for number, face in enumerate(read.faces, start=1))


def without_pictures(line: FaceLine) -> FaceLine:
    """The same row without its pictures: the table needs none, and thousands of them would fill the memory."""
    return replace(line, shown=b"", heat=b"")


def write_csv(lines: Iterable[FaceLine], classes: Sequence[str]) -> str:
    """The table as text; ``classes`` are those of the model, none where no model was asked."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    names = [name for name in COLUMNS if name != "p_<class>"]
    at = names.index("x0")
    table.writerow([*names[:at], *(f"p_{name}" for name in classes), *names[at:]])
    for line in lines:
        box = ("",) * 4 if line.box is None else tuple(f"{side:.1f}" for side in line.box)
        height, width = line.size or ("", "")
        told = (f"{line.probabilities[name]:.4f}" if line.probabilities else "" for name in classes)
        confidence = "" if line.confidence is None else f"{line.confidence:.3f}"
        table.writerow(
            [
                *map(plain_cell, (line.picture, line.face or "", line.emotion)),
                *told,
                *box,
                confidence,
                width,
                height,
                *map(plain_cell, ("; ".join(line.steps), "; ".join(line.cautions), line.why)),
            ]
        )
    return text.getvalue()


def render(lines: Sequence[FaceLine], *, title: str, model: str, classes: Sequence[str]) -> str:
    """The rows as one HTML page that loads nothing from anywhere.

    Parameters
    ----------
    lines : sequence of FaceLine
    title : str
    model : str
        The line of the model (`Fitted.describe`), or '' where none was asked.
    classes : sequence of str
        Of the model.

    Returns
    -------
    str
        HTML with its style inside and no script. Names are escaped.
    """
    faces = [line for line in lines if line.has_face]
    shown = [line for line in faces if line.shown][:MOST_SHOWN]
    emotions = Counter(line.emotion for line in lines if line.emotion)
    return fill_template(
        "predictions.html.j2",
        version=__version__,
        title=title,
        model=model,
        no_model=NO_MODEL,
        train=TRAIN,
        pictures=len({line.picture for line in lines}),
        faces=len(faces),
        unread=[line for line in lines if line.why],
        without=[line for line in lines if not line.why and not line.has_face],
        emotions=[(name, emotions[name]) for name in classes if emotions[name]],
        cards=[(line, _bars(line, classes), _uri(line.shown), _uri(line.heat)) for line in shown],
        more=len(faces) - len(shown),
        count=count,
        any_heat=any(line.heat for line in faces),
    )


def line_document(line: FaceLine) -> dict[str, Any]:
    """A row as JSON can say it, without its pictures."""
    return {
        "picture": line.picture,
        "face": line.face,
        "size": None if line.size is None else list(line.size),
        "box": None if line.box is None else [round(side, 1) for side in line.box],
        "confidence": line.confidence,
        "probabilities": dict(line.probabilities),
        "steps": list(line.steps),
        "cautions": list(line.cautions),
        "why": line.why,
    }


def read_line(told: Mapping[str, Any], shown: bytes = b"", heat: bytes = b"") -> FaceLine:
    """A row from `line_document`, with its pictures where they are at hand."""
    return FaceLine(
        told["picture"],
        told["face"],
        None if told["size"] is None else tuple(told["size"]),
        None if told["box"] is None else tuple(told["box"]),
        told["confidence"],
        told["probabilities"],
        tuple(told["steps"]),
        tuple(told["cautions"]),
        told["why"],
        shown,
        heat,
    )


def jpeg(image: Image) -> bytes:
    """A picture (H, W, 3) RGB as the bytes of a JPEG."""
    return cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[
        1
    ].tobytes()


def _line(read: PictureRead, face: FaceRead, number: int) -> FaceLine:
    return FaceLine(
        read.name,
        number if face.box is not None else None,
        read.size,
        face.box,
        face.confidence,
        face.probabilities,
        face.steps,
        (*face.cautions, *read.notes),
        shown=jpeg(face.shown),
        heat=b"" if face.heat is None else jpeg(heat_over(Picture(face.shown, face.heat))),
    )


def _bars(line: FaceLine, classes: Sequence[str]) -> list[tuple[str, float]]:
    return [(name, line.probabilities[name]) for name in classes] if line.probabilities else []


def _uri(picture: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(picture).decode('ascii')}" if picture else ""

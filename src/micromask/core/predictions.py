"""What was read of a picture: its faces, and what a model says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from micromask.core.types import FloatArray, Image


@dataclass(frozen=True, slots=True, eq=False)
class FaceRead:
    """One row: a face of a picture, or the whole picture where the model was fitted on whole ones.

    ``box`` (x0, y0, x1, y1) px of the upright picture and ``confidence`` are the detector's, None where no face was
    found. ``shown`` (H, W, 3) RGB is the enhanced face, or the whole picture made small; ``steps`` are what was done to
    it. ``probabilities`` are empty where no model was asked; ``heat``, of the size of ``shown`` and in [0, 1], is where
    the network looked, None where there is none. ``cautions`` are sentences for a person.
    """

    box: tuple[float, float, float, float] | None
    confidence: float | None
    shown: Image
    steps: tuple[str, ...] = ()
    probabilities: Mapping[str, float] = field(default_factory=dict)
    heat: FloatArray | None = None
    cautions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.probabilities and abs(sum(self.probabilities.values()) - 1) > 1e-3:
            raise ValueError(f"probabilities must add to 1, got {dict(self.probabilities)}")
        if self.heat is not None and self.heat.shape != self.shown.shape[:2]:
            raise ValueError(f"heat has the size of what is shown {self.shown.shape[:2]}, got {self.heat.shape}")

    @property
    def emotion(self) -> str | None:
        """The most probable class, or None where no model was asked."""
        return max(self.probabilities, key=self.probabilities.__getitem__) if self.probabilities else None


@dataclass(frozen=True, slots=True, eq=False)
class PictureRead:
    """A picture: its name, its size (H, W) once upright, its faces, largest first, and what is odd about its file.

    ``why`` says why it could not be read, and is empty where it could; then ``size`` is None and there are no faces.
    """

    name: str
    size: tuple[int, int] | None
    faces: tuple[FaceRead, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""

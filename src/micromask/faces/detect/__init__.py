"""Detectors by name: a picture in, faces out; every one of them works offline.

Importing this package imports neither torch nor dlib nor MediaPipe; a detector's parts are loaded by its factory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from micromask.core.errors import MicromaskError
from micromask.core.registry import Registry
from micromask.core.types import Detection, Image
from micromask.faces.detect.landmarks import landmarks68

__all__ = ["Detector", "DetectorState", "describe_detectors", "detectors", "landmarks68"]


class Detector(Protocol):
    """Finds the faces in one picture.

    ``name`` is the registry's; ``landmarks`` is the number of points that come with each face (0 for none).
    """

    name: str
    landmarks: int

    def __call__(self, image: Image, smallest: float = 40) -> list[Detection]:
        """Faces in a picture, by the area of their boxes, largest first.

        Parameters
        ----------
        image : (H, W) grey or (H, W, 3) RGB, uint8
        smallest : float
            Width in px of the smallest face that must be found (of its common box, see below).

        Returns
        -------
        list of Detection
            Boxes in the picture's px, from the eyebrows to the chin and from ear to ear: what the 68 landmarks span,
            whichever detector found them. They may reach over the picture's edge. Confidence in [0, 1] orders the
            finds of one detector; it is no probability and is not comparable between detectors.

        Raises
        ------
        ValueError
            If image has another shape or type, or smallest is not positive.
        """
        ...


detectors: Registry[Callable[..., Detector]] = Registry("detector")
"""Factories by name: ``detectors["dlib"]()`` loads the parts and gives the detector."""


@detectors.add("haar")
def _haar() -> Detector:
    from micromask.faces.detect.haar import HaarDetector

    return HaarDetector()


@detectors.add("dlib")
def _dlib() -> Detector:
    from micromask.faces.detect.dlib_hog import DlibDetector

    return DlibDetector()


@detectors.add("mtcnn")
def _mtcnn() -> Detector:
    from micromask.faces.detect.mtcnn import MtcnnDetector

    return MtcnnDetector()


@detectors.add("mediapipe")
def _mediapipe(model: str | Path | None = None) -> Detector:
    from micromask.faces.detect.mediapipe import MediapipeDetector

    return MediapipeDetector(model)


@dataclass(frozen=True, slots=True)
class DetectorState:
    """Whether one detector works on this machine.

    ``note`` is what it found on the portrait, or what is missing and how to get it; ``licence`` is that of its parts;
    ``landmarks`` is 0 where it could not be built.
    """

    name: str
    works: bool
    note: str
    licence: str
    landmarks: int


LICENCES = {
    "haar": "cascade: Intel licence for open-source computer vision (BSD-like), in the OpenCV wheel",
    "dlib": "code: Boost; 68-point file: for non-commercial use only (trained on iBUG 300-W)",
    "mtcnn": "weights: MIT (from the wheel of mtcnn 1.0.0)",
    "mediapipe": "code: Apache-2.0; the .task file comes from you, under its own licence",
}


def describe_detectors() -> list[DetectorState]:
    """Build every detector of the registry and look for the face in scikit-image's portrait, which it ships.

    Returns
    -------
    list of DetectorState
        One for each name, in the registry's order. Nothing is raised: what fails is described.
    """
    from skimage.data import astronaut

    portrait: Image = astronaut()[:300, 80:380]
    states = []
    for name in detectors:
        licence, points = LICENCES.get(name, "see the plug-in that brought it"), 0
        try:
            detector = detectors[name]()
            points = detector.landmarks
            found = detector(portrait)
        except MicromaskError as error:
            works, note = False, str(error)
        except Exception as error:  # noqa: BLE001  (a doctor reports what broke, whatever it was)
            works, note = False, f"failed with {type(error).__name__}: {error}"
        else:
            works = len(found) == 1
            note = "found the portrait's face" if works else f"found {len(found)} faces in a portrait of one"
        states.append(DetectorState(name, works, note, licence, points))
    return states

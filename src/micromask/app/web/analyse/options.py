"""How a recording is to be analysed, as a page asks for it; a model of one's own goes by its file's name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from micromask.core.errors import BadInputError
from micromask.faces.detect import detectors
from micromask.inference.own_models import own_models
from micromask.motion.flow import flow_methods

SHIPPED, NO_MODEL = "", "none"
"""In place of a model's file: the recogniser that comes with the package; intervals without emotions."""

DETECTOR_WORDS = {
    "mtcnn": "mtcnn: right for most films",
    "dlib": "dlib: for very dark or flat pictures; slower",
    "haar": "haar: upright faces from the front only",
    "mediapipe": "mediapipe: needs its own model file",
}
FLOW_WORDS = {
    "dis": "dis: the usual one",
    "farneback": "farneback: another method, to compare with",
    "tvl1": "tvl1: careful and much slower",
}


class Options(BaseModel):
    """What can be chosen on the page; ``threshold`` is in per cent of the distance between the eyes."""

    detector: Annotated[str, Field(max_length=40)] = "mtcnn"
    flow: Annotated[str, Field(max_length=40)] = "dis"
    face: Annotated[str, Field(pattern="^(largest|all|[0-9]{1,3})$")] = "largest"
    threshold: Annotated[float, Field(gt=0, lt=100)] = 0.9
    magnify: Annotated[float, Field(ge=0, le=50)] = 0.0
    masked: bool = False
    model: Annotated[str, Field(max_length=255)] = SHIPPED


def payload_of(options: Options, workspace: Path) -> dict[str, Any]:
    """The payload of the work kind ``analyze``.

    Raises
    ------
    BadInputError
        If a detector, flow method or model of that name is not there.
    """
    _ = detectors[options.detector], flow_methods[options.flow]
    if options.model not in (SHIPPED, NO_MODEL):
        known = {one.path.name: one for one in own_models(workspace / "models")}
        if options.model not in known:
            raise BadInputError(f"there is no model {options.model!r} in this workspace (any more): choose another")
        if known[options.model].why:
            raise BadInputError(known[options.model].why)
    return {
        "detector": options.detector,
        "flow": options.flow,
        "face": options.face,
        "floor": options.threshold,
        "magnify": options.magnify,
        "masked": options.masked,
        "recognise": options.model != NO_MODEL,
        "model": None if options.model in (SHIPPED, NO_MODEL) else options.model,
    }


def model_words(workspace: Path) -> list[tuple[str, str]]:
    """The models that can be chosen, each with what it is in a few words."""
    own = [
        (one.path.name, f"{one.path.stem}: {one.name}, {', '.join(one.classes)}")
        for one in own_models(workspace / "models")
        if not one.why
    ]
    return [
        (SHIPPED, "shipped: the model that comes with micromask"),
        *own,
        (NO_MODEL, "none: find the intervals only"),
    ]

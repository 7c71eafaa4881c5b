"""An apex for clips whose coders marked none; the clip says that it is an estimate."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from micromask.core.clips import Clip
from micromask.core.types import FloatArray
from micromask.motion.flow import flow_methods
from micromask.recordings import probe, read


def with_apex(clip: Clip, how: Literal["midpoint", "motion-peak"]) -> Clip:
    """The clip with an estimated apex.

    Parameters
    ----------
    clip : Clip
        One whose annotation has no apex.
    how : {"midpoint", "motion-peak"}
        ``midpoint`` opens no picture. ``motion-peak`` reads the clip and takes the frame that differs most, by the mean
        length of its flow from the onset, from the onset frame.
    """
    annotation = clip.annotation
    if how == "midpoint":
        apex = (annotation.onset + annotation.offset) // 2
    else:
        apex = annotation.onset + int(np.argmax(_motion(clip)))
    return replace(clip, annotation=replace(annotation, apex=apex, apex_from=how))


def _motion(clip: Clip, size: int = 128) -> FloatArray:
    """Mean flow length (px at ``size``) of each frame from onset to offset against the onset, drift removed."""
    annotation = clip.annotation
    recording = clip.recording if clip.recording.size is not None else probe(clip.recording.path)
    method, first, lengths = flow_methods["dis"](), None, []
    for frame in read(recording, start=annotation.onset, stop=annotation.offset + 1):
        small = np.asarray(cv2.resize(frame.image, (size, size), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        if first is None:
            first = small
            lengths.append(0.0)
            continue
        flow = method(first, small)
        own = flow - np.median(flow, axis=(1, 2), keepdims=True)
        lengths.append(float(np.linalg.norm(own, axis=0).mean()))
    return np.array(lengths)

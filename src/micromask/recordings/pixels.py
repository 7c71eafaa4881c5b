"""From a decoded frame to an array: grey from the luma as it is stored, RGB, and scaled down on the way."""

from __future__ import annotations

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation

from micromask.core.types import Image


def pixels(frame: VideoFrame, *, colour: bool, longest: int | None) -> tuple[Image, float]:
    """The picture of a decoded frame, not turned, and its scale.

    Parameters
    ----------
    frame : VideoFrame
        In any pixel format.
    colour : bool
        (H, W, 3) RGB; else (H, W) grey, which is the luma plane itself where there is one of 8 bits.
    longest : int, optional
        The longer side in pixels that is not to be passed; averaging areas, as OpenCV's INTER_AREA does.

    Returns
    -------
    image : uint8, its own memory
    scale : float
        Pixels of the picture per pixel of the frame, at most 1.
    """
    (height, width), scale = _target((frame.height, frame.width), longest)
    if colour:
        how = Interpolation.AREA if scale < 1 else Interpolation.BILINEAR  # swscale's fast way where sizes are alike
        rgb = frame.reformat(width, height, "rgb24", interpolation=how, threads=1)
        return _plane(rgb, 3).copy(), scale
    if not _has_luma_plane(frame):
        # told that both ranges are alike, swscale keeps the luma as it is stored
        alike = ColorRange.UNSPECIFIED if frame.format.is_rgb else ColorRange.JPEG
        grey = frame.reformat(
            width,
            height,
            "gray",
            interpolation=Interpolation.AREA,
            src_color_range=alike,
            dst_color_range=alike,
            threads=1,
        )
        return _plane(grey).copy(), scale
    luma = _plane(frame)
    if scale < 1:
        stored = VideoFrame.from_numpy_buffer(luma, "gray")
        luma = _plane(stored.reformat(width, height, interpolation=Interpolation.AREA, threads=1))
    return luma.copy(), scale


def shrunk(image: Image, longest: int | None) -> tuple[Image, float]:
    """A picture of at most ``longest`` pixels on its longer side, averaging areas, and its scale."""
    (height, width), scale = _target(image.shape[:2], longest)
    if scale < 1:
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return image, scale


def _target(size: tuple[int, ...], longest: int | None) -> tuple[tuple[int, int], float]:
    height, width = size[:2]
    if longest is None or max(height, width) <= longest:
        return (height, width), 1.0
    scale = longest / max(height, width)
    return (max(1, round(height * scale)), max(1, round(width * scale))), scale


def _has_luma_plane(frame: VideoFrame) -> bool:
    """Whether plane 0 is the luma at 8 bits: planar or semi-planar YUV, or grey."""
    if frame.format.is_rgb or frame.format.has_palette or frame.planes[0].line_size <= 0:
        return False
    components = frame.format.components
    return components[0].bits == 8 and all(other.plane != 0 for other in components[1:])


def _plane(frame: VideoFrame, channels: int = 1) -> Image:
    """The first plane as (H, W) or (H, W, channels), without the padding of its rows; it looks into the frame."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: frame.height]
    rows = rows[:, : frame.width * channels]
    return rows if channels == 1 else rows.reshape(frame.height, frame.width, channels)

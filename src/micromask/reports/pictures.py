"""Pictures inside the page: crops, and flow as colour over a face."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image, Pictures

LEAST_SCALE = 0.5
"""Motion of this many px has full colour where nothing moves more: noise stays pale."""
LIGHTNESS, CHROMA = 0.70, 0.17
OPACITY = 0.85
ARROWS = 15
"""Arrows along the longer side of the face."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From (x0, y0) to (x1, y1) in pixels of the face."""

    x0: float
    y0: float
    x1: float
    y1: float


def data_uri(image: Image, *, quality: int = 90) -> str:
    """A picture (H, W) grey or (H, W, 3) RGB, uint8, as the address of a JPEG that it holds itself."""
    return _uri(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def png_uri(image: Image) -> str:
    """A picture (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8, as the address of a PNG that it holds itself."""
    return _uri(image, ".png", [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _uri(image: Image, extension: str, options: list[int]) -> str:
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    pixels = cv2.cvtColor(image, order[image.shape[2]]) if image.ndim == 3 and image.shape[2] in order else image
    done, packed = cv2.imencode(extension, np.ascontiguousarray(pixels), options)
    if not done:
        raise ValueError(f"a picture of shape {image.shape} and type {image.dtype} cannot be packed as {extension}")
    kind = {".jpg": "jpeg", ".png": "png"}[extension]
    return f"data:image/{kind};base64,{b64encode(packed.tobytes()).decode('ascii')}"


def direction_colour(angle: FloatArray) -> FloatArray:
    """Colour (..., 3) RGB in [0, 1] of a direction in radians, 0 right and pi / 2 down, all equally light.

    The hue goes once round the OKLCh circle, so no direction looks stronger than another.

    Source
    ------
    Ottosson 2020, 'A perceptual color space for image processing' (OKLab), https://bottosson.github.io/posts/oklab/
    """
    a, b = CHROMA * np.cos(angle + 0.5), CHROMA * np.sin(angle + 0.5)
    long = (LIGHTNESS + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (LIGHTNESS - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (LIGHTNESS - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        ],
        axis=-1,
    ).clip(0, 1)
    gamma: FloatArray = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return gamma


def flow_scale(flow: FloatArray) -> float:
    """Motion in px that is drawn in full colour: what all but one per cent of the face stays below."""
    size = np.hypot(flow[0], flow[1])
    size = size[np.isfinite(size)]
    return max(LEAST_SCALE, float(np.percentile(size, 99))) if size.size else LEAST_SCALE


def flow_over_face(pictures: Pictures, scale: float) -> Image:
    """The flow as colour over the grey onset face: hue is direction, opacity is strength.

    Parameters
    ----------
    pictures : Pictures
        The onset face is brought to the size of the flow where they differ.
    scale : float
        Motion of full colour, px.

    Returns
    -------
    (H, W, 3) uint8
    """
    flow = np.nan_to_num(pictures.motion.flow.astype(np.float64))
    height, width = flow.shape[1:]
    face = pictures.onset
    grey = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY) if face.ndim == 3 else face
    if grey.shape != (height, width):
        grey = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA)
    pale = grey[..., None] / 255
    colour = direction_colour(np.arctan2(flow[1], flow[0]))
    opacity = OPACITY * (np.hypot(flow[0], flow[1]) / scale).clip(0, 1)[..., None]
    # The colour takes on the face's shading, so that brows and lips stay visible under it.
    over = pale * (1 - opacity) + colour * (0.55 + 0.45 * pale) * opacity
    return np.asarray(np.round(255 * over.clip(0, 1)), dtype=np.uint8)


def arrows(flow: FloatArray, scale: float) -> tuple[list[Arrow], int]:
    """Arrows where the face moves by at least a third of ``scale``, and how many times too long they are drawn."""
    height, width = flow.shape[1:]
    step = max(height, width) / ARROWS
    times = max(1, round(1.2 * step / scale))
    rows = np.arange(step / 2, height, step)
    columns = np.arange(step / 2, width, step)
    drawn = []
    for y in rows:
        for x in columns:
            u, v = (float(part[int(y), int(x)]) for part in flow)
            if np.isfinite(u + v) and np.hypot(u, v) >= scale / 3:
                longest = 2 * scale / max(2 * scale, float(np.hypot(u, v)))
                drawn.append(Arrow(float(x), float(y), float(x) + times * longest * u, float(y) + times * longest * v))
    return drawn, times


def colour_wheel(size: int = 112) -> Image:
    """The legend of :func:`flow_over_face`: (size, size, 4) RGBA, directions round it, stronger outwards."""
    y, x = (np.mgrid[0:size, 0:size] + 0.5) / (size / 2) - 1
    radius = np.hypot(x, y)
    colour = direction_colour(np.arctan2(y, x))
    over = 1 - (1 - colour) * radius.clip(0, 1)[..., None]
    edge = ((1 - radius) * size / 2).clip(0, 1)[..., None]
    wheel: Image = np.round(255 * np.concatenate([over.clip(0, 1), edge], axis=-1)).astype(np.uint8)
    return wheel

"""Explained clips as rows of a document and as PNG files beside it, from which a page can be drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from micromask.evaluation.explained import Explained

FOLDER = "explained"
"""Where the files lie in a run's folder."""


def explained_files(
    explained: Mapping[str, Explained], *, pictures: bool
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """What explained clips leave in a run: rows for its document, and PNG files by name.

    Parameters
    ----------
    explained : mapping of str to Explained
        By clip, from `explained.explain_clips`.
    pictures : bool
        Whether the samples themselves are kept, which their licence and the people's consent have to allow. The heat is
        kept in any case: nobody can be recognised in it.

    Returns
    -------
    rows : list of dict
        ``clip``, ``sample``, ``fold``, ``seed``, ``said``, ``probability``, and the names of the files ``heat`` (8-bit
        grey, 255 where most speaks for the answer) and ``picture`` (None where it is not kept).
    files : dict of str to bytes
    """
    rows, files = [], {}
    for number, (clip, one) in enumerate(explained.items(), 1):
        heat, picture = f"{number:02d}-heat.png", f"{number:02d}.png" if pictures else None
        files[heat] = _png(np.rint(255 * one.heat).astype(np.uint8))
        if picture is not None:
            files[picture] = _png(one.image)
        rows.append(
            {
                "clip": clip,
                "sample": one.sample,
                "fold": one.fold,
                "seed": one.seed,
                "said": one.said,
                "probability": one.probability,
                "heat": heat,
                "picture": picture,
            }
        )
    return rows, files


def _png(pixels: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", optimize=True)
    return file.getvalue()

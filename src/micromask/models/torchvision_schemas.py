"""timm, imported so that it also loads where torchvision came without its compiled part.

timm imports torchvision, and torchvision describes its own operators to torch while it is imported. Where its compiled
part cannot be loaded (a torchvision built for CUDA beside a torch for the CPU, which is what an unpinned install
gives), two of them, ``nms`` and ``qnms``, are not there to be described, and the import ends with ``operator
torchvision::nms does not exist``. Nothing here detects boxes, so it is enough that torch knows what the two look like.
They are declared only where the import has failed for this reason: beside a whole torchvision they would be declared
twice, which torch refuses.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch

from micromask.core.errors import MissingPartError

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

_declared: list[torch.library.Library] = []
"""A library's operators are gone when it is collected: these stay as long as the process."""


@cache
def import_timm() -> Any:
    """The timm package.

    Raises
    ------
    MissingPartError
        If timm or torchvision is not installed.
    """
    try:
        try:
            import timm
        except RuntimeError as error:
            if "torchvision::" not in str(error):
                raise
            _declare()
            import timm
    except ImportError as error:
        raise MissingPartError(
            f"networks with ImageNet weights need timm and torchvision ({error}): pip install timm torchvision"
        ) from error
    return timm


def _declare() -> None:
    library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name in ("nms", "qnms"):
        library.define(f"{name}{_SCHEMA}")
    _declared.append(library)

"""Memory that a process keeps for its next batch instead of giving it back after each one."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""What the GNU C library calls them (mallopt(3))."""

KEPT_BYTES = 1 << 29
LARGEST_BYTES = 32 << 20
"""Larger pieces come from the system each time, whatever is asked for."""


def keep_memory() -> bool:
    """Let this process keep up to 512 MiB that it has freed, where the GNU C library is in charge.

    A training step makes and drops tensors of some megabytes. By default their pages go back to the system and come
    again, zeroed, in each batch. Nothing that is computed changes. For a process that trains; call it once.

    Returns
    -------
    bool
        Whether it could be asked for.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    asked = (set_option(MMAP_THRESHOLD, LARGEST_BYTES), set_option(TRIM_THRESHOLD, KEPT_BYTES))
    return asked == (1, 1)

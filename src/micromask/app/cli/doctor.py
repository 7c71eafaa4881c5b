"""`micromask doctor`: what is installed, what works, what is missing and how to get it."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, distributions, version

from rich.table import Table
from rich.text import Text

from micromask.app.cli.talk import out

PARTS = ("numpy", "av", "torch", "dlib-bin", "pandas", "pyarrow", "plotly", "safetensors", "scikit-image", "scipy")
OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")


def doctor_command() -> None:
    """Say what is installed, which devices and detectors work, what is missing and how to get it."""
    from micromask import __version__
    from micromask.faces.detect import describe_detectors
    from micromask.inference.recognise import load_recognizer

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("part", "state", "what to know"):
        table.add_column(name, overflow="fold")
    problems = 0

    def row(part: str, good: bool | None, what: str) -> None:
        nonlocal problems
        problems += good is False
        state = {True: ("works", "green"), False: ("broken", "bold red"), None: ("missing", "yellow")}[good]
        table.add_row(Text(part), Text(state[0], style=state[1]), Text(what))

    row(
        "micromask",
        True,
        f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )
    for part in PARTS:
        try:
            row(part, True, version(part))
        except PackageNotFoundError:
            row(part, False, f"not installed: pip install {part}")
    row("OpenCV", *_opencv())
    row("device", True, _device())
    row("video", *_video())
    for each in describe_detectors():
        row(f"detector {each.name}", True if each.works else None, each.note)
    recognizer = load_recognizer()
    row("recogniser", True, recognizer.describe)
    out().print(table)
    if problems:
        sys.exit(1)


def _opencv() -> tuple[bool, str]:
    installed = sorted(
        f"{name} {dist.version}"
        for dist in distributions()
        if (name := (dist.metadata["Name"] or "").lower()) in OPENCV
    )
    if len(installed) > 1:
        return False, (
            f"{len(installed)} variants overwrite each other: {', '.join(installed)}; "
            f"uninstall all and install opencv-contrib-python-headless<5 alone"
        )
    import cv2

    if not hasattr(cv2, "optflow"):
        return False, "cv2 has no optflow: install opencv-contrib-python-headless<5 alone"
    return True, installed[0] if installed else f"cv2 {cv2.__version__}"


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return f"GPU: {torch.cuda.get_device_name()}"
    if torch.backends.mps.is_available():
        return "GPU: Apple (MPS)"
    return "CPU; no GPU is needed to analyse film"


def _video() -> tuple[bool, str]:
    import av

    wanted = ("h264", "hevc", "vp8", "vp9", "av1", "mjpeg", "mpeg4", "prores")
    have = [name for name in wanted if name in av.codecs_available]
    lacking = sorted(set(wanted) - set(have))
    return bool(have), f"reads {', '.join(have)}" + (f"; not {', '.join(lacking)}" if lacking else "")

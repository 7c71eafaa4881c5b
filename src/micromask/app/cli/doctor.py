"""`micromask doctor`: what is installed, what works, what is missing and how to get it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distributions, version

from rich.table import Table
from rich.text import Text

from micromask.app.cli.batch import finish
from micromask.app.cli.talk import out, show_table

PARTS = {
    "numpy": "numpy",
    "scipy": "scipy",
    "av": "av",
    "torch": "torch",
    "dlib-bin": "dlib",
    "scikit-image": "skimage.data",
    "safetensors": "safetensors",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "plotly": "plotly",
    "jinja2": "jinja2",
    "pympi-ling": "pympi",
}
"""Packages and the modules that they bring."""

OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")
OPTIONAL_DETECTORS = ("mediapipe",)
GOOD, BROKEN, MISSING = "works", "broken", "missing"
STYLES = {GOOD: "green", BROKEN: "bold red", MISSING: "yellow"}


def doctor_command() -> None:
    """Say what is installed, which devices and detectors work, what is missing and how to get it."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("part", "state", "what to know"):
        table.add_column(name, overflow="fold")
    problems = 0
    for part, state, what in _examined():
        problems += state == BROKEN
        table.add_row(Text(part), Text(state, style=STYLES[state]), Text(what))
    show_table(table)
    out().print(Text(f"{problems} broken" if problems else "everything that is needed works"))
    finish(1 if problems else 0)


def _examined() -> Iterator[tuple[str, str, str]]:
    """Part, state and what to know of everything that an analysis needs; what breaks does not hide the rest."""
    from micromask import __version__

    yield (
        "micromask",
        GOOD,
        f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )
    for part, module in PARTS.items():
        yield part, *_tried(lambda part=part, module=module: _package(part, module))  # type: ignore[misc]
    for name, check in (("OpenCV", _opencv), ("device", _device), ("video", _video)):
        yield name, *_tried(check)
    yield from _detectors()
    yield "recogniser", *_tried(_recogniser)


def _tried(check: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a doctor says what broke, whatever it was
        return BROKEN, f"{type(error).__name__}: {error}"


def _package(part: str, module: str) -> tuple[str, str]:
    try:
        installed = version(part)
    except PackageNotFoundError:
        return BROKEN, f"not installed: pip install {part}"
    import_module(module)
    return GOOD, installed


def _opencv() -> tuple[str, str]:
    installed = sorted(
        f"{name} {dist.version}"
        for dist in distributions()
        if (name := (dist.metadata["Name"] or "").lower()) in OPENCV
    )
    mend = "pip install --force-reinstall 'opencv-contrib-python-headless<5'"
    if len(installed) > 1:
        names = " ".join(one.split()[0] for one in installed)
        return BROKEN, (
            f"{len(installed)} variants overwrite each other: {', '.join(installed)}; "
            f"pip uninstall -y {names}, then {mend}"
        )
    import cv2

    if not hasattr(cv2, "optflow"):
        return BROKEN, f"{installed[0] if installed else 'cv2'} has no optflow: {mend}"
    return GOOD, installed[0] if installed else f"cv2 {cv2.__version__}"


def _device() -> tuple[str, str]:
    import torch

    if torch.cuda.is_available():
        return GOOD, f"GPU: {torch.cuda.get_device_name()}"
    if torch.backends.mps.is_available():
        return GOOD, "GPU: Apple (MPS)"
    return GOOD, "CPU; no GPU is needed to analyse film"


def _video() -> tuple[str, str]:
    import av

    wanted = ("h264", "hevc", "vp8", "vp9", "av1", "mjpeg", "mpeg4", "prores")
    have = [name for name in wanted if name in av.codecs_available]
    lacking = sorted(set(wanted) - set(have))
    what = f"reads {', '.join(have)}" + (f"; not {', '.join(lacking)}" if lacking else "")
    return GOOD if "h264" in have else BROKEN, what


def _detectors() -> Iterator[tuple[str, str, str]]:
    try:
        from micromask.faces.detect import describe_detectors

        states = describe_detectors()
    except Exception as error:  # noqa: BLE001 - the same
        yield "detectors", BROKEN, f"{type(error).__name__}: {error}"
        return
    for each in states:
        bad = MISSING if each.name in OPTIONAL_DETECTORS else BROKEN
        yield f"detector {each.name}", GOOD if each.works else bad, each.note


def _recogniser() -> tuple[str, str]:
    from micromask.inference.recognise import load_recognizer

    return GOOD, load_recognizer().describe

"""`micromask doctor`: what works, what is missing, how to get it."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError
from types import SimpleNamespace

import pytest

from micromask.app.cli import doctor


@pytest.fixture
def quick(monkeypatch):
    """Without the detectors, which take seconds and are looked at in one test."""
    monkeypatch.setattr(doctor, "_detectors", lambda: iter(()))


def row(out: str, part: str) -> str:
    (line,) = [line for line in out.splitlines() if line.startswith(f"{part} ")]
    return line


def test_doctor_finds_everything_that_is_needed(micromask):
    done = micromask("doctor")
    assert done.code == 0, done.out
    for part in ("micromask", "torch", "OpenCV", "device", "video", "recogniser"):
        assert " works " in row(done.out, part)
    for name in ("haar", "dlib", "mtcnn"):
        assert row(done.out, f"detector {name}").endswith("found the portrait's face")
    assert "h264" in row(done.out, "video")
    assert done.out.splitlines()[-1] == "everything that is needed works"


def test_doctor_says_how_to_get_mediapipe(micromask, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mediapipe", None)
    done = micromask("doctor")
    assert done.code == 0
    assert " missing " in row(done.out, "detector mediapipe")
    assert "pip install 'micromask[mediapipe]'" in row(done.out, "detector mediapipe")


def test_doctor_names_two_variants_of_opencv_and_the_way_out(micromask, quick, monkeypatch):
    def two() -> list[Distribution]:
        pairs = (("opencv-python", "4.11.0"), ("opencv-contrib-python-headless", "4.12.0"), ("numpy", "2.0"))
        return [SimpleNamespace(metadata={"Name": name}, version=version) for name, version in pairs]

    monkeypatch.setattr(doctor, "distributions", two)
    done = micromask("doctor")
    assert done.code == 1
    line = row(done.out, "OpenCV")
    assert "broken" in line
    assert "opencv-contrib-python-headless 4.12.0, opencv-python 4.11.0" in line
    assert "pip install --force-reinstall 'opencv-contrib-python-headless<5'" in line
    assert done.out.splitlines()[-1] == "1 broken"


def test_doctor_names_a_package_that_is_missing_and_looks_at_the_rest(micromask, quick, monkeypatch):
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", missing)
    done = micromask("doctor")
    assert done.code == 1
    assert row(done.out, "torch").endswith("not installed: pip install torch")
    assert " works " in row(done.out, "recogniser")


def test_doctor_survives_a_package_that_breaks_on_import(micromask, quick, monkeypatch):
    def broken(name: str) -> None:
        raise ImportError(f"lib{name}.so: cannot open shared object file")

    monkeypatch.setattr(doctor, "import_module", broken)
    done = micromask("doctor")
    assert done.code == 1
    assert row(done.out, "plotly").endswith("ImportError: libplotly.so: cannot open shared object file")

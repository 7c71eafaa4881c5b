"""The script that makes the shipped recogniser, on invented maps and on the real ones."""

import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from micromask.inference.recognise import NAME, SHIPPED, load_recognizer, recognise

SCRIPT = Path(__file__).parents[2] / "scripts" / "train_recognizer.py"
DIRECTIONS = {"negative": 60, "positive": 180, "surprise": 300}


def invent(folder: Path) -> np.ndarray:
    """Six invented people in two invented data sets, two maps an emotion, each emotion in its own direction."""
    rng = np.random.default_rng(0)
    (folder / "maps").mkdir(parents=True)
    rows, maps = ["dataset,subject,clip,emotion,file"], []
    for person in range(6):
        for emotion, degrees in DIRECTIONS.items():
            for number in range(2):
                picture = rng.integers(95, 106, (28, 28, 3), np.uint8)
                angle = np.deg2rad(degrees)
                picture[6:20, 10:18, :2] = 100 + 60 * np.array([np.cos(angle), np.sin(angle)])
                file = f"maps/{person}_{emotion}_{number}.png"
                cv2.imwrite(str(folder / file), picture[:, :, ::-1])
                rows.append(f"set{person % 2},p{person},{emotion}{number},{emotion},{file}")
                maps.append(picture)
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return np.stack(maps)


@pytest.fixture
def train(monkeypatch):
    """The script's main on a folder of maps, in this process; torch's switches are put back."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    before = set(sys.modules)

    def run(maps: Path, out: Path) -> None:
        asked = ["--maps", str(maps), "--out", str(out), "--work", str(out / "work"), "--weights-only"]
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *asked])
        runpy.run_path(str(SCRIPT), run_name="__main__")

    yield run
    torch.use_deterministic_algorithms(False)
    for name in set(sys.modules) - before:
        if name.startswith("recognizer_"):
            del sys.modules[name]


def test_the_same_maps_give_the_same_bytes_and_a_recogniser_that_reads_them(train, tmp_path):
    pytest.importorskip("sklearn")
    maps = invent(tmp_path / "data")
    for run in ("one", "two"):
        train(tmp_path / "data", tmp_path / run)
    one, two = (tmp_path / run / f"{NAME}.safetensors" for run in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    found = load_recognizer(one)
    said = recognise(found, maps).argmax(axis=1).reshape(6, 3, 2)
    assert (said == np.arange(3)[None, :, None]).all()
    assert found.card["metrics"]["loso"]["uf1"]["value"] == 1
    assert found.card["training_data"]["subjects"] == 6


def test_a_folder_without_maps_is_one_clear_line(train, tmp_path):
    with pytest.raises(SystemExit, match=r"^train_recognizer: flow-table: no annotation sheet in"):
        train(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.shared
@pytest.mark.slow
def test_the_shipped_weights_are_made_again(train, tmp_path, shared):
    pytest.importorskip("sklearn")
    train(shared / "data" / "megc-flow", tmp_path)
    made, shipped = load_recognizer(tmp_path / f"{NAME}.safetensors"), load_recognizer()
    # On the machine that made the shipped file the bytes are equal; elsewhere the last digits may differ.
    if (tmp_path / f"{NAME}.safetensors").read_bytes() != SHIPPED.read_bytes():
        maps = np.random.default_rng(0).integers(0, 256, (50, 28, 28, 3), np.uint8)
        np.testing.assert_allclose(recognise(made, maps), recognise(shipped, maps), atol=2e-3)
        told, ours = (recognizer.card["metrics"]["loso"] for recognizer in (made, shipped))
        for name in ("uf1", "uar"):
            assert told[name]["value"] == pytest.approx(ours[name]["value"], abs=0.005)
